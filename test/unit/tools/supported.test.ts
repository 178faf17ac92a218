import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { supportedPage } from '../../../tools/supported/supportedPage.ts';
import { listSupported } from '../../../tools/supported/supportedTests.ts';

it('docs/supported.md has the titles of the tests (npm run docs:supported)', async () => {
  const tables = await listSupported(process.cwd());
  expect([...tables.keys()]).toEqual(expect.arrayContaining(['SAE checkpoints', 'exports', 'schedulers']));
  expect(readFileSync('docs/supported.md', 'utf8')).toBe(supportedPage(tables));
});

it('a table that nobody has described is named', () => {
  expect(() => supportedPage(new Map([['judges', []]]))).toThrow(/describes no table "judges"/);
});

it('a title stays in its cell', () => {
  expect(supportedPage(new Map([['providers', [{ title: 'a|b', file: 'test/x.test.ts' }]]]))).toContain('| a\\|b |\n\nTests: [test/x.test.ts](../test/x.test.ts)');
});
