import './elements.ts';
import type { JSX } from 'preact';

interface CheckboxProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off. */
export function Checkbox({ label, checked, onChange }: CheckboxProps): JSX.Element {
  return (
    <vscode-checkbox checked={checked} aria-label={label} onChange={(event) => { onChange(event.currentTarget.checked); }}>
      {label}
    </vscode-checkbox>
  );
}
