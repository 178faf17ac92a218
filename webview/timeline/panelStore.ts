import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import type { DrawnEdit, FromPanel, PanelData, ToPanel } from '../protocol.ts';
import { atRest } from '../kit/atRest.ts';
import type { Host } from '../kit/host.ts';
import type { RowOrder } from './model/orderRows.ts';
import type { SiteModel } from '../trace/siteModel.ts';
import type { SiteSummary } from '../trace/siteSummary.ts';
import { newestColumn, runsShown, runsSummed } from './model/runsInSight.ts';
import { addColumn, addImage, createModel, measure } from './model/timelineModel.ts';
import type { TimelineModel } from './model/timelineModel.ts';
import type { TipContent } from '../kit/parts/tip.tsx';
import { Store } from '../kit/store.ts';
import { roundAbove } from '../kit/layout/roundAbove.ts';
import { firstSite, proposeTicks } from './proposeTicks.ts';
import { countOfRuns, nameOfRun } from './runNames.ts';
import { SiteSummaries } from './siteSummaries.ts';
import { textsOf } from './texts.ts';
import type { Texts } from './texts.ts';
import { firstView, fromMemory, mostTicked, toMemory, toggleTick } from './view.ts';
import type { ConceptRef, Ticked, View } from './view.ts';
import { withoutWhatIsGone } from './withoutWhatIsGone.ts';

/** What the spec's cursor stands on. */
export type Revealed = Extract<ToPanel, { type: 'reveal' }>;

/** What the pointer is on: a concept, and where it has columns, one of them. */
export interface Pointed extends ConceptRef {
  readonly column: number | null;
}

/** Everything the panel knows, and what follows from it; parts draw it, and call its methods. */
export class PanelStore extends Store<FromPanel, View> {
  data: PanelData | null = null;
  model: TimelineModel | null = null;
  view: View = firstView;
  revealed: Revealed | null = null;
  pointed: Pointed | null = null;
  /** What is under the pointer in words, and where the pointer is. */
  tip: TipContent | null = null;
  texts: Texts = textsOf('en');
  /** The list shall have the focus, once it has been drawn. */
  listWanted = false;
  /** Set by the list, so that bands are worked out where they show. */
  rowsInSight: readonly ConceptRef[] = [];

  #proposal: readonly Ticked[] | null = null;
  readonly #tellChoice = atRest(() => { this.#sendChoice(); });
  readonly #summaries = new SiteSummaries();

  constructor(host: Host<FromPanel>) {
    super(host);
    const memory = host.recall();
    if (memory !== undefined) this.view = fromMemory(memory);
  }

  receive(message: ToPanel): void {
    switch (message.type) {
      case 'data':
        this.data = message.data;
        this.model = createModel(message.data);
        this.texts = textsOf(message.data.language);
        this.takeState(message.data);
        this.#proposal = null;
        this.view = withoutWhatIsGone(this.view, this.model);
        break;
      case 'step': if (this.model !== null) this.model = addColumn(this.model, message); break;
      case 'image': if (this.model !== null) this.model = addImage(this.model, message); break;
      case 'state': this.takeState(message); break;
      case 'reveal':
        this.revealed = message;
        this.#openRevealed(message);
        break;
    }
    this.changed();
  }

  override update(change: Partial<View>): void {
    if ('search' in change || 'sorting' in change || 'open' in change) this.pointed = this.tip = null; // another row lies under the pointer now
    super.update(change);
  }

  send(type: 'run' | 'cancel' | 'openSpec' | 'compare' | 'report'): void {
    this.host.send({ type });
  }

  copy(text: string): void {
    this.host.send({ type: 'copy', text });
    this.say(this.texts.copied(text));
  }

  /** The pointer is on something, or on nothing. */
  point(pointed: Pointed | null, tip: TipContent | null = null): void {
    if (pointed === this.pointed && tip === this.tip) return;
    this.pointed = pointed;
    this.tip = tip;
    this.changed();
  }

  wantList(): void {
    this.listWanted = true;
    this.changed();
  }

  hideRevealed(): void {
    this.revealed = null;
    this.changed();
  }

  /** The last column that has come: of the run on its way, else over the runs shown. */
  get newest(): number {
    return this.model === null ? -1 : newestColumn(this.model, this.runsShown, this.state);
  }

  /** Column under the cursor; -1 before the first step. */
  get cursor(): number {
    const { model, view } = this;
    const column = model === null || view.step === null ? -1 : model.axis.steps.indexOf(view.step);
    return column < 0 ? this.newest : column;
  }

  moveCursor(column: number): void {
    const { model } = this;
    if (model === null || model.axis.steps.length === 0) return;
    const within = Math.min(Math.max(column, 0), model.axis.steps.length - 1);
    if (within === this.cursor && this.view.step !== null) return;
    this.update({ step: model.axis.steps[within] });
    this.#tellChoice();
  }

  /** Runs that stand on the stage and in the strip. */
  get runsShown(): readonly number[] {
    return this.model === null ? [] : runsShown(this.model, this.view.run);
  }

  /** Runs that the rows are over: complete ones, and while it runs also those on their way. */
  get runsSummed(): readonly number[] {
    return this.model === null ? [] : runsSummed(this.model, this.runsShown, this.state);
  }

  isOpen(site: SiteModel): boolean {
    return this.#openSites.includes(site.key);
  }

  toggleSite(site: SiteModel): void {
    const open = this.#openSites;
    this.update({ open: open.includes(site.key) ? open.filter((key) => key !== site.key) : [...open, site.key] });
  }

  /** A site over the runs shown; undefined before a step has come, or while it has not been looked at. */
  summary(site: SiteModel): SiteSummary | undefined {
    return this.model === null ? undefined : this.#summaries.of(this.model, site, this.runsSummed);
  }

  /** The rows of a site. */
  order(summary: SiteSummary): RowOrder {
    return this.model === null ? { ids: [], folded: 0 } : this.#summaries.order(this.model, summary, this.view);
  }

  /** Where a concept settles; undefined while that is not known, as before the end of a run. */
  settle(summary: SiteSummary, id: number): MarkSpread | undefined {
    return this.model === null ? undefined : this.#summaries.settle(this.model, summary, id);
  }

  /** z that is drawn at full opacity: a concept's greatest over the runs shown. */
  reach(site: SiteModel, concept: number): number {
    return this.model === null ? 0 : this.#summaries.reach(this.model, site, this.runsShown, concept);
  }

  siteOf(key: string): SiteModel | undefined {
    return this.model?.sites.find((site) => site.key === key);
  }

  get ticked(): readonly Ticked[] {
    return this.view.ticked ?? this.#proposal ?? [];
  }

  tick(concept: ConceptRef): void {
    const ticked = toggleTick(this.ticked, concept);
    if (ticked === null) this.say(this.texts.mostTicked(mostTicked));
    else this.update({ ticked });
  }

  choose(concept: ConceptRef | null, column?: number): void {
    const step = column === undefined ? undefined : this.model?.axis.steps.at(column);
    this.update({ chosen: concept, ...(step === undefined ? {} : { step }) });
    this.#tellChoice();
  }

  /** The concept that an edit is for. */
  get target(): ConceptRef | null {
    return this.view.chosen ?? this.ticked.at(0) ?? null;
  }

  /** The edit as drawn; null where its concept or region is missing. */
  get edit(): DrawnEdit | null {
    const { target, view: { drawing: { region }, during, add } } = this;
    const site = target === null ? undefined : this.siteOf(target.site)?.site.site;
    return target === null || site === undefined || region === null ? null : { site, concept: target.concept, add, during, where: region };
  }

  insert(): void {
    const { edit, data, target, texts } = this;
    if (data?.canInsert !== true) this.say(texts.cannotInsert);
    else if (target === null) this.say(texts.chooseConcept);
    else if (edit === null) this.say(texts.needsRegion);
    else {
      this.host.send({ type: 'insertEdit', edit });
      this.say(texts.inserted(this.nameOf(target)));
    }
  }

  nameOfRun(run: number): string {
    return this.model === null ? '' : nameOfRun(this.model.runs, run, this.texts);
  }

  countOfRuns(runs: number): string {
    return countOfRuns(this.model?.runs ?? [], runs, this.texts);
  }

  /** Strength at the end of the ramp: one for all rows of the panel, a round number above the strongest. */
  get scale(): number {
    const strongest = Math.max(0, ...(this.model?.sites ?? []).map((site) => {
      const summary = this.summary(site);
      return summary === undefined || summary.active.length === 0 ? 0 : summary.strength[summary.active[0]];
    }));
    return roundAbove(strongest);
  }

  /** `312 red house`. */
  nameOf({ site, concept }: ConceptRef): string {
    const labels = this.siteOf(site)?.site.labels ?? {};
    return concept in labels ? `${concept} ${labels[concept]}` : String(concept);
  }

  get #openSites(): readonly string[] {
    const sites = this.model?.sites ?? [];
    return this.view.open ?? sites.slice(firstSite(sites.map(({ site }) => site))).slice(0, 1).map(({ key }) => key);
  }

  protected override memory(): unknown {
    return toMemory(this.view);
  }

  /** Before a frame is drawn: what shows must be there; all else can wait for a free moment, but for the one column of a step. */
  protected override prepare(): void {
    if (this.model !== null) this.model = measure(this.model, (site) => this.isOpen(site) || this.state.kind === 'running');
    this.#propose();
  }

  #propose(): void {
    const { model } = this;
    if (this.view.ticked !== null || this.#proposal !== null || model === null) return;
    const site = model.sites.find((candidate) => this.isOpen(candidate));
    const summary = site === undefined ? undefined : this.summary(site);
    // Too early in a run the strongest are not yet those that matter.
    if (summary === undefined || (this.state.kind === 'running' && 4 * this.newest < model.axis.steps.length)) return;
    this.#proposal = proposeTicks(summary, this.data?.title ?? '');
  }

  /** Sites not yet opened, where concepts settle, bands: one slice. @returns whether there was anything to do */
  protected override work(goOn: () => boolean): boolean {
    if (this.model === null) return false;
    const measured = measure(this.model, () => true, goOn);
    const worked = measured !== this.model;
    this.model = measured;
    const sites = measured.sites.filter((site) => this.isOpen(site) || this.view.search !== '');
    return this.#summaries.work(measured, { sites, runs: this.runsSummed, running: this.state.kind === 'running', rows: this.rowsInSight }, goOn) || worked;
  }

  /** Tell the host what is chosen. */
  #sendChoice(): void {
    const { chosen } = this.view;
    const site = chosen === null ? undefined : this.siteOf(chosen.site);
    const step = this.model?.axis.steps.at(Math.max(this.cursor, 0));
    if (chosen !== null && site !== undefined && step !== undefined) this.host.send({ type: 'select', site: site.site.site, concept: chosen.concept, step });
  }

  /** Open the site that the spec speaks of. */
  #openRevealed({ site, concepts }: Revealed): void {
    const open = this.model?.sites.filter((candidate) => candidate.site.site === site && concepts.length > 0 && !this.isOpen(candidate)) ?? [];
    if (open.length > 0) this.update({ open: [...this.#openSites, ...open.map(({ key }) => key)] });
  }
}
