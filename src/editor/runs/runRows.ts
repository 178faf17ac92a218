import { dirname } from 'node:path';
import type { Uri } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { say } from '../../base/phrase.ts';
import { FactsReader } from '../../experiment/modelFacts.ts';
import type { DamagedRun, RunSummary } from '../../experiment/readRunFolder.ts';
import { groupByQuestion, newestFirst, type Question } from '../../experiment/runCatalogue.ts';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { besideModel } from '../../spec/resolveFolders.ts';
import type { Translate } from '../translate.ts';
import { pageSize, type ModelNode, type RunNode, type SpecNode } from './runNode.ts';
import type { WorkspaceContent } from './workspaceContent.ts';
import type { WorkspaceRuns } from './workspaceRuns.ts';

/** Where the rows come from. */
export interface RowSources {
  readonly content: Pick<WorkspaceContent, 'specs' | 'specFolders' | 'models'>;
  readonly runs: Pick<WorkspaceRuns, 'list' | 'ofSpec'>;
  /** A spec as it stands in the editor, else as it lies on the disk. @throws InputError */
  readonly parse: (uri: Uri) => Promise<ParsedSpec>;
  /** Folder of the model that the extension brings. */
  readonly builtinModel: string;
  readonly t: Translate;
}

/** The rows of the view of specs, runs and models; nothing is read before the row above it is unfolded. */
export class RunRows {
  readonly #sources: RowSources;
  readonly #facts = new FactsReader();
  /** By path: the same object for the same spec, so that its row can be drawn anew. */
  readonly #specs = new Map<string, SpecNode>();
  #shown = pageSize;

  constructor(sources: RowSources) {
    this.#sources = sources;
  }

  /** The row of a spec, once it has been there. @param file its absolute path */
  specAt(file: string): SpecNode | undefined {
    return this.#specs.get(file);
  }

  /** Another page of runs. */
  showMore(): void {
    this.#shown += pageSize;
  }

  /** Rows below one, or the first ones. */
  async below(node?: RunNode): Promise<RunNode[]> {
    switch (node?.kind) {
      case undefined: return await this.#groups();
      case 'group':
        if (node.group === 'specs') return await this.#specRows();
        return node.group === 'runs' ? await this.#runRows() : await this.#modelRows();
      case 'spec': return await this.#runsOfSpec(node);
      case 'question': return [...node.question.runs].sort(bySeed).map((run) => ({ kind: 'run', run, under: 'question' }));
      case 'model': return await this.#siteRows(node);
      default: return [];
    }
  }

  /** None where there is nothing of anybody's own yet: then the view welcomes. */
  async #groups(): Promise<RunNode[]> {
    const { content } = this.#sources;
    const [folders, models] = await Promise.all([content.specFolders(), content.models()]);
    if (folders.length === 0 && models.length === 0) return [];
    return [{ kind: 'group', group: 'specs' }, { kind: 'group', group: 'runs' }, { kind: 'group', group: 'models' }];
  }

  async #specRows(): Promise<RunNode[]> {
    const specs = await this.#sources.content.specs();
    if (specs.length === 0) return [{ kind: 'note', parent: 'specs', text: this.#sources.t('no *.dmi.json yet') }];
    return specs.map((uri) => {
      const node = this.#specs.get(uri.fsPath) ?? { kind: 'spec', uri };
      this.#specs.set(uri.fsPath, node);
      return node;
    });
  }

  async #runsOfSpec({ uri }: SpecNode): Promise<RunNode[]> {
    const { runs, parse, t } = this.#sources;
    const parent = uri.toString();
    try {
      const parsed = await parse(uri);
      if (parsed.spec === undefined) return [{ kind: 'note', parent, text: t('the spec has errors') }];
      const found = (await runs.ofSpec(parsed, dirname(uri.fsPath))).flatMap(({ run }) => run ?? []);
      if (found.length === 0) return [{ kind: 'note', parent, text: t('no runs of it yet') }];
      return found.map((run) => ({ kind: 'run', run, under: 'spec' }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [{ kind: 'note', parent, text: say(error.phrases.message, t), tooltip: error.describe() }];
    }
  }

  async #runRows(): Promise<RunNode[]> {
    const { content, runs, t } = this.#sources;
    const questions: Question[] = [];
    const damaged: DamagedRun[] = [];
    for (const folder of await content.specFolders()) {
      const found = await runs.list(folder);
      questions.push(...groupByQuestion(found.filter((run) => run.kind === 'finished')));
      damaged.push(...found.filter((run) => run.kind === 'damaged'));
    }
    questions.sort((a, b) => newestFirst(a.runs[0], b.runs[0]));
    const rows: RunNode[] = [
      ...questions.map((question): RunNode => (question.runs.length === 1 ? { kind: 'run', run: question.runs[0], under: 'runs' } : { kind: 'question', question })),
      ...damaged.map((run): RunNode => ({ kind: 'damaged', run })),
    ];
    if (rows.length === 0) return [{ kind: 'note', parent: 'runs', text: t('no runs yet') }];
    return rows.length <= this.#shown ? rows : [...rows.slice(0, this.#shown), { kind: 'more', left: rows.length - this.#shown }];
  }

  async #modelRows(): Promise<RunNode[]> {
    const { content, builtinModel } = this.#sources;
    const own = (await content.models()).filter((folder) => folder !== builtinModel);
    return [{ kind: 'model', folder: builtinModel, builtin: true }, ...own.map((folder): RunNode => ({ kind: 'model', folder, builtin: false }))];
  }

  async #siteRows({ folder }: ModelNode): Promise<RunNode[]> {
    const { saes, faults } = await this.#facts.read({ model: folder, ...await besideModel(folder, { saes: undefined, judge: undefined }) });
    const notes = faults.map((fault, index): RunNode => ({ kind: 'note', parent: `${folder} ${index}`, text: say(fault.phrases.message, this.#sources.t), tooltip: fault.describe() }));
    if (saes.length + notes.length === 0) return [{ kind: 'note', parent: folder, text: this.#sources.t('no SAEs beside it') }];
    return [...saes.map((facts): RunNode => ({ kind: 'site', facts })), ...notes];
  }
}

/** The answers to one question; no seed stands twice among them. */
function bySeed({ definition: a }: RunSummary, { definition: b }: RunSummary): number {
  return a.sample.seed - b.sample.seed;
}
