import type { JSX } from 'preact';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  readonly unit?: string;
  readonly onChange: (value: number) => void;
}

/** A number to type. What is no number, or beyond the bounds, changes nothing and is put back. */
export function NumberField({ label, value, min, max, step = 1, unit, onChange }: NumberFieldProps): JSX.Element {
  return (
    <label class="kit-number">
      <span>{label}</span>
      <input
        type="number" value={value} min={min} max={max} step={step}
        onChange={({ currentTarget }) => {
          if (currentTarget.value !== '' && currentTarget.validity.valid) onChange(currentTarget.valueAsNumber);
          else currentTarget.value = String(value);
        }}
      />
      {unit !== undefined && <span>{unit}</span>}
    </label>
  );
}
