import { dirname } from 'node:path';
import { Hover, l10n, MarkdownString, type Position, type TextDocument } from 'vscode';
import { findMentions } from '../../spec/mentions.ts';
import type { Services } from '../services.ts';
import type { RunPlace } from './conceptCourses.ts';
import { conceptHover, mostRows } from './conceptHover.ts';
import { conceptRows } from './conceptRows.ts';
import { rangeOf } from './ranges.ts';

/** Hovers on concepts: what is known of them, and their course in the stored runs of the spec. */
export function hoverProvider(services: Services) {
  async function provideHover(document: TextDocument, position: Position): Promise<Hover | undefined> {
    const { parsed } = services.specs.of(document);
    const offset = document.offsetAt(position);
    const mentions = findMentions(parsed.tree);
    const mention = mentions.concepts.find(({ node }) => node.offset <= offset && offset <= node.offset + node.length);
    if (mention === undefined) return undefined;
    const facts = await services.specs.factsOf(document);
    if (facts === undefined) return undefined;
    const rows = conceptRows(mention, mentions, facts);
    if (rows.length === 0) return undefined;
    const branch = parsed.spec?.trace?.branch === 'uncond' ? 'uncond' : 'cond';
    const { conceptCourses } = await import('./conceptCourses.ts'); // draws pictures: nothing that an editor needs at its start
    const courses = await conceptCourses(rows.slice(0, mostRows), await storedRuns(document), branch);
    const content = new MarkdownString(conceptHover(String(mention.concept), rows, courses, l10n.t));
    content.isTrusted = false;
    content.supportHtml = false;
    return new Hover(content, rangeOf(document, mention.node));
  }

  async function storedRuns(document: TextDocument): Promise<RunPlace[]> {
    if (document.uri.scheme !== 'file') return [];
    const runs = await services.runs.ofSpec(services.specs.of(document).parsed, dirname(document.uri.fsPath));
    return runs.flatMap(({ seed, run }) => (run === undefined ? [] : [{ seed, folder: run.folder }]));
  }

  return { provideHover };
}
