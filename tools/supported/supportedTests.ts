import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** One thing that is supported: a test by its title. */
export interface SupportedRow {
  readonly title: string;
  /** The test's file, relative to the package, with forward slashes. */
  readonly file: string;
}

/** Tables by name, rows in the order of the tests. */
export type SupportedTables = ReadonlyMap<string, readonly SupportedRow[]>;

const suite = 'supported: ';
/** The suites as they stand in the files; a test that is made in a loop is found all the same, since vitest lists it. */
const named = /describe\(['"`]supported: /;

/** The tests of the tables, without running one. @param root the package's folder */
export async function listSupported(root: string): Promise<SupportedTables> {
  const listed = JSON.parse(await vitest(root, 'list', '--json', '--project', 'node', ...await supportedFiles(root))) as { name: string; file: string }[];
  return tablesOf(root, listed.map(({ name, file }) => {
    const [table = '', title = ''] = name.split(' > ');
    return { table, title, file };
  }));
}

/** The tests of the tables, all of which pass. @throws Error naming those that do not, and those that this machine skips: a page without their rows would tell of the machine */
export async function runSupported(root: string): Promise<SupportedTables> {
  const report = JSON.parse(await vitest(root, 'run', '--reporter=json', '--project', 'node', ...await supportedFiles(root))) as {
    testResults: { name: string; status: string; message: string; assertionResults: { ancestorTitles: string[]; title: string; status: string }[] }[];
  };
  const all = report.testResults.flatMap(({ name, assertionResults }) => assertionResults.map(({ ancestorTitles: [table = ''], title, status }) => ({ table, title, status, file: name })));
  const failed = [
    ...all.filter(({ table, status }) => table.startsWith(suite) && status === 'failed').map(({ table, title }) => `${table}: ${title}`),
    ...report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).map(({ name, message }) => `${name}: ${message}`),
  ];
  if (failed.length > 0) throw new Error(`these tests fail:\n${failed.join('\n')}`);
  const supported = all.filter(({ table }) => table.startsWith(suite));
  const skipped = supported.filter(({ status }) => status !== 'passed').map(({ table, title }) => `${table}: ${title}`);
  if (skipped.length > 0) throw new Error(`these tests are skipped here (those of WebGPU need Chromium, float16 a DMI_VULKAN_DRIVER that knows half precision):\n${skipped.join('\n')}`);
  return tablesOf(root, supported);
}

function tablesOf(root: string, tests: readonly { table: string; title: string; file: string }[]): SupportedTables {
  const tables = new Map<string, SupportedRow[]>();
  // vitest tells files in the order in which they were done
  for (const { table, title, file } of tests.filter(({ table }) => table.startsWith(suite)).sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0))) {
    const rows = tables.get(table.slice(suite.length)) ?? [];
    rows.push({ title, file: relative(root, file).replaceAll('\\', '/') });
    tables.set(table.slice(suite.length), rows);
  }
  return tables;
}

async function supportedFiles(root: string): Promise<string[]> {
  const folders = await Promise.all(['unit', 'engine'].map(async (folder) => (await readdir(join(root, 'test', folder), { recursive: true })).map((name) => join('test', folder, name))));
  const tests = folders.flat().filter((name) => name.endsWith('.test.ts')).sort();
  const texts = await Promise.all(tests.map((name) => readFile(join(root, name), 'utf8')));
  return tests.filter((_, index) => named.test(texts[index]));
}

/** @returns what it prints @throws Error where it prints nothing of use */
function vitest(root: string, ...args: readonly string[]): Promise<string> {
  // a test may ask, too: what it was given by the one that runs it is not for this one
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_OPTIONS'));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), ...args], { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const [out, errors]: Buffer[][] = [[], []];
    child.stdout.on('data', (chunk: Buffer) => { out.push(chunk); });
    child.stderr.on('data', (chunk: Buffer) => { errors.push(chunk); });
    child.on('error', reject);
    child.on('close', () => {
      const text = Buffer.concat(out).toString();
      const start = text.search(/^[[{]/m);
      if (start === -1) reject(new Error(`vitest ${args[0]} says: ${Buffer.concat(errors).toString().slice(-2000)}`));
      else resolve(text.slice(start));
    });
  });
}
