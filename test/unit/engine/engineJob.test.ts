import { expect, it } from 'vitest';
import { EngineJob } from '../../../src/engine/engineJob.ts';
import type { PartAnswer } from '../../../src/engine/protocol.ts';

it('tells of each outcome while others are in the making, and keeps what it told when it ends otherwise', () => {
  const job = new EngineJob({ id: '1', file: '/a.dmi.json', text: '', target: 'all' }, () => undefined, (error) => { throw error; });
  const seen: (readonly string[])[] = [];
  job.onDidChange(() => { seen.push(job.parts.map(({ name }) => name)); });
  const part = (name: string): PartAnswer => ({ kind: 'experiments', name, file: `/${name}.json`, expected: 0, failed: 0 });
  job.finishPart(part('a'));
  job.finishPart(part('b'));
  job.setState({ kind: 'cancelled' });
  expect(seen).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
});
