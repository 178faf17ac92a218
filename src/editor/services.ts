import type { Disposable, Event, ExtensionContext, LogOutputChannel, TextDocument, Uri } from 'vscode';
import type { Node } from 'jsonc-parser';
import type { JobQueue } from '../engine/job.ts';
import type { ParsedSpec } from '../spec/parseSpec.ts';

/** What the editor's parts share. */
export interface Services {
  readonly context: ExtensionContext;
  readonly log: LogOutputChannel;
  readonly queue: JobQueue;
  readonly specs: SpecDocuments;
}

/** Registers one thing that the extension contributes; it must do no work beyond that. */
export type Contribution = (services: Services) => Disposable;

/** A spec as it stands in the editor. */
export interface SpecDocument {
  readonly parsed: ParsedSpec;
  /** Of the last text that could be read as JSON; offsets belong to that text. */
  readonly tree: Node | undefined;
  /** The text that `tree` belongs to. */
  readonly treeText: string;
}

/** Parsed specs, kept per document version. */
export interface SpecDocuments extends Disposable {
  of(document: TextDocument): SpecDocument;
  /** What is known of the model, SAEs and judge that a spec names, read without their weights; undefined where that is not possible. */
  factsOf(document: TextDocument): Promise<ModelFacts | undefined>;
  /** A document was parsed anew, or its facts were read anew. */
  readonly onDidChange: Event<Uri>;
}

/** An SAE as the editor knows it. */
export interface SaeFacts {
  readonly folder: string;
  readonly site: string;
  readonly d: number;
  readonly n: number;
  readonly k: number;
  /** [n] each, from the sidecar. */
  readonly mean: readonly number[];
  readonly density: readonly number[];
  /** Best label by concept number. */
  readonly labels: ReadonlyMap<number, string>;
  /** Every label given, with the concepts that bear it. */
  readonly idsByLabel: ReadonlyMap<string, readonly number[]>;
  readonly contextFree: ReadonlySet<number>;
}

export interface ModelFacts {
  readonly modelFolder: string;
  readonly modelName: string;
  /** In the order of the network where it is known, else by name. */
  readonly saes: readonly SaeFacts[];
  /** Nouns that the judge can measure; undefined without a judge. */
  readonly nouns: readonly string[] | undefined;
}
