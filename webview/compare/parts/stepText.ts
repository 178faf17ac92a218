import { time } from '../../kit/numbers.ts';
import type { CompareStore } from '../compareStore.ts';

/** `step 7 of 30 (t 0.77)`. */
export function stepText({ model, texts }: CompareStore, column: number): string {
  const step = column < 0 ? undefined : model?.axis.steps.at(column);
  return step === undefined || model === null ? texts.noStep : texts.step(step, model.axis.totalSteps, time(model.axis.t[column]));
}
