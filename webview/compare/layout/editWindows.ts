import type { EditDefinition } from '../../../src/experiment/editDefinition.ts';

/** A stretch of columns in which any edit acts. */
export interface EditWindow {
  /** Columns [from, to). */
  readonly from: number;
  readonly to: number;
  /** Steps at its ends. */
  readonly first: number;
  readonly last: number;
}

/** Where edits act along the axis, those that overlap as one. @param steps [columns]: recorded steps */
export function editWindows(edits: readonly Pick<EditDefinition, 'steps'>[], steps: readonly number[]): EditWindow[] {
  const acting = new Set(edits.flatMap((edit) => edit.steps));
  const windows: EditWindow[] = [];
  steps.forEach((step, column) => {
    if (!acting.has(step)) return;
    const last = windows.at(-1);
    if (last?.to === column) windows[windows.length - 1] = { ...last, to: column + 1, last: step };
    else windows.push({ from: column, to: column + 1, first: step, last: step });
  });
  return windows;
}
