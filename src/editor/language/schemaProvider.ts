import { dirname, relative, sep } from 'node:path';
import { Disposable, l10n, Uri, window, workspace, type EventEmitter, type TextDocument } from 'vscode';
import { manifestName } from '../../hub/pullManifest.ts';
import { builtinNames } from '../../spec/fileFinder.ts';
import { displayLanguage } from '../displayLanguage.ts';
import { schemaScheme } from '../ids.ts';
import type { SpecDocuments } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import { throttle } from '../throttle.ts';
import { watchContent } from '../watchContent.ts';
import { liveSchema } from './liveSchema.ts';
import type { Offer } from './schemaNode.ts';

/** The one document there is of this scheme; package.json names it. */
const schemaUri = Uri.from({ scheme: schemaScheme, authority: 'schema', path: '/spec.json' });

/** What marks a folder that a spec can name: SAEs are known by their weights, too, since what they were trained on may not be known yet. */
const markNames = ['model_index.json', 'judge.json', 'dmi-sae.json', 'sae_weights.safetensors', 'sae.safetensors', 'ae.pt', 'state_dict.pth', manifestName];
const marks = `**/{${markNames.join()}}`;
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
  const foldersChanged = (): void => {
    folders = undefined;
    turn();
  };
  const watches = Disposable.from(
    refreshes, watchContent({ names: new RegExp(`^(?:${markNames.join('|').replaceAll('.', '\\.')})$`), onDidComeOrGo: foldersChanged }),
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
  const holding = (...names: string[]): string[] => [...new Set(found.filter(({ path }) => names.includes(path.slice(path.lastIndexOf('/') + 1))).map(({ fsPath }) => dirname(fsPath)))];
  const models = holding('model_index.json');
  return {
    models: new Map(models.map((folder) => [folder, l10n.t('A model of this workspace.')])),
    judges: new Map(holding('judge.json').map((folder) => [folder, l10n.t('A judge of this workspace.')])),
    saes: new Map([...groupSaes(holding('dmi-sae.json', 'sae_weights.safetensors', 'sae.safetensors', 'ae.pt', 'state_dict.pth'), holding(manifestName).filter((folder) => !models.includes(folder)))]
      .map(([folder, count]) => [folder, count === 1 ? l10n.t('1 SAE of this workspace.') : l10n.t('{0} SAEs of this workspace.', count)])),
  };
}

/** Folders to name under `saes`, with how many SAEs each holds: the one around some SAEs, and what was downloaded at one time. @param saes folders of an SAE each @param pulled folders with a manifest */
function groupSaes(saes: readonly string[], pulled: readonly string[]): Map<string, number> {
  const groups = [...saes.map((folder) => dirname(folder)), ...pulled].map((folder) => [folder, saes.filter((sae) => sae === folder || sae.startsWith(`${folder}${sep}`)).length] as const);
  return new Map(groups.filter(([, count]) => count > 0));
}

/** What is built in, and the folders as the spec writes them: relative to itself. */
function offersFor(folders: ReadonlyMap<string, string>, document: TextDocument | undefined): Offer[] {
  const builtin = builtinNames.map((value) => ({ value, description: l10n.t('Comes with the extension.') }));
  if (document?.uri.scheme !== 'file') return builtin;
  const from = dirname(document.uri.fsPath);
  return [...builtin, ...[...folders].map(([path, description]) => ({ value: relative(from, path).split(sep).join('/') || '.', description }))];
}
