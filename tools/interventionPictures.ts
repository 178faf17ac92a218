import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { ExperimentOutcome } from '../src/study/outcome.ts';
import { gridSvg } from './paper/gridSvg.ts';
import { runSpec } from './paper/runSpecs.ts';

/** `npm run docs:interventions`: runs examples/operations and makes the pictures of docs/interventions.md of what comes out. */

const root = resolve(import.meta.dirname, '../..');
const out = join(root, 'docs', 'interventions');

/** Pictures of docs/interventions.md: which experiments of a spec stand beside the unedited run, under which names. */
const strips: Readonly<Record<string, { readonly spec: string; readonly title: string; readonly experiments: Readonly<Record<string, string>> }>> = {
  operations: { spec: 'things', title: 'Operations', experiments: { add: 'add: 1', set: 'set: 1', 'scale -2': 'scale: -2', 'scale 2': 'scale: 2', ablate: 'ablate' } },
  regions: { spec: 'things', title: 'Regions', experiments: { 'where: right': 'right', 'where: box': 'box', 'where: polygon': 'polygon', 'where: mask': 'mask', 'where: concept': 'concept' } },
  elsewhere: { spec: 'things', title: 'Outside the region', experiments: { 'elsewhere keep': 'keep', 'elsewhere ablate': 'ablate' } },
  windows: { spec: 'style', title: 'Windows', experiments: { 'during: early': 'early', 'during: middle': 'middle', 'during: late': 'late', 'during: from 0.8 to 0.4': 't 0.8 to 0.4', 'during: steps 5 to 7': 'steps 5 to 7' } },
  units: { spec: 'style', title: 'Units', experiments: { 'unit: raw': 'raw: 0.22', 'unit: mean': 'mean: 0.2', 'unit: norm': 'norm: 0.035', 'unit: share': 'share: 9' } },
  branches: { spec: 'style', title: 'Branches', experiments: { 'branch: cond': 'cond', 'branch: uncond': 'uncond', 'branch: both': 'both', 'branch: contrast': 'contrast' } },
};

await mkdir(out, { recursive: true });
const outcomes = new Map<string, readonly ExperimentOutcome[]>();
for (const spec of ['things', 'style']) {
  outcomes.set(spec, (await runSpec(join(root, 'dist', 'cli.mjs'), join(root, 'examples', 'operations', `${spec}.dmi.json`))).experiments);
}
for (const [name, { spec, title, experiments }] of Object.entries(strips)) {
  const chosen = Object.keys(experiments).map((experiment) => outcomeOf(spec, experiment));
  await write(name, title, ['unedited', ...Object.values(experiments)], [chosen[0].baseline[0].folder, ...chosen.map(({ edited }) => edited[0].folder)]);
}
const { baseline, edited, controls } = outcomeOf('things', 'with controls');
const short = { identity: 'identity', 'random-concept': 'random', 'shuffled-region': 'shuffled' } as const;
await write('controls', 'Controls', ['unedited', 'edited', ...controls.map(({ control, draw }) => (control === 'identity' ? control : `${short[control]} ${draw + 1}`))],
  [baseline[0].folder, edited[0].folder, ...controls.map(({ runs }) => runs[0].folder)]);

function outcomeOf(spec: string, name: string): ExperimentOutcome {
  const found = outcomes.get(spec)?.find((outcome) => outcome.name === name);
  if (found === undefined) throw new Error(`examples/operations/${spec}.dmi.json has no experiment "${name}"`);
  return found;
}

async function write(name: string, title: string, columns: readonly string[], folders: readonly (string | null)[]): Promise<void> {
  const pictures = await Promise.all(folders.map(async (folder) => (folder === null ? undefined : await readFile(join(folder, 'image.png')))));
  const path = join(out, `${name}.svg`);
  await writeFile(path, gridSvg({ title, caption: '', columns, rows: [{ name: '', pictures }] }));
  console.log(relative(process.cwd(), path));
}
