import type { JSX } from 'preact';

interface SelectProps<V extends string> {
  readonly label: string;
  readonly value: V;
  readonly options: readonly { readonly value: V; readonly text: string }[];
  readonly onChange: (value: V) => void;
  /** The label stands before it; else it is only spoken. */
  readonly labelled?: boolean;
}

/** One of several. */
export function Select<V extends string>({ label, value, options, onChange, labelled = false }: SelectProps<V>): JSX.Element {
  return (
    <label class="kit-select">
      {labelled && <span>{label}</span>}
      <select
        aria-label={labelled ? undefined : label} value={value}
        onChange={({ currentTarget }) => {
          const option = options.at(currentTarget.selectedIndex);
          if (option !== undefined) onChange(option.value);
        }}
      >
        {options.map((option) => <option key={option.value} value={option.value} selected={option.value === value}>{option.text}</option>)}
      </select>
    </label>
  );
}
