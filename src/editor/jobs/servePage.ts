import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file that a browser on this or, through a forwarded port, another machine can read. */
export interface ServedFile {
  readonly url: string;
  close(): void;
}

/** Longer than a browser takes to be there, with people who must allow it first. */
const lifetimeMs = 10 * 60 * 1000;

/** Serve one self-contained page on the loopback interface, under an address that nobody can guess, for some minutes. */
export async function servePage(path: string): Promise<ServedFile> {
  const address = `/${randomBytes(16).toString('hex')}/report.html`;
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== address) {
      response.writeHead(404).end();
      return;
    }
    const file = createReadStream(path);
    file.once('open', () => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
      file.pipe(response);
    });
    file.once('error', () => { response.writeHead(404).end(); });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  function close(): void {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  }
  const timer = setTimeout(close, lifetimeMs);
  timer.unref();
  server.unref();
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${address}`, close };
}
