import { dirname, relative, sep } from 'node:path';
import { Disposable, l10n, Uri, window, workspace, type EventEmitter, type TextDocument } from 'vscode';
import { builtinNames } from '../../spec/fileFinder.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { schemaScheme } from '../ids.ts';
import type { SpecDocuments } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import { throttle } from '../throttle.ts';
import { liveSchema } from './liveSchema.ts';
import type { Offer } from './schemaNode.ts';

/** The one document there is of this scheme; package.json names it. */
const schemaUri = Uri.from({ scheme: schemaScheme, authority: 'schema', path: '/spec.json' });

/** What marks a folder that a spec can name. */
const marks = '**/{model_index.json,judge.json,dmi-sae.json}';
const most = 500;

/** Names change seldom; VS Code reads the whole schema anew whenever they do. */
const pauseMs = 400;

/** Serves the JSON Schema of specs, filled with what the spec in front, its model and the workspace know. @param changed is told when what was served is no longer right */
export function schemaProvider(specs: SpecDocuments, changed: EventEmitter<Uri>) {
  let front: TextDocument | undefined;
  let folders: Promise<Folders> | undefined;
  let served: string | undefined;
  /** Counts what may have made the schema another one. */
  let turns = 0;

  async function content(): Promise<string> {
    const document = front;
    const facts = document && await specs.factsOf(document);
    const { models, saes, judges } = await (folders ??= findFolders());
    const offers = (found: ReadonlyMap<string, string>): Offer[] => offersFor(found, document);
    const language = displayLanguage();
    return JSON.stringify(liveSchema(language, { models: offers(models), saes: offers(saes), judges: offers(judges), facts, tree: document && specs.of(document).tree }, l10n.t));
  }

  async function refresh(): Promise<void> {
    if (served === undefined) return; // nobody has asked yet
    const now = await content();
    if (now !== served) changed.fire(schemaUri);
  }
  const refreshes = throttle(pauseMs, () => { void refresh(); });
  function turn(): void {
    turns += 1;
    refreshes.call();
  }

  function bringToFront(document: TextDocument | undefined): void {
    if (document === undefined || document === front || !isSpec(document.uri)) return;
    front = document;
    turn();
  }

  bringToFront(window.activeTextEditor?.document);
  const watcher = workspace.createFileSystemWatcher(marks, false, true);
  const foldersChanged = (): void => {
    folders = undefined;
    turn();
  };
  const watches = Disposable.from(
    refreshes, watcher, watcher.onDidCreate(foldersChanged), watcher.onDidDelete(foldersChanged),
    window.onDidChangeActiveTextEditor((editor) => { bringToFront(editor?.document); }),
    specs.onDidChange((uri) => { if (uri.toString() === front?.uri.toString()) turn(); }),
  );

  async function provideTextDocumentContent({ path }: Uri): Promise<string | undefined> {
    if (path !== schemaUri.path) return undefined;
    front ??= workspace.textDocuments.find(({ uri }) => isSpec(uri));
    const before = turns;
    served = await content();
    if (turns !== before) refreshes.call(); // while it was being made there was nothing to compare with
    return served;
  }
  return { provideTextDocumentContent, dispose: () => { watches.dispose(); } };
}

/** Folders that a spec can name, each with what is said about it. */
interface Folders {
  readonly models: ReadonlyMap<string, string>;
  readonly saes: ReadonlyMap<string, string>;
  readonly judges: ReadonlyMap<string, string>;
}

/** Folders of the workspace by what they hold. */
async function findFolders(): Promise<Folders> {
  const found = await workspace.findFiles(marks, '**/{node_modules,.dmi,.git}/**', most).then((uris) => uris, () => []);
  const holding = (name: string): Uri[] => found.filter(({ path }) => path.endsWith(`/${name}`)).map((uri) => Uri.joinPath(uri, '..'));
  const count = new Map<string, number>();
  for (const { fsPath } of holding('dmi-sae.json').map((uri) => Uri.joinPath(uri, '..'))) count.set(fsPath, (count.get(fsPath) ?? 0) + 1);
  return {
    models: new Map(holding('model_index.json').map(({ fsPath }) => [fsPath, l10n.t('A model of this workspace.')])),
    judges: new Map(holding('judge.json').map(({ fsPath }) => [fsPath, l10n.t('A judge of this workspace.')])),
    saes: new Map([...count].map(([path, saes]) => [path, saes === 1 ? l10n.t('1 SAE of this workspace.') : l10n.t('{0} SAEs of this workspace.', saes)])),
  };
}

/** What is built in, and the folders as the spec writes them: relative to itself. */
function offersFor(folders: ReadonlyMap<string, string>, document: TextDocument | undefined): Offer[] {
  const builtin = builtinNames.map((value) => ({ value, description: l10n.t('Comes with the extension.') }));
  if (document?.uri.scheme !== 'file') return builtin;
  const from = dirname(document.uri.fsPath);
  return [...builtin, ...[...folders].map(([path, description]) => ({ value: relative(from, path).split(sep).join('/') || '.', description }))];
}
