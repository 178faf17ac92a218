import { AxeBuilder } from '@axe-core/playwright';
import type { Frame, Page } from 'playwright-core';

/** What axe finds in a panel that keeps people from using it: rule, what to do, and where. @param panel the document inside the frames of VS Code's webview */
export async function seriousFaults(page: Page, panel: Frame): Promise<string[]> {
  const frame = await panel.parentFrame()?.frameElement();
  const name = await frame?.getAttribute('name');
  const { violations } = await new AxeBuilder({ page }).include([`iframe[name="${name ?? ''}"]`, 'iframe#active-frame', 'main']).analyze();
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ target }) => target.flat().at(-1)).join(', ')}`);
}
