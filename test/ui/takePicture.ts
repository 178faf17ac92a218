import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');

/** Whether `npm test -- --pictures` asks for the pictures that documents show. */
export const picturesWanted = process.env.DMI_PICTURES !== undefined;

/** Keep what the window shows in test-results/. @param into a folder of documents that show it, too: it is written there when pictures are wanted */
export async function takePicture(page: Page, name: string, { into }: { readonly into?: 'docs' | 'media/walkthrough' } = {}): Promise<void> {
  const picture = await page.screenshot({ path: resolve(root, 'test-results', `${name}.png`) });
  if (into !== undefined && picturesWanted) await writeFile(resolve(root, into, `${name}.png`), picture);
}
