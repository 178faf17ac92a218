import { dirname, isAbsolute } from 'node:path';
import { Disposable, EventEmitter, window, workspace, type TextDocument, type Uri } from 'vscode';
import { factsOfSpec } from '../../experiment/factsOfSpec.ts';
import { FactsReader, type ModelFacts } from '../../experiment/modelFacts.ts';
import { FileFinder } from '../../spec/fileFinder.ts';
import { namedFiles } from '../../spec/namedFiles.ts';
import { isReadable, parseSpec } from '../../spec/parseSpec.ts';
import type { SpecDocument, SpecDocuments } from '../services.ts';
import { isLocal } from '../targetSpec.ts';
import { throttle } from '../throttle.ts';
import { watchContent } from '../watchContent.ts';
import { factFiles } from './factFiles.ts';

/** What is kept of one document. */
interface Kept {
  version: number;
  spec: SpecDocument;
  /** Facts, and what they were read for. */
  facts?: { readonly key: string; readonly read: Promise<ModelFacts | undefined> };
}

/** Typing pauses this long before others are told. */
const pauseMs = 150;

/** The specs that are open: parsed once a version, their facts read once a change on the disk. Nothing is read before somebody asks. */
export function createSpecDocuments(): SpecDocuments {
  const reader = new FactsReader();
  const kept = new WeakMap<TextDocument, Kept>();
  const changed = new EventEmitter<Uri>();
  const pauses = new Map<TextDocument, NodeJS.Timeout>();
  /** Counts changes on the disk. */
  let disk = 0;

  function keep(document: TextDocument): Kept {
    const before = kept.get(document);
    if (before?.version === document.version) return before;
    const now = { ...before, version: document.version, spec: parse(document, before?.spec) };
    kept.set(document, now);
    return now;
  }

  function factsOf(document: TextDocument): Promise<ModelFacts | undefined> {
    const now = keep(document);
    const { tree } = now.spec.parsed;
    if (tree === undefined || !isLocal(document.uri)) return Promise.resolve(undefined);
    const named = namedFiles(tree).filter(({ kind }) => kind === 'model' || kind === 'saes' || kind === 'judge').map(({ kind, text }) => [kind, text]);
    const key = JSON.stringify([disk, named]);
    if (now.facts?.key !== key) now.facts = { key, read: factsOfSpec(tree, finderFor(document.uri), reader) };
    return now.facts.read;
  }

  function forgetPause(document: TextDocument): void {
    clearTimeout(pauses.get(document));
    pauses.delete(document);
  }

  /** Tell about a document once nobody has touched it for a while. */
  function tellLater(document: TextDocument): void {
    if (!document.uri.path.endsWith('.dmi.json')) return;
    forgetPause(document);
    pauses.set(document, setTimeout(() => {
      pauses.delete(document);
      changed.fire(document.uri);
    }, pauseMs));
  }

  const diskChanges = throttle(pauseMs, () => {
    disk += 1;
    for (const document of workspace.textDocuments) tellLater(document);
  });
  const onDisk = (): void => { diskChanges.call(); };
  const subscriptions = Disposable.from(
    changed, diskChanges, watchContent({ names: factFiles, onDidComeOrGo: onDisk, onDidChange: onDisk }),
    workspace.onDidOpenTextDocument(tellLater),
    workspace.onDidChangeTextDocument(({ document }) => { tellLater(document); }),
    workspace.onDidCloseTextDocument(forgetPause),
    // Models may lie outside the folder that is open, where nothing is watched: look again when people come back.
    window.onDidChangeWindowState(({ focused }) => { if (focused) diskChanges.call(); }),
  );

  const disposable = new Disposable(() => {
    for (const document of [...pauses.keys()]) forgetPause(document);
    subscriptions.dispose();
  });
  return Object.assign(disposable, { of: (document: TextDocument) => keep(document).spec, factsOf, readFactsAgain: () => { diskChanges.call(); }, onDidChange: changed.event });
}

function parse(document: TextDocument, before: SpecDocument | undefined): SpecDocument {
  const text = document.getText();
  const parsed = parseSpec(text, isLocal(document.uri) ? document.uri.fsPath : document.uri.path);
  if (isReadable(parsed.problems)) return { parsed, tree: parsed.tree, treeText: text, treeLines: parsed.lines };
  return before === undefined ? { parsed, tree: undefined, treeText: '', treeLines: parsed.lines } : { ...before, parsed };
}

/** Finds what a spec names. A new document may have been given the path that it will be saved to. */
export function finderFor(uri: Uri): FileFinder {
  return new FileFinder(uri.fsPath, isLocal(uri) && isAbsolute(uri.path) ? dirname(uri.fsPath) : undefined);
}
