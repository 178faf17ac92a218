import { Disposable, Range, TextEditorRevealType, ThemeColor, window, type Position, type TextEditor, type Uri } from 'vscode';
import { columnsOfWindow } from '../../spec/windows.ts';
import type { ModelFacts, Services } from '../services.ts';
import { throttle } from '../throttle.ts';
import { conceptAt, placesOf, type IdsOf } from './conceptsInSpec.ts';
import type { TimelineFeed } from './timelineFeed.ts';

/** The row under the pointer and the line under the text cursor belong together: a panel's choice is marked in its spec, the spec's cursor moves the panel. */
export class SpecTies implements Disposable {
  readonly #uri: string;
  readonly #specs: Services['specs'];
  readonly #feed: TimelineFeed;
  readonly #mark = window.createTextEditorDecorationType({
    isWholeLine: true, backgroundColor: new ThemeColor('editor.rangeHighlightBackground'), overviewRulerColor: new ThemeColor('editorOverviewRuler.rangeHighlightForeground'),
  });
  readonly #subscriptions: Disposable;
  /** The concept chosen in the panel. */
  #marked: { readonly site: string; readonly concept: number } | undefined;
  /** What the panel was told last, so that moving within a line is not told again. */
  #told = '';

  constructor(uri: Uri, specs: Services['specs'], feed: TimelineFeed) {
    this.#uri = uri.toString();
    this.#specs = specs;
    this.#feed = feed;
    let cursor: TextEditor | undefined;
    const follow = throttle(100, () => { if (cursor !== undefined) void this.#follow(cursor); });
    this.#subscriptions = Disposable.from(
      this.#mark, follow,
      window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (!this.#isOurs(textEditor)) return;
        cursor = textEditor;
        follow.call();
      }),
      window.onDidChangeVisibleTextEditors(() => { void this.refresh(); }),
    );
  }

  /** Mark the lines that name a concept, and bring the first of them into view. */
  async mark(site: string, concept: number): Promise<void> {
    this.#marked = { site, concept };
    const ranges = await this.refresh();
    if (ranges.length === 0) return;
    for (const editor of this.#editors()) editor.revealRange(ranges[0], TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** Put the marks where they belong in the text as it is now. */
  async refresh(): Promise<readonly Range[]> {
    const document = this.#editors().at(0)?.document;
    if (this.#marked === undefined || document === undefined) return [];
    const idsOf = idsFrom(await this.#specs.factsOf(document));
    const { tree, treeText } = this.#specs.of(document);
    if (tree === undefined || treeText !== document.getText()) return []; // as long as the text is broken, marks move with it
    const { site, concept } = this.#marked;
    const at = (offset: number): Position => document.positionAt(offset);
    const ranges = placesOf(tree, site, concept, idsOf).map(({ offset, length }) => new Range(at(offset), at(offset + length)));
    for (const editor of this.#editors()) editor.setDecorations(this.#mark, ranges);
    return ranges;
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

  #editors(): readonly TextEditor[] {
    return window.visibleTextEditors.filter((editor) => this.#isOurs(editor));
  }

  #isOurs({ document }: TextEditor): boolean {
    return document.uri.toString() === this.#uri;
  }
}

function idsFrom(facts: ModelFacts | undefined): IdsOf {
  const bySite = new Map(facts?.saes.map((sae) => [sae.site, sae.idsByLabel]));
  return (site, label) => bySite.get(site)?.get(label) ?? [];
}
