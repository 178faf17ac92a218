import { time } from '../../kit/numbers.ts';
import type { PanelStore } from '../panelStore.ts';

/** `step 7 of 30 (t 0.77)`. */
export function stepText({ model, data, texts }: PanelStore, column: number): string {
  const step = column < 0 ? undefined : model?.axis.steps.at(column);
  return step === undefined || model === null || data === null ? texts.noStep : texts.step(step, data.totalSteps, time(model.axis.t[column]));
}
