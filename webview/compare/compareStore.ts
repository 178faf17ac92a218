import { roundAbove } from '../kit/layout/roundAbove.ts';
import type { Host } from '../kit/host.ts';
import { Store } from '../kit/store.ts';
import type { CompareData, FromCompare, LivePair, PairData, ToCompare } from '../compareProtocol.ts';
import { conceptChanges } from './model/conceptChanges.ts';
import type { ConceptChange } from './model/conceptChanges.ts';
import { addPicture, newestOf, pairOfLive } from './model/livePair.ts';
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

/** Everything the panel knows, and what follows from it; parts draw it, and call its methods. */
export class CompareStore extends Store<FromCompare, CompareView> {
  readonly differencePictures = new DifferencePictures(this.pictures);
  data: CompareData | null = null;
  /** The pair that is being computed, or was when that ended early. */
  live: LivePair | null = null;
  view: CompareView = firstView;
  texts: CompareTexts = textsOf('en');

  /** Someone wants to see the last result, although there is a live pair. */
  #looksBack = false;
  #liveModel: PairModel | null = null;
  #resultModel: PairModel | null = null;
  /** What was last asked for. */
  #asked = '';
  #changes: { readonly model: PairModel; readonly all: readonly ConceptChange[] } | null = null;

  constructor(host: Host<FromCompare>) {
    super(host);
    this.view = fromMemory(host.recall());
  }

  receive(message: ToCompare): void {
    switch (message.type) {
      case 'data':
        this.data = message.data;
        this.texts = textsOf(message.data.language);
        this.takeState(message.data);
        this.#resultModel = null;
        this.#asked = '';
        this.#ask();
        break;
      case 'state': this.takeState(message); break;
      case 'pair':
        if (this.#isWanted(message.pair)) this.#resultModel = createPair(message.pair, this.data?.outcome?.totalSteps ?? message.pair.steps.length);
        break;
      case 'live':
        if (this.live === null || message.live === null) this.#looksBack = false;
        this.#takeLive(message.live);
        break;
      case 'picture': if (this.live !== null) this.#takeLive(addPicture(this.live, message)); break;
    }
    this.changed();
  }

  override update(change: Partial<CompareView>): void {
    super.update(change);
    if ('seed' in change || 'subject' in change) this.#ask();
  }

  send(type: 'run' | 'cancel' | 'openSpec'): void {
    this.host.send({ type });
  }

  copy(text: string): void {
    this.host.send({ type: 'copy', text });
    this.say(this.texts.copied(text));
  }

  /** Both runs that are shown; null while they are being read. */
  get model(): PairModel | null {
    return this.showsLive ? this.#liveModel : this.#resultModel;
  }

  /** What is shown is the live pair, in place of the last result. */
  get showsLive(): boolean {
    return this.live !== null && (!this.#looksBack || this.data?.outcome === null);
  }

  lookBack(back: boolean): void {
    this.#looksBack = back;
    this.changed();
  }

  /** Edits of the runs that are shown. */
  get edits(): LivePair['edits'] {
    return (this.showsLive ? this.live?.edits : this.data?.outcome?.edits) ?? [];
  }

  /** What stands beside the unedited run, in words. */
  get nameOfOther(): string {
    return this.showsLive || this.subject === null ? this.texts.kinds.edited : this.nameOfSubject(this.subject);
  }

  /** The control in the making, beside the pair that is computed; null where none is shown. */
  get liveControl(): { readonly name: string; readonly previews: readonly (Uint8Array | null)[] } | null {
    const control = this.showsLive ? this.live?.control ?? null : null;
    return control && { name: this.texts.draw(this.texts.kinds[control.role], control.draw + 1), previews: control.previews };
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

  /** Column under the cursor: the last one that there is until someone moves it; -1 where there is none. */
  get cursor(): number {
    const { model, view } = this;
    const column = view.step === null ? -1 : model?.axis.steps.indexOf(view.step) ?? -1;
    if (column >= 0) return column;
    return this.showsLive && this.live !== null ? newestOf(this.live) : this.columns - 1;
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
    this.#resultModel = null;
    this.host.send({ type: 'pair', seed, subject: subject.subject });
  }

  #takeLive(live: LivePair | null): void {
    this.live = live;
    this.#liveModel = live && createPair(pairOfLive(live), live.totalSteps);
  }

  protected override work(goOn: () => boolean): boolean {
    if (this.#resultModel === null) return false;
    const measured = measurePair(this.#resultModel, goOn);
    const worked = measured !== this.#resultModel;
    this.#resultModel = measured;
    return worked;
  }
}
