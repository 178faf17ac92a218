import { Disposable, Range, TextEditorRevealType, ThemeColor, window, type TextDocument, type TextEditor } from 'vscode';
import { columnsOfWindow } from '../../spec/windows.ts';
import type { ModelFacts, Services } from '../services.ts';
import { throttle } from '../throttle.ts';
import { conceptAt, placesOf, type IdsOf } from './conceptsInSpec.ts';
import type { TimelineFeed } from './timelineFeed.ts';

/** The row under the pointer and the line under the text cursor belong together: a panel's choice is marked in its spec, the spec's cursor moves the panel. */
export class SpecTies implements Disposable {
  readonly #document: TextDocument;
  readonly #specs: Services['specs'];
  readonly #feed: TimelineFeed;
  readonly #mark = window.createTextEditorDecorationType({
    isWholeLine: true, backgroundColor: new ThemeColor('editor.rangeHighlightBackground'), overviewRulerColor: new ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  readonly #subscriptions: Disposable;
  /** What the panel was told last, so that moving within a line is not told again. */
  #told = '';

  constructor(document: TextDocument, specs: Services['specs'], feed: TimelineFeed) {
    this.#document = document;
    this.#specs = specs;
    this.#feed = feed;
    let cursor: TextEditor | undefined;
    const follow = throttle(100, () => { if (cursor !== undefined) void this.#follow(cursor); });
    this.#subscriptions = Disposable.from(this.#mark, follow, window.onDidChangeTextEditorSelection(({ textEditor }) => {
      if (!this.#isOurs(textEditor)) return;
      cursor = textEditor;
      follow.call();
    }));
  }

  /** Mark the lines that name a concept, and bring the first of them into view. */
  async mark(site: string, concept: number): Promise<void> {
    const editors = window.visibleTextEditors.filter((editor) => this.#isOurs(editor));
    if (editors.length === 0) return;
    const { tree, treeText } = this.#specs.of(this.#document);
    const idsOf = idsFrom(await this.#specs.factsOf(this.#document));
    const nodes = tree === undefined || treeText !== this.#document.getText() ? [] : placesOf(tree, site, concept, idsOf);
    const ranges = nodes.map(({ offset, length }) => new Range(this.#document.positionAt(offset), this.#document.positionAt(offset + length)));
    for (const editor of editors) {
      editor.setDecorations(this.#mark, ranges);
      if (ranges.length > 0) editor.revealRange(ranges[0], TextEditorRevealType.InCenterIfOutsideViewport);
    }
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #follow({ selection, document }: TextEditor): Promise<void> {
    const { tree, treeText } = this.#specs.of(document);
    const { shown } = this.#feed;
    if (tree === undefined || treeText !== document.getText() || shown === undefined) return;
    const idsOf = idsFrom(await this.#specs.factsOf(document));
    const found = conceptAt(tree, document.offsetAt(selection.active), Object.keys(shown.saes), idsOf);
    if (found === undefined || found.concepts.length === 0) return;
    const { site, concepts, during } = found;
    const columns = during === undefined ? null : columnsOfWindow(during, shown.steps, shown.t);
    const told = JSON.stringify([site, concepts, columns]);
    if (told === this.#told) return;
    this.#told = told;
    this.#feed.tell({ type: 'reveal', site, concepts, columns });
  }

  #isOurs({ document }: TextEditor): boolean {
    return document.uri.toString() === this.#document.uri.toString();
  }
}

function idsFrom(facts: ModelFacts | undefined): IdsOf {
  const bySite = new Map(facts?.saes.map((sae) => [sae.site, sae.idsByLabel]));
  return (site, label) => bySite.get(site)?.get(label) ?? [];
}
