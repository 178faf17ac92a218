import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { supportedPage } from './supported/supportedPage.ts';
import { runSupported } from './supported/supportedTests.ts';

/** `npm run docs:supported`: runs the tests of what is supported, and writes docs/supported.md from those that pass. */

const root = resolve(import.meta.dirname, '../..');
const tables = await runSupported(root);
await writeFile(join(root, 'docs', 'supported.md'), supportedPage(tables));
for (const [name, rows] of tables) console.log(`${name}: ${rows.length}`);
