import type { SweepOutcome } from '../../study/outcome.ts';

/** Variants over axes, whatever is known of each. */
interface Sweep {
  readonly axes: SweepOutcome['axes'];
  readonly cells: readonly { readonly at: readonly number[] }[];
}

/** An axis of a sweep as it is read. */
export interface ShownAxis {
  /** e.g. `during`; with the number of its edit where several edits are varied. */
  readonly name: string;
  readonly values: readonly string[];
  /** Its values are windows of time. */
  readonly isWindow: boolean;
}

/** Longer values are cut. */
const longest = 40;

/** The axes of a sweep with names and values to read. */
export function shownAxes(axes: Sweep['axes']): ShownAxis[] {
  const parts = axes.map(({ pointer }) => pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')));
  const last = parts.map((path) => path.at(-1) ?? '');
  return axes.map(({ values }, index) => {
    const twice = last.indexOf(last[index]) !== last.lastIndexOf(last[index]);
    const number = parts[index].at(-2);
    return {
      name: twice && number !== undefined && /^\d+$/.test(number) ? `${last[index]} ${Number(number) + 1}` : last[index],
      values: values.map(valueText), isWindow: last[index] === 'during',
    };
  });
}

/** A value as a person would write it: windows and regions without brackets. */
function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : isWindow(value) ? `t ${value.from} – ${value.to}` : isSteps(value) ? `${value.steps[0]} – ${value.steps[1]}` : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

function isWindow(value: unknown): value is { from: number; to: number } {
  return typeof value === 'object' && value !== null && 'from' in value && 'to' in value && typeof value.from === 'number' && typeof value.to === 'number';
}

function isSteps(value: unknown): value is { steps: [number, number] } {
  return typeof value === 'object' && value !== null && 'steps' in value && Array.isArray(value.steps) && value.steps.length === 2;
}

/** Which axes lie down and across, and which value the others have. */
export interface Slice {
  readonly rows: number;
  /** null: the sweep has one axis. */
  readonly columns: number | null;
  /** [axes]: value of those that are neither. */
  readonly fixed: readonly number[];
}

/** The cells of a slice, [rows][columns]; null where there is none. */
export function cellsOfSlice({ axes, cells }: Sweep, { rows, columns, fixed }: Slice): (number | null)[][] {
  const down = axes[rows].values.length;
  const across = columns === null ? 1 : axes[columns].values.length;
  const byPlace = new Map(cells.map(({ at }, index) => [at.join(), index]));
  return Array.from({ length: down }, (_, row) => Array.from({ length: across }, (_, column) => {
    const at = axes.map((_, axis) => (axis === rows ? row : axis === columns ? column : fixed[axis]));
    return byPlace.get(at.join()) ?? null;
  }));
}
