import { dirname } from 'node:path';
import { env, EventEmitter, l10n, workspace, type Disposable, type TreeDataProvider, type TreeItem, type Uri } from 'vscode';
import { InputError } from '../../base/errors.ts';
import { FactsReader } from '../../experiment/modelFacts.ts';
import type { DamagedRun, RunSummary } from '../../experiment/readRunFolder.ts';
import { groupByQuestion, newestFirst, type Question } from '../../experiment/runCatalogue.ts';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { readSpec } from '../../spec/readSpec.ts';
import { besideModel } from '../../spec/resolveFolders.ts';
import type { Services } from '../services.ts';
import { pageSize, type ModelNode, type RunNode, type SpecNode } from './runNode.ts';
import type { Speech } from './runTexts.ts';
import { runTooltip } from './runTooltip.ts';
import { treeItem } from './treeItem.ts';
import type { WorkspaceContent } from './workspaceContent.ts';

/** Fills the view of specs, runs and models; nothing is read before its row is unfolded. */
export class RunsTree implements TreeDataProvider<RunNode>, Disposable {
  readonly #services: Services;
  readonly #content: WorkspaceContent;
  readonly #builtinModel: string;
  readonly #facts = new FactsReader();
  /** By path: the same object for the same spec, so that one row can be drawn anew. */
  readonly #specs = new Map<string, SpecNode>();
  readonly #changed = new EventEmitter<RunNode | undefined>();
  #shown = pageSize;

  readonly onDidChangeTreeData = this.#changed.event;

  /** @param builtinModel folder of the model that the extension brings */
  constructor(services: Services, content: WorkspaceContent, builtinModel: string) {
    this.#services = services;
    this.#content = content;
    this.#builtinModel = builtinModel;
  }

  /** Draw everything anew. */
  refresh(): void {
    this.#changed.fire(undefined);
  }

  /** Draw the row of one spec anew. @param file its absolute path */
  refreshSpec(file: string): void {
    const node = this.#specs.get(file);
    if (node !== undefined) this.#changed.fire(node);
  }

  /** Show another page of runs. */
  showMore(): void {
    this.#shown += pageSize;
    this.refresh();
  }

  getTreeItem(node: RunNode): TreeItem | Promise<TreeItem> {
    return treeItem(node, this.#services, this.#speech());
  }

  async resolveTreeItem(item: TreeItem, node: RunNode): Promise<TreeItem> {
    if (node.kind === 'run') item.tooltip = await runTooltip(node.run, this.#speech());
    return item;
  }

  async getChildren(node?: RunNode): Promise<RunNode[]> {
    switch (node?.kind) {
      case undefined: return await this.#groups();
      case 'group':
        if (node.group === 'specs') return await this.#specNodes();
        return node.group === 'runs' ? await this.#runNodes() : await this.#modelNodes();
      case 'spec': return await this.#runsOfSpec(node);
      case 'question': return [...node.question.runs].sort(bySeed).map((run) => ({ kind: 'run', run, under: 'question' }));
      case 'model': return await this.#sites(node);
      default: return [];
    }
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #speech(): Speech {
    return { t: l10n.t, language: env.language, now: Date.now() };
  }

  /** None where there is nothing of anybody's own yet: then the view welcomes. */
  async #groups(): Promise<RunNode[]> {
    const [folders, models] = await Promise.all([this.#content.specFolders(), this.#content.models()]);
    if (folders.length === 0 && models.length === 0) return [];
    return [{ kind: 'group', group: 'specs' }, { kind: 'group', group: 'runs' }, { kind: 'group', group: 'models' }];
  }

  async #specNodes(): Promise<RunNode[]> {
    const specs = await this.#content.specs();
    if (specs.length === 0) return [{ kind: 'note', parent: 'specs', text: l10n.t('no *.dmi.json yet') }];
    return specs.map((uri) => {
      const node = this.#specs.get(uri.fsPath) ?? { kind: 'spec', uri };
      this.#specs.set(uri.fsPath, node);
      return node;
    });
  }

  async #runsOfSpec({ uri }: SpecNode): Promise<RunNode[]> {
    const parent = uri.toString();
    try {
      const parsed = await this.#parse(uri);
      if (parsed.spec === undefined) return [{ kind: 'note', parent, text: l10n.t('the spec has errors') }];
      const runs = (await this.#services.runs.ofSpec(parsed, dirname(uri.fsPath))).flatMap(({ run }) => run ?? []);
      if (runs.length === 0) return [{ kind: 'note', parent, text: l10n.t('no runs of it yet') }];
      return runs.map((run) => ({ kind: 'run', run, under: 'spec' }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return [{ kind: 'note', parent, text: error.message, tooltip: error.describe() }];
    }
  }

  /** As it stands in the editor, else as it lies on the disk. */
  async #parse(uri: Uri): Promise<ParsedSpec> {
    const open = workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    return open === undefined ? await readSpec(uri.fsPath) : this.#services.specs.of(open).parsed;
  }

  async #runNodes(): Promise<RunNode[]> {
    const questions: Question[] = [];
    const damaged: DamagedRun[] = [];
    for (const folder of await this.#content.specFolders()) {
      const runs = await this.#services.runs.list(folder);
      questions.push(...groupByQuestion(runs.filter((run) => run.kind === 'finished')));
      damaged.push(...runs.filter((run) => run.kind === 'damaged'));
    }
    questions.sort((a, b) => newestFirst(a.runs[0], b.runs[0]));
    const nodes: RunNode[] = [
      ...questions.map((question): RunNode => (question.runs.length === 1 ? { kind: 'run', run: question.runs[0], under: 'runs' } : { kind: 'question', question })),
      ...damaged.map((run): RunNode => ({ kind: 'damaged', run })),
    ];
    if (nodes.length === 0) return [{ kind: 'note', parent: 'runs', text: l10n.t('no runs yet') }];
    return nodes.length <= this.#shown ? nodes : [...nodes.slice(0, this.#shown), { kind: 'more', left: nodes.length - this.#shown }];
  }

  async #modelNodes(): Promise<RunNode[]> {
    const own = await this.#content.models();
    return [
      { kind: 'model', folder: this.#builtinModel, builtin: true },
      ...own.filter((folder) => folder !== this.#builtinModel).map((folder): RunNode => ({ kind: 'model', folder, builtin: false })),
    ];
  }

  async #sites({ folder }: ModelNode): Promise<RunNode[]> {
    const { saes, faults } = await this.#facts.read({ model: folder, ...await besideModel(folder, { saes: undefined, judge: undefined }) });
    const notes = faults.map((fault, index): RunNode => ({ kind: 'note', parent: `${folder} ${index}`, text: fault.message, tooltip: fault.describe() }));
    if (saes.length + notes.length === 0) return [{ kind: 'note', parent: folder, text: l10n.t('no SAEs beside it') }];
    return [...saes.map((facts): RunNode => ({ kind: 'site', facts })), ...notes];
  }
}

/** The answers to one question; no seed stands twice among them. */
function bySeed({ definition: a }: RunSummary, { definition: b }: RunSummary): number {
  return a.sample.seed - b.sample.seed;
}
