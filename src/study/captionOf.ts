import type { ExperimentPlan } from './experimentPlan.ts';
import type { Caption } from './measures/similarity.ts';

/** What pictures are compared with: the labels of the edits, or the prompt where they name none. */
export function captionOf({ labels }: Pick<ExperimentPlan, 'labels'>, prompt: string): Caption {
  return labels.length > 0 ? { text: labels.join(', '), source: 'labels' } : { text: prompt, source: 'prompt' };
}
