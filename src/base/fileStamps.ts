import { stat } from 'node:fs/promises';

/** What changes whenever one of the files is written, replaced, added or removed; no content is read. @param paths in an order that does not vary */
export async function fileStamps(paths: readonly string[]): Promise<string> {
  const stamps = await Promise.all(paths.map(async (path) => {
    const found = await stat(path).catch(() => undefined);
    return [path, found?.ino, found?.size, found?.mtimeMs, found?.ctimeMs];
  }));
  return JSON.stringify(stamps);
}
