import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { buildReport } from './paper/buildReport.ts';
import { gridSvg } from './paper/gridSvg.ts';
import { paperMarkdown } from './paper/paperMarkdown.ts';
import { paperPage } from './paper/paperPage.ts';
import { RunFailed, runSpec } from './paper/runSpecs.ts';
import type { SpecOutcomes } from './paper/runSpecs.ts';

/**
 * `npm run study:paper`: runs every spec of examples/paper and writes what they come to, beside the paper's numbers, to .dmi/reports/paper there. Whatever ended it, the next
 * call goes on: stored runs are not computed again. `npm run study:paper -- --docs` writes docs/paper.md and its pictures anew, too.
 */

const root = resolve(import.meta.dirname, '../..');
const folder = join(root, 'examples', 'paper');
const cli = join(root, 'dist', 'cli.mjs');

const files = (await readdir(folder)).filter((name) => name.endsWith('.dmi.json')).sort();
const started = performance.now();
const specs = new Map<string, SpecOutcomes>();
try {
  for (const [index, name] of files.entries()) {
    const before = performance.now();
    console.error(`${name} (${index + 1} of ${files.length})`);
    specs.set(join(folder, name), await runSpec(cli, join(folder, name)));
    console.error(`  ${((performance.now() - before) / 1000).toFixed(0)} s`);
  }
  const report = await buildReport(specs, { root, saes: join(root, 'models', 'scenes', 'saes') });
  const out = join(folder, '.dmi', 'reports', 'paper');
  await mkdir(out, { recursive: true });
  await writeFile(join(out, 'report.html'), paperPage(report));
  await writeFile(join(out, 'report.md'), paperMarkdown(report, () => undefined));
  if (process.argv.includes('--docs')) await writeDocs(report);
  for (const { verdicts } of report.sections) for (const { answer, claim, here } of verdicts) console.log(`${answer.padEnd(10)} ${claim}: ${here}`);
  console.log(`report  ${relative(process.cwd(), join(out, 'report.html'))}\ntook ${((performance.now() - started) / 1000).toFixed(0)} s`);
} catch (error) {
  if (!(error instanceof RunFailed)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}

/** docs/paper.md with the first two grids of every section: more pictures would weigh more than they tell. */
async function writeDocs(report: Awaited<ReturnType<typeof buildReport>>): Promise<void> {
  const pictures = join(root, 'docs', 'paper');
  await mkdir(pictures, { recursive: true });
  const names = new Map(report.sections.flatMap(({ grids }) => grids.slice(0, 2)).map((grid) => [grid, `${grid.title.toLowerCase().replace(/[^a-z]+/g, '-').replace(/^-|-$/g, '')}.svg`]));
  for (const [grid, name] of names) await writeFile(join(pictures, name), gridSvg(grid));
  await writeFile(join(root, 'docs', 'paper.md'), paperMarkdown(report, (grid) => (names.has(grid) ? `paper/${names.get(grid)}` : undefined)));
}
