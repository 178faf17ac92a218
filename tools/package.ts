import { stat } from 'node:fs/promises';
import { packageExtension, targets } from './packageExtension.ts';

/** `npm run package [-- target ...]`: a VSIX for each platform, and one without native code. Prints their sizes as the README's table. */

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !targets.some((target) => target === name));
if (unknown.length > 0) {
  console.error(`no platform ${unknown.join(', ')}; there are ${targets.join(', ')}`);
  process.exit(2);
}
const rows: string[] = [];
for (const target of targets.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const path = await packageExtension(target);
  rows.push(`| ${target} | ${((await stat(path)).size / 1e6).toFixed(1)} MB |`);
}
console.log(['| platform | VSIX |', '|---|---|', ...rows].join('\n'));
