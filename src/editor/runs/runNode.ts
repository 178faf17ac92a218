import type { Uri } from 'vscode';
import type { SaeFacts } from '../../experiment/saeFacts.ts';
import type { DamagedRun, RunSummary } from '../../experiment/readRunFolder.ts';
import type { Question } from '../../experiment/runCatalogue.ts';

/** What the view of specs, runs and models shows, a kind each. */
export type RunNode = GroupNode | SpecNode | QuestionNode | StoredRunNode | DamagedRunNode | ModelNode | SiteNode | NoteNode | MoreNode;

export interface GroupNode { readonly kind: 'group'; readonly group: 'specs' | 'runs' | 'models' }
export interface SpecNode { readonly kind: 'spec'; readonly uri: Uri }
/** Runs that differ only in their seed: two or more. */
export interface QuestionNode { readonly kind: 'question'; readonly question: Question }
/** @property under a run stands below its spec, below its question, or, where it is the only answer, for its question */
export interface StoredRunNode { readonly kind: 'run'; readonly run: RunSummary; readonly under: 'spec' | 'question' | 'runs' }
export interface DamagedRunNode { readonly kind: 'damaged'; readonly run: DamagedRun }
export interface ModelNode { readonly kind: 'model'; readonly folder: string; readonly builtin: boolean }
export interface SiteNode { readonly kind: 'site'; readonly facts: SaeFacts }
/** Why there is nothing here. */
export interface NoteNode { readonly kind: 'note'; readonly parent: string; readonly text: string; readonly tooltip?: string }
/** Leads to the next page of the runs. */
export interface MoreNode { readonly kind: 'more'; readonly left: number }

/** Runs shown at once: enough for a day's work, few enough that nobody waits for them. */
export const pageSize = 200;

/** The same for what is the same, however often the view is filled anew. */
export function idOf(node: RunNode): string {
  switch (node.kind) {
    case 'group': return node.group;
    case 'spec': return `spec ${node.uri.toString()}`;
    case 'question': return `question ${node.question.runs[0].folder.slice(0, -32)}${node.question.key}`;
    case 'run': return `run ${node.under} ${node.run.folder}`;
    case 'damaged': return `damaged ${node.run.folder}`;
    case 'model': return `model ${node.folder}`;
    case 'site': return `site ${node.facts.folder}`;
    case 'note': return `note ${node.parent}`;
    case 'more': return 'more';
  }
}

/** Finished runs that a node stands for. */
export function runsOf(node: RunNode): readonly RunSummary[] {
  if (node.kind === 'run') return [node.run];
  return node.kind === 'question' ? node.question.runs : [];
}

/**
 * The nodes that a command is about. VS Code gives the one that was clicked, and all that are selected when that is one of them.
 * @param selection of the view, for a command from elsewhere
 */
export function nodesMeant(clicked: RunNode | undefined, selected: readonly RunNode[] | undefined, selection: readonly RunNode[]): readonly RunNode[] {
  if (clicked === undefined) return selection;
  return selected?.includes(clicked) === true ? selected : [clicked];
}

/** Every item of a list once, by its folder. */
export function onceEach<T extends { readonly folder: string }>(runs: Iterable<T>): T[] {
  return [...new Map(Array.from(runs, (run) => [run.folder, run])).values()];
}
