import { Pictures } from '../kit/paint/pictures.ts';
import { readPalette, watchTheme } from '../kit/paint/palette.ts';
import type { Palette } from '../kit/paint/palette.ts';
import { roundAbove } from '../kit/layout/roundAbove.ts';
import type { Host } from '../kit/host.ts';
import { Frames } from '../kit/frames.ts';
import type { CompareData, FromCompare, PairData, ToCompare } from '../compareProtocol.ts';
import type { PanelState } from '../protocol.ts';
import { conceptChanges } from './model/conceptChanges.ts';
import type { ConceptChange } from './model/conceptChanges.ts';
import { createPair, isPairMeasured, measurePair } from './model/pairModel.ts';
import type { PairModel } from './model/pairModel.ts';
import { partingColumn } from './model/pictureDifference.ts';
import type { PictureDifference } from './model/pictureDifference.ts';
import { keyOfSubject, subjectsOf } from './model/subjects.ts';
import type { SubjectRuns } from './model/subjects.ts';
import { DifferencePictures } from './paint/differencePictures.ts';
import { textsOf } from './texts.ts';
import type { CompareTexts } from './texts.ts';
import { firstView, fromMemory } from './view.ts';
import type { CompareView } from './view.ts';
import type { SiteModel } from '../trace/siteModel.ts';

/** Longest stretch of work between two frames. */
const sliceMs = 5;
/** Pause after which the view is kept. */
const restMs = 150;

/** Everything the panel knows, and what follows from it; parts draw it, and call its methods. */
export class CompareStore {
  readonly pictures = new Pictures(() => { this.#changed(); });
  readonly differencePictures = new DifferencePictures(this.pictures);
  data: CompareData | null = null;
  state: PanelState = { kind: 'loading' };
  stale = false;
  model: PairModel | null = null;
  view: CompareView = firstView;
  palette: Palette = readPalette(document.body);
  texts: CompareTexts = textsOf('en');
  /** Said to those who do not see the panel. */
  notice = '';

  readonly #host: Host<FromCompare>;
  readonly #frames = new Frames({ sliceMs, work: (goOn) => this.#work(goOn) });
  #keeping: number | undefined;
  /** What was last asked for. */
  #asked = '';
  #changes: { readonly model: PairModel; readonly all: readonly ConceptChange[] } | null = null;

  constructor(host: Host<FromCompare>) {
    this.#host = host;
    this.view = fromMemory(host.recall());
    watchTheme(() => {
      this.palette = readPalette(document.body);
      this.#changed();
    });
  }

  /** Called once a frame at most, when something has changed. */
  onChange(listener: () => void): void {
    this.#frames.listener = listener;
  }

  receive(message: ToCompare): void {
    switch (message.type) {
      case 'data':
        this.data = message.data;
        this.texts = textsOf(message.data.language);
        this.state = message.data.state;
        this.stale = message.data.stale;
        this.model = null;
        this.#asked = '';
        this.#ask();
        break;
      case 'state':
        this.state = message.state;
        this.stale = message.stale;
        break;
      case 'pair':
        if (this.#isWanted(message.pair)) this.model = createPair(message.pair, this.data?.outcome?.totalSteps ?? message.pair.steps.length);
        break;
    }
    this.#changed();
  }

  update(change: Partial<CompareView>): void {
    this.view = { ...this.view, ...change };
    clearTimeout(this.#keeping);
    this.#keeping = window.setTimeout(() => { this.#host.keep(this.view); }, restMs);
    if ('seed' in change || 'subject' in change) this.#ask();
    this.#changed();
  }

  send(type: 'run' | 'cancel' | 'openSpec'): void {
    this.#host.send({ type });
  }

  copy(text: string): void {
    this.#host.send({ type: 'copy', text });
    this.say(this.texts.copied(text));
  }

  say(text: string): void {
    this.notice = text;
    this.#changed();
  }

  get subjects(): readonly SubjectRuns[] {
    return this.data?.outcome === null || this.data === null ? [] : subjectsOf(this.data.outcome);
  }

  /** What stands beside the unedited run. */
  get subject(): SubjectRuns | null {
    const all = this.subjects;
    return all.find(({ key }) => key === this.view.subject) ?? all.at(0) ?? null;
  }

  /** The seed that is shown: the chosen one, else the first of which both runs are there. */
  get seed(): number | null {
    const outcome = this.data?.outcome ?? null;
    if (outcome === null) return null;
    if (this.view.seed !== null && outcome.seeds.includes(this.view.seed)) return this.view.seed;
    return outcome.seeds.find((seed) => !this.hasFailed(seed)) ?? outcome.seeds.at(0) ?? null;
  }

  /** One of both runs of a seed is missing. */
  hasFailed(seed: number): boolean {
    const at = this.data?.outcome?.seeds.indexOf(seed) ?? -1;
    return [this.data?.outcome?.baseline, this.subject?.runs].some((runs) => (runs?.at(at)?.folder ?? null) === null);
  }

  nameOfSubject({ subject, draws }: SubjectRuns): string {
    const name = this.texts.kinds[subject.role];
    return subject.role === 'edited' || draws < 2 ? name : this.texts.draw(name, subject.draw + 1);
  }

  get columns(): number {
    return this.model?.axis.steps.length ?? 0;
  }

  /** Column under the cursor: the last one until someone moves it; -1 where there is none. */
  get cursor(): number {
    const { model, view } = this;
    const column = view.step === null ? -1 : model?.axis.steps.indexOf(view.step) ?? -1;
    return column < 0 ? this.columns - 1 : column;
  }

  moveCursor(column: number): void {
    if (this.model === null || this.columns === 0) return;
    this.update({ step: this.model.axis.steps[Math.min(Math.max(column, 0), this.columns - 1)] });
  }

  /** A picture of the pair: at the last column the finished one, where both are there. */
  pictureAt(run: 'baseline' | 'other', column: number): Uint8Array | null {
    const pair = this.model?.pair;
    const one = pair?.[run] ?? null;
    if (pair === undefined || one === null || column < 0) return null;
    const finished = column === this.columns - 1 && [pair.baseline, pair.other].every((run) => (run?.image ?? null) !== null);
    return finished ? one.image : one.previews.at(column) ?? null;
  }

  /** How both previews of a column differ; null where that is not known, or not yet. */
  differenceAt(column: number): PictureDifference | null {
    const { baseline = null, other = null } = this.model?.pair ?? {};
    const [a, b] = [baseline?.previews.at(column) ?? null, other?.previews.at(column) ?? null];
    return a === null || b === null ? null : this.differencePictures.of(a, b) ?? null;
  }

  get differences(): readonly (PictureDifference | null)[] {
    return Array.from({ length: this.columns }, (_, column) => this.differenceAt(column));
  }

  /** Column at which both runs part; -1 where they do not. */
  get parting(): number {
    return partingColumn(this.differences);
  }

  /** Every pair of previews has been compared. */
  get allCompared(): boolean {
    return this.columns > 0 && this.differences.every((difference) => difference !== null);
  }

  /** Difference at the end of the ramp: a round number above all but the strongest pixels. */
  get differenceScale(): number {
    return roundAbove(Math.max(0, ...this.differences.map((difference) => difference?.high ?? 0)));
  }

  /** Concepts of all sites, or of the chosen one; null while they are being worked out. */
  get changes(): readonly ConceptChange[] | null {
    const { model, view } = this;
    if (model === null || !isPairMeasured(model)) return null;
    if (this.#changes?.model !== model) {
      this.#changes = { model, all: model.sites.flatMap(conceptChanges).sort((a, b) => Math.abs(b.change) - Math.abs(a.change)) };
    }
    const there = model.sites.some(({ key }) => key === view.site);
    return there ? this.#changes.all.filter(({ site }) => site === view.site) : this.#changes.all;
  }

  siteOf(key: string): SiteModel | undefined {
    return this.model?.sites.find((site) => site.key === key);
  }

  /** `312 red house`. */
  nameOfConcept(site: SiteModel, concept: number): string {
    const { labels } = site.site;
    return concept in labels ? `${concept} ${labels[concept]}` : String(concept);
  }

  /** What the host was asked for is what is shown now. */
  #isWanted({ seed, subject }: PairData): boolean {
    return seed === this.seed && keyOfSubject(subject) === this.subject?.key;
  }

  /** Ask for the runs of the seed and subject shown, unless that was done. */
  #ask(): void {
    const { seed, subject } = this;
    if (seed === null || subject === null) return;
    const asked = `${seed} ${subject.key}`;
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.model = null;
    this.#host.send({ type: 'pair', seed, subject: subject.subject });
  }

  #changed(): void {
    this.#frames.ask();
  }

  #work(goOn: () => boolean): boolean {
    if (this.model === null) return false;
    const measured = measurePair(this.model, goOn);
    const worked = measured !== this.model;
    this.model = measured;
    return worked;
  }
}
