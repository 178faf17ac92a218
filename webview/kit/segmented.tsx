import { useId } from 'preact/hooks';
import type { JSX } from 'preact';

interface SegmentedProps<V extends string> {
  readonly label: string;
  /** null where none of them holds. */
  readonly value: V | null;
  readonly options: readonly { readonly value: V; readonly text: string }[];
  readonly onChange: (value: V) => void;
}

/** One of a few, all in sight. */
export function Segmented<V extends string>({ label, value, options, onChange }: SegmentedProps<V>): JSX.Element {
  const name = useId();
  return (
    <fieldset class="kit-segmented">
      <legend>{label}</legend>
      <span class="kit-segments">
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => { onChange(option.value); }} />
            <span>{option.text}</span>
          </label>
        ))}
      </span>
    </fieldset>
  );
}
