import type { StudyOptions } from '../study/runExperiments.ts';
import type { Terminal } from './command.ts';
import type { Progress } from './progress.ts';

/** Shows where a study stands: computing runs, looking at them once more, measuring them; and tells of each outcome as soon as it stands in its file. */
export function studyProgress(progress: Progress, terminal: Pick<Terminal, 'err'>): Pick<StudyOptions, 'onLoaded' | 'onStep' | 'onInspected' | 'onMeasured' | 'onExperiment' | 'onSweep'> {
  const tell = (text: string): void => {
    progress.end();
    terminal.err(`${text.replace(/\p{C}/gu, '\ufffd')}\n`);
  };
  return {
    onLoaded: (calls) => { progress.update('step', 0, calls); }, // from here on the first step is timed
    onStep: ({ plan: { definition: { sample: { seed } } }, role, done, total }) => {
      progress.update(`${role === 'baseline' ? '' : `${role}, `}seed ${seed}, step`, done, total);
    },
    onInspected: (done, total) => { progress.update('looking at run', done, total, 'looking'); },
    onMeasured: (done, total) => { progress.update('measuring variant', done, total, 'measuring'); },
    onExperiment: ({ outcome: { name }, folder }) => { tell(`experiment ${name}: done, ${folder}`); },
    onSweep: ({ outcome: { name }, folder }) => { tell(`sweep ${name}: done, ${folder}`); },
  };
}
