import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { servePage, type ServedFile } from '../../../src/editor/jobs/servePage.ts';
import { temporaryFolder } from '../../support/temporaryFolder.ts';

const served: ServedFile[] = [];
afterEach(() => { for (const page of served.splice(0)) page.close(); });

async function serve(): Promise<URL> {
  const path = join(await temporaryFolder(), 'report.html');
  await writeFile(path, '<!doctype html>日本');
  const page = await servePage(path);
  served.push(page);
  return new URL(page.url);
}

describe('servePage', () => {
  it('gives the page to whoever knows its address, on the loopback interface', async () => {
    const url = await serve();
    const response = await fetch(url);
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'text/html; charset=utf-8', '<!doctype html>日本']);
    expect(url.hostname).toBe('127.0.0.1');
  });

  it('gives nothing else to anyone', async () => {
    const url = await serve();
    for (const path of ['/', '/report.html', `${url.pathname}/..%2f..%2fetc/passwd`, url.pathname.replace(/[0-9a-f](?=\/)/, 'x')]) {
      expect((await fetch(new URL(path, url))).status).toBe(404);
    }
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
    expect((await serve()).pathname).not.toBe(url.pathname);
  });

  it('says that a page is not there', async () => {
    const page = await servePage(join(await temporaryFolder(), 'none.html'));
    served.push(page);
    expect((await fetch(page.url)).status).toBe(404);
  });

  it('is gone once closed', async () => {
    const url = await serve();
    served.pop()?.close();
    await expect(fetch(url)).rejects.toThrow();
  });
});
