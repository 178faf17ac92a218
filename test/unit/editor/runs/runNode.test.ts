import { describe, expect, it } from 'vitest';
import { idOf, nodesMeant, onceEach, runsOf, type RunNode } from '../../../../src/editor/runs/runNode.ts';
import { specFolderOf } from '../../../../src/editor/runs/specFolderOf.ts';
import { groupByQuestion } from '../../../../src/experiment/runCatalogue.ts';
import { fakeSummary } from '../../../support/fakeSummary.ts';

const [a, b, other] = [fakeSummary({ seed: 0 }), fakeSummary({ seed: 1 }), fakeSummary({ seed: 0, prompt: 'a tree' })];
const question = (...runs: (typeof a)[]): RunNode => ({ kind: 'question', question: groupByQuestion(runs)[0] });

describe('rows', () => {
  it('keep their name when the view is filled anew, and share it with no other', () => {
    const rows = (): RunNode[] => [
      { kind: 'group', group: 'runs' }, question(a, b), { kind: 'run', run: a, under: 'question' }, { kind: 'run', run: a, under: 'spec' },
      { kind: 'run', run: other, under: 'runs' }, { kind: 'damaged', run: { kind: 'damaged', folder: a.folder, damage: 'incomplete' } }, { kind: 'more', left: 3 },
      { kind: 'model', folder: '/m', builtin: true }, { kind: 'note', parent: '/m', text: 'x' },
    ];
    expect(rows().map(idOf)).toEqual(rows().map(idOf));
    expect(new Set(rows().map(idOf)).size).toBe(rows().length);
    expect(idOf(question(fakeSummary({ seed: 9 }), a, b))).toBe(idOf(question(a, b)));
    expect(idOf(question(fakeSummary({ specFolder: '/elsewhere' })))).not.toBe(idOf(question(a)));
  });

  it('stand for their runs, each of them once', () => {
    const nodes = [question(a, b), { kind: 'run', run: a, under: 'question' }, { kind: 'group', group: 'specs' }] as const;
    expect(onceEach(nodes.flatMap(runsOf)).map(({ folder }) => folder).sort()).toEqual([a.folder, b.folder].sort());
  });

  it('are meant by a command when they are selected with the one that was clicked', () => {
    const [one, two, three] = [a, b, other].map((run): RunNode => ({ kind: 'run', run, under: 'runs' }));
    expect(nodesMeant(one, [one, two], [])).toEqual([one, two]);
    expect(nodesMeant(three, [one, two], [])).toEqual([three]);
    expect(nodesMeant(three, undefined, [one])).toEqual([three]);
    expect(nodesMeant(undefined, undefined, [one, two])).toEqual([one, two]);
  });
});

it.each([
  ['/w/specs/.dmi', '/w/specs'], ['/w/specs/.dmi/runs', '/w/specs'], ['/w/.dmi/runs/0123/run.json', '/w'], ['C:\\w\\.dmi\\runs\\0123', 'C:\\w'], ['/.dmi/runs', '/'],
  ['/w/.dmi/runs/.partial-0123-1-2-3', undefined], ['/w/.dmi/runs/.partial-0123-1-2-3/run.json', undefined], ['/w/.dminor/runs', undefined], ['/w/a.dmi/runs', undefined],
])('finds the folder of specs of %s', (path, folder) => {
  expect(specFolderOf(path)).toBe(folder);
});
