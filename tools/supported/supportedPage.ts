import type { SupportedRow, SupportedTables } from './supportedTests.ts';

/** What a table's tests show, and where what they need comes from. */
const about: Readonly<Record<string, { readonly heading: string; readonly column: string; readonly text: string }>> = {
  exports: {
    heading: 'Pipelines', column: 'a pipeline',
    text: 'Each is a tiny pipeline of the real classes with random weights, exported by the real tool ([recipe](../test/reference/exports.py)). Every site is found, and the rules that find it agree; updates Δ, latents and picture of a whole run equal PyTorch with hooks within 1e-4 (float16: 2e-2).',
  },
  schedulers: {
    heading: 'Schedulers', column: 'class, and its name in a spec',
    text: 'By the name of diffusers\' class, as `scheduler_config.json` gives it. Each equals diffusers over a grid of configurations (beta schedules, prediction types, spacings, offsets, 1 to 50 steps) within 1e-4 relative. [Which keys are read](schedulers.md).',
  },
  'SAE checkpoints': {
    heading: 'SAE checkpoints', column: 'written by',
    text: 'Files written by the original libraries, or after their published layouts ([recipe](../test/reference)). Encoding and decoding equal the original\'s within 1e-5. `dmi sae info FOLDER` says what a checkpoint is.',
  },
  providers: {
    heading: 'Execution providers', column: 'provider',
    text: 'Where the networks run: `--provider`, or the setting `dmiLens.engine.provider`. Software drivers compute on the CPU: SwiftShader of Chromium, for float16 lavapipe of Mesa 25 or later, named by `DMI_VULKAN_DRIVER`; a machine without them skips these tests.',
  },
};
const order = Object.keys(about);

/** docs/supported.md. @throws Error for a table that nobody has described */
export function supportedPage(tables: SupportedTables): string {
  const unknown = [...tables.keys()].filter((name) => !order.includes(name));
  if (unknown.length > 0) throw new Error(`tools/supported/supportedPage.ts describes no table "${unknown.join('", "')}"`);
  return [
    '<!-- Made by `npm run docs:supported` from the tests; a test compares the two. -->',
    '# What is supported',
    '',
    'Every row is a test of that name, and passes. What is not here may work, and nobody has tried: [exporting](exporting.md) says how a model gets here, and what to do when a site is not found.',
    '',
    ...order.filter((name) => tables.has(name)).flatMap((name) => section(name, tables.get(name) ?? [])),
  ].join('\n');
}

function section(name: string, rows: readonly SupportedRow[]): string[] {
  const { heading, column, text } = about[name];
  const files = [...new Set(rows.map(({ file }) => file))].map((file) => `[${file}](../${file})`);
  return [`## ${heading}`, '', text, '', `| ${column} |`, '|---|', ...rows.map(({ title }) => `| ${title.replaceAll('|', '\\|')} |`), '', `Tests: ${files.join(', ')}`, ''];
}
