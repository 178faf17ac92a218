import './elements.ts';
import type { JSX, Ref } from 'preact';

interface SearchFieldProps {
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly fieldRef?: Ref<HTMLElement>;
}

/** A line of text that finds something. */
export function SearchField({ label, hint, value, onInput, onKeyDown, fieldRef }: SearchFieldProps): JSX.Element {
  return (
    <vscode-textfield
      type="search" label={label} placeholder={label} title={hint} value={value} ref={fieldRef ?? null}
      onInput={(event) => { onInput(event.currentTarget.value); }}
      onKeyDown={onKeyDown}
    />
  );
}
