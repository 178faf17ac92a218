import { describe, expect, it } from 'vitest';
import { generate } from '../../webview/timeline/generate.ts';
import { newestColumn, runsShown, runsSummed } from '../../webview/timeline/model/runsInSight.ts';
import { createModel } from '../../webview/timeline/model/timelineModel.ts';
import { countOfRuns, nameOfRun } from '../../webview/timeline/runNames.ts';
import { textsOf } from '../../webview/timeline/texts.ts';
import { firstView } from '../../webview/timeline/view.ts';
import type { View } from '../../webview/timeline/view.ts';
import { withoutWhatIsGone } from '../../webview/timeline/withoutWhatIsGone.ts';
import type { PanelState } from '../../webview/protocol.ts';

const done: PanelState = { kind: 'done', seconds: 1, cached: false };
const running = (seed: number): PanelState => ({ kind: 'running', seed, step: 3, done: 4, total: 20, secondsLeft: null });
const model = createModel(generate({ steps: 10, seeds: 3, filled: [10, 4, 0] }));

describe('runs in sight', () => {
  it('are all, or the one that is chosen', () => {
    expect(runsShown(model, null)).toEqual([0, 1, 2]);
    expect(runsShown(model, model.runs[1].title)).toEqual([1]);
    expect(runsShown(model, 'gone')).toEqual([0, 1, 2]);
  });

  it('are summed when complete; while it runs, and where none is complete, as far as they have come', () => {
    expect(runsSummed(model, [0, 1, 2], done)).toEqual([0]);
    expect(runsSummed(model, [0, 1, 2], running(1))).toEqual([0, 1]);
    expect(runsSummed(model, [1, 2], done)).toEqual([1]);
  });

  it('have come to the column of the run on its way, else to the furthest', () => {
    expect(newestColumn(model, [0, 1, 2], done)).toBe(9);
    expect(newestColumn(model, [0, 1, 2], running(1))).toBe(3);
    expect(newestColumn(model, [0, 1, 2], running(2))).toBe(9);
    expect(newestColumn(model, [2], done)).toBe(-1);
  });
});

it('runs are named by their seed where that tells them apart', () => {
  const texts = textsOf('en');
  const [a, b] = [{ seed: 0, title: 'a house' }, { seed: 0, title: 'a tree' }];
  expect([nameOfRun([a, { ...b, seed: 1 }], 1, texts), countOfRuns([a, { ...b, seed: 1 }], 2, texts)]).toEqual(['seed 1', '2 seeds']);
  expect([nameOfRun([a, b], 1, texts), countOfRuns([a, b], 2, texts)]).toEqual(['a tree', '2 runs']);
});

it('a view of other data keeps what is there, and all as long as nobody knows the sites', () => {
  const [{ key, site }] = model.sites;
  const view: View = { ...firstView, chosen: { site: key, concept: site.n }, ticked: [{ site: key, concept: 1, colour: 0 }, { site: 'gone', concept: 1, colour: 1 }], run: 'gone', step: 9, open: [key, 'gone'] };
  expect(withoutWhatIsGone(view, model)).toEqual({ ...view, chosen: null, ticked: [{ site: key, concept: 1, colour: 0 }], run: null, open: [key] });
  expect(withoutWhatIsGone({ ...view, step: 10 }, model).step).toBeNull();
  expect(withoutWhatIsGone(view, { ...model, sites: [] })).toBe(view);
});
