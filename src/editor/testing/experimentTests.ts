import { basename } from 'node:path';
import {
  Disposable, l10n, Location, MarkdownString, Range, TestMessage, Uri, workspace,
  type CancellationToken, type TestController, type TestItem, type TestRun, type TestRunRequest,
} from 'vscode';
import { checkShape } from '../../base/checkShape.ts';
import { InputError } from '../../base/errors.ts';
import { readJsonFile } from '../../base/jsonFile.ts';
import { say } from '../../base/phrase.ts';
import type { Job } from '../../engine/job.ts';
import type { ParsedSpec } from '../../spec/parseSpec.ts';
import { inLanguage } from '../../study/inLanguage.ts';
import { ExperimentOutcome } from '../../study/outcome.ts';
import { specPattern } from '../ids.ts';
import { mayRun } from '../jobs/mayRun.ts';
import { isActive, progressText } from '../jobs/statusOf.ts';
import { parseAnySpec } from '../runs/parseAnySpec.ts';
import type { Services } from '../services.ts';
import { isSpec } from '../targetSpec.ts';
import { throttle } from '../throttle.ts';
import { watchContent } from '../watchContent.ts';
import { expectingExperiments } from './expectingExperiments.ts';
import { failuresOf } from './verdict.ts';

const passedOver = '**/{node_modules,.git,.dmi}/**';
const mostSpecs = 2000;
/** Folders are made and removed many at a time. */
const leastBetweenMs = 500;

/** Specs and their expecting experiments as test items, and what runs them. */
export class ExperimentTests {
  readonly #controller: TestController;
  readonly #services: Services;
  readonly #watches: Disposable;
  /** Where the measures of each experiment stand. */
  readonly #places = new WeakMap<TestItem, ReadonlyMap<string, Range>>();

  constructor(controller: TestController, services: Services) {
    this.#controller = controller;
    this.#services = services;
    const look = (uri: Uri): void => { this.#look(uri).catch(services.report); };
    const folders = throttle(leastBetweenMs, () => { this.find().catch(services.report); });
    const comeOrGone = (uri: Uri): void => {
      if (isSpec(uri)) look(uri);
      else folders.call();
    };
    this.#watches = Disposable.from(folders, watchContent({ names: /\.dmi\.json$/, onDidComeOrGo: comeOrGone, onDidChange: look }), services.specs.onDidChange(look));
  }

  dispose(): void {
    this.#watches.dispose();
  }

  /** Look at every spec of the workspace. */
  async find(): Promise<void> {
    const uris = await workspace.findFiles(specPattern, passedOver, mostSpecs);
    const found = new Set(uris.map((uri) => uri.toString()));
    for (const [id] of this.#controller.items) if (!found.has(id)) this.#controller.items.delete(id);
    for (const uri of uris) await this.#look(uri);
  }

  /** Run what is asked for, one experiment after the other, and tell each one's verdict. */
  async run(request: TestRunRequest, token: CancellationToken): Promise<void> {
    if (!await mayRun()) return;
    const run = this.#controller.createTestRun(request);
    try {
      const experiments = (request.include ?? [...this.#controller.items].map(([, item]) => item)).flatMap((item) => (item.children.size === 0 ? [item] : [...item.children].map(([, child]) => child)))
        .filter((item) => request.exclude?.includes(item) !== true);
      for (const item of experiments) run.enqueued(item);
      for (const item of experiments) {
        if (token.isCancellationRequested) run.skipped(item);
        else await this.#runOne(item, run, token);
      }
    } finally {
      run.end();
    }
  }

  async #runOne(item: TestItem, run: TestRun, token: CancellationToken): Promise<void> {
    const started = Date.now();
    run.started(item);
    try {
      const { uri, label: name } = item;
      if (uri === undefined) throw new RangeError('an experiment has a spec');
      const document = await workspace.openTextDocument(uri);
      const job = this.#services.queue.start(uri.fsPath, document.getText(), { kind: 'experiments', name });
      const subscription = token.onCancellationRequested(() => { job.cancel(); });
      await ended(job, (text) => { run.appendOutput(`${name}: ${text}\r\n`, undefined, item); });
      subscription.dispose();
      await this.#tell(item, job, run, Date.now() - started);
    } catch (error) {
      const text = error instanceof InputError ? `${say(error.phrases.message, l10n.t)}\n${say(error.phrases.remedy, l10n.t)}` : error instanceof Error ? error.message : String(error);
      run.errored(item, new TestMessage(text), Date.now() - started);
    }
  }

  async #tell(item: TestItem, { state, file }: Job, run: TestRun, duration: number): Promise<void> {
    if (state.kind === 'cancelled') {
      run.skipped(item);
      return;
    }
    if (state.kind !== 'done') {
      const fault = state.kind === 'failed' ? `${state.fault.message}\n${state.fault.remedy}` : l10n.t('The job did not end.');
      run.errored(item, new TestMessage(fault), duration);
      return;
    }
    const part = state.answer.parts.find(({ kind, name }) => kind === 'experiments' && name === item.label);
    if (part === undefined) throw new InputError(l10n.t('the experiment has no outcome'), { file, remedy: l10n.t('Run the experiment again.') });
    const outcome = inLanguage(checkShape(ExperimentOutcome, await readJsonFile(part.file), part.file, l10n.t('Run the experiment again.')), l10n.t);
    const failures = failuresOf(outcome, (path) => Uri.file(path).toString(), l10n.t);
    for (const { measure, passed, reason } of outcome.expectations) run.appendOutput(`${passed ? '✓' : '✗'} ${measure}: ${reason}\r\n`, undefined, item);
    if (failures.length === 0) run.passed(item, duration);
    else run.failed(item, failures.map((failure) => this.#message(item, failure)), duration);
  }

  #message(item: TestItem, { measure, text }: ReturnType<typeof failuresOf>[number]): TestMessage {
    const message = new TestMessage(new MarkdownString(text));
    const range = this.#places.get(item)?.get(measure) ?? item.range;
    if (item.uri !== undefined && range !== undefined) message.location = new Location(item.uri, range);
    return message;
  }

  /** Bring the items of one spec up to date. */
  async #look(uri: Uri): Promise<void> {
    if (!isSpec(uri) || uri.scheme !== 'file') return;
    const parsed = await parseAnySpec(uri, this.#services.specs).catch(() => undefined);
    const experiments = parsed === undefined ? [] : expectingExperiments(parsed);
    const id = uri.toString();
    if (parsed === undefined || experiments.length === 0) {
      this.#controller.items.delete(id);
      return;
    }
    const file = this.#controller.items.get(id) ?? this.#controller.createTestItem(id, basename(uri.path), uri);
    file.children.replace(experiments.map(({ name, measures, at }) => {
      const item = file.children.get(name) ?? this.#controller.createTestItem(name, name, uri);
      item.range = rangeIn(parsed, at);
      item.description = measures.map(({ measure }) => measure).join(', ');
      this.#places.set(item, new Map(measures.map(({ measure, ...place }) => [measure, rangeIn(parsed, place)])));
      return item;
    }));
    this.#controller.items.add(file);
  }
}

function rangeIn({ lines }: ParsedSpec, { offset, length }: { readonly offset: number; readonly length: number }): Range {
  const [start, end] = [lines.at(offset), lines.at(offset + length)];
  return new Range(start.line - 1, start.column - 1, end.line - 1, end.column - 1);
}

/** Wait for the end of a job, and say how far it is about once a second. */
async function ended(job: Job, tell: (text: string) => void): Promise<void> {
  let told = 0;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      const { state } = job;
      if (!isActive(state)) {
        subscription.dispose();
        resolve();
      } else if (state.kind === 'running' && Date.now() - told >= 1000) {
        told = Date.now();
        tell(progressText(state, l10n.t));
      }
    };
    const subscription = job.onDidChange(look);
    look();
  });
}
