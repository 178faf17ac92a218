import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { PartResults } from '../../../src/editor/lenses/partResults.ts';
import type { SpecPart } from '../../../src/editor/lenses/outlineOf.ts';
import { experimentFolder, sweepFolder } from '../../../src/study/outcomeFolders.ts';
import { fakeOutcome } from '../../support/fakeOutcome.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const push: SpecPart = { kind: 'experiments', name: 'push' };
const when: SpecPart = { kind: 'sweeps', name: 'when' };
const parts = [push, when, { kind: 'studies', name: 'other' } as const];

let spec: string;
let dmi: string;
beforeEach(async () => {
  const folder = await temporaryFolder();
  spec = join(folder, 'house.dmi.json');
  dmi = join(folder, '.dmi');
});
const fileOf = ({ kind, name }: SpecPart): string => (kind === 'sweeps' ? join(sweepFolder(dmi, spec, name), 'sweep.json') : join(experimentFolder(dmi, spec, name), 'experiment.json'));
async function store(part: SpecPart, value: unknown): Promise<void> {
  await mkdir(dirname(fileOf(part)), { recursive: true });
  await writeFile(fileOf(part), JSON.stringify(value));
}

it('a request without change touches no file, of outcomes that are missing either', async () => {
  const touched: string[] = [];
  const results = new PartResults((file) => {
    touched.push(file);
    return Promise.resolve(file.endsWith('sweep.json') ? { expected: 0, failed: 0 } : undefined);
  });
  const first = await results.of(spec, parts);
  expect([first(push), first(when)]).toEqual([undefined, { expected: 0, failed: 0 }]);
  expect(touched.splice(0)).toEqual([fileOf(push), fileOf(when)]);
  for (let request = 0; request < 40; request++) expect((await results.of(spec, parts))(when)).toEqual({ expected: 0, failed: 0 });
  expect(touched).toEqual([]);

  results.forget(fileOf(push));
  await results.of(spec, parts);
  expect(touched.splice(0)).toEqual([fileOf(push)]);
  results.forget(`${dmi}-other`);
  await results.of(spec, parts);
  expect(touched).toEqual([]);
  results.forget(dmi); // a job has ended, or the folder has gone as a whole
  await results.of(spec, parts);
  expect(touched).toEqual([fileOf(push), fileOf(when)]);
});

it('reads outcomes anew once they were forgotten', async () => {
  const results = new PartResults();
  expect((await results.of(spec, parts))(push)).toBeUndefined();
  await store(push, fakeOutcome({ expectations: [{ measure: 'presence:house', min: 1, value: 0.75, passed: false, reason: '' }] }));
  await store(when, {});
  results.forget(dmi);
  const told = await results.of(spec, parts);
  expect(told(push)).toMatchObject({ headline: { measure: 'presence:house', value: 0.75, n: 2 }, expected: 1, failed: 1 });
  expect(told(when)).toEqual({ expected: 0, failed: 0 });
  await rm(dmi, { recursive: true });
  results.forget(dmi);
  expect((await results.of(spec, parts))(push)).toBeUndefined();
});
