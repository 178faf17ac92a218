import type { Disposable, Event, ExtensionContext, LogOutputChannel, TextDocument, Uri } from 'vscode';
import type { Node } from 'jsonc-parser';
import type { JobQueue } from '../engine/job.ts';
import type { ModelFacts } from '../experiment/modelFacts.ts';
import type { LineMap } from '../spec/lineMap.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';
import type { WorkspaceRuns } from './runs/workspaceRuns.ts';

export type { ModelFacts } from '../experiment/modelFacts.ts';
export type { SaeFacts } from '../experiment/saeFacts.ts';

/** What the editor's parts share from activation on. */
export interface Host {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly queue: JobQueue;
  /** Log an error that nobody waits for. */
  readonly report: (error: unknown) => void;
  /** The rest, loaded when it is first needed. */
  readonly services: () => Promise<Services>;
}

/** What the editor's parts share once the first of them is used. */
export interface Services extends Omit<Host, 'services'> {
  readonly specs: SpecDocuments;
  readonly runs: WorkspaceRuns;
}

/** Registers one thing that the extension contributes; it must do no work beyond that, and loads the code behind it (`lazily`) when it is first used. */
export type Contribution = (host: Host) => Disposable;

/** A spec as it stands in the editor. */
export interface SpecDocument {
  readonly parsed: ParsedSpec;
  /** Of the last text that could be read as JSON; offsets belong to that text. */
  readonly tree: Node | undefined;
  /** The text that `tree` belongs to. */
  readonly treeText: string;
  readonly treeLines: LineMap;
}

/** Parsed specs, kept per document version. */
export interface SpecDocuments extends Disposable {
  of(document: TextDocument): SpecDocument;
  /** What is known of the model, SAEs and judge that a spec names, read without their weights; undefined where that is not possible. */
  factsOf(document: TextDocument): Promise<ModelFacts | undefined>;
  /** Files that specs may name have changed: what lies outside the folders that are open is not watched. */
  readFactsAgain(): void;
  /** A document was parsed anew, or its facts were read anew. */
  readonly onDidChange: Event<Uri>;
}
