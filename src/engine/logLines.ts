import type { Readable } from 'node:stream';

/** What is kept of the end of a stream, in characters; a line without end is cut there, too. */
const kept = 16_384;

/** Hand a stream's lines to `log`. @returns gives the last characters so far */
export function logLines(stream: Readable | null, log: (line: string) => void): () => string {
  let last = '';
  let rest = '';
  stream?.setEncoding('utf8');
  stream?.on('data', (chunk: string) => {
    last = (last + chunk).slice(-kept);
    const lines = (rest + chunk).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(-kept);
    lines.forEach(log);
  });
  stream?.on('end', () => { if (rest !== '') log(rest); });
  return () => last;
}
