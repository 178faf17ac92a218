import type { JSX } from 'preact';

interface SliderProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words. */
  readonly text: string;
  readonly onInput: (value: number) => void;
}

/** A number along a line. */
export function Slider({ label, value, min, max, step, text, onInput }: SliderProps): JSX.Element {
  return (
    <label class="kit-slider">
      <span>{label}</span>
      <input type="range" min={min} max={max} step={step} value={value} aria-valuetext={text} onInput={({ currentTarget }) => { onInput(currentTarget.valueAsNumber); }} />
    </label>
  );
}
