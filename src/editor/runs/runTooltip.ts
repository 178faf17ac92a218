import { l10n, MarkdownString, Uri } from 'vscode';
import { readFileBytes } from '../../base/fileBytes.ts';
import type { RunSummary } from '../../experiment/readRunFolder.ts';
import { printable } from './oneLine.ts';
import { findPicture, type RunPicture } from './runPicture.ts';
import { runFacts, type Speech } from './runTexts.ts';

/** VS Code cuts markdown at 100,000 characters; a picture of more bytes than this is linked in place of put in. */
const mostInlineBytes = 64 * 1024;
/** Pixels on the screen. */
const shownSide = 192;
/** Of a prompt in a tooltip, in characters. */
export const longestPrompt = 600;

/** The picture of a run, its prompt, and what it is made of. Everything that comes from the run's files is put in as text, never as markdown. */
export async function runTooltip(run: RunSummary, speech: Speech): Promise<MarkdownString> {
  const tooltip = new MarkdownString('', false);
  const picture = await findPicture(run.folder);
  if (picture !== undefined) tooltip.appendMarkdown(await pictureMarkdown(picture));
  tooltip.appendText(printable(run.definition.sample.prompt, longestPrompt));
  tooltip.appendMarkdown('\n\n');
  for (const [name, value] of runFacts(run, speech)) {
    tooltip.appendMarkdown('- ');
    tooltip.appendText(`${name}: ${value}`);
    tooltip.appendMarkdown('\n');
  }
  return tooltip;
}

async function pictureMarkdown({ path, bytes, width, height }: RunPicture): Promise<string> {
  const content = bytes <= mostInlineBytes ? await readFileBytes(path, mostInlineBytes).catch(() => undefined) : undefined;
  const source = content === undefined ? Uri.file(path).toString() : `data:image/png;base64,${Buffer.from(content).toString('base64')}`;
  const scale = shownSide / Math.max(width, height);
  return `![${l10n.t('The finished picture')}](${source}|width=${Math.round(width * scale)},height=${Math.round(height * scale)})\n\n`;
}
