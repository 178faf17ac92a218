import { resolve } from 'node:path';
import type { Page } from 'playwright-core';

const root = resolve(import.meta.dirname, '../..');

/** Keep what the window shows in test-results/. @param forReadme also in docs/, when `npm test -- --pictures` asks for it */
export async function takePicture(page: Page, name: string, { forReadme = false } = {}): Promise<void> {
  const path = resolve(root, 'test-results', `${name}.png`);
  await page.screenshot({ path });
  if (forReadme && process.env.DMI_PICTURES !== undefined) await page.screenshot({ path: resolve(root, 'docs', `${name}.png`) });
}
