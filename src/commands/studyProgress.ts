import type { StudyOptions } from '../study/runExperiments.ts';
import type { Progress } from './progress.ts';

/** Shows where a study stands: computing runs, looking at them once more, measuring them. */
export function studyProgress(progress: Progress): Pick<StudyOptions, 'onStep' | 'onInspected' | 'onMeasured'> {
  return {
    onStep: ({ plan: { definition: { sample: { seed } } }, role, done, total }) => {
      progress.update(`${role === 'baseline' ? '' : `${role}, `}seed ${seed}, step`, done, total);
    },
    onInspected: (done, total) => { progress.update('looking at run', done, total); },
    onMeasured: (done, total) => { progress.update('measuring variant', done, total); },
  };
}
