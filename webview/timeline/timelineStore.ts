import type { MarkSpread } from '../../src/concepts/summariseConcepts.ts';
import type { FromPanel, PanelData, ToPanel } from '../protocol.ts';
import type { Host } from '../kit/host.ts';
import type { RowOrder } from './model/orderRows.ts';
import type { SiteModel } from '../trace/siteModel.ts';
import type { SiteSummary } from '../trace/siteSummary.ts';
import { newestColumn, runsShown, runsSummed } from './model/runsInSight.ts';
import { addColumn, addImage, createModel, measure } from './model/timelineModel.ts';
import type { TimelineModel } from './model/timelineModel.ts';
import { Store } from '../kit/store.ts';
import { roundAbove } from '../kit/layout/roundAbove.ts';
import { firstSite } from './proposeTicks.ts';
import { countOfRuns, nameOfRun } from './runNames.ts';
import { SiteSummaries } from './siteSummaries.ts';
import { textsOf } from './texts.ts';
import type { Texts } from './texts.ts';
import { firstView, fromMemory, toMemory } from './view.ts';
import type { ConceptRef, View } from './view.ts';
import { withoutWhatIsGone } from './withoutWhatIsGone.ts';

/** What the spec's cursor stands on. */
export type Revealed = Extract<ToPanel, { type: 'reveal' }>;

/** What is shown of runs: their model as the host tells it, and all that follows from it, worked out between frames. */
export class TimelineStore extends Store<FromPanel, View> {
  data: PanelData | null = null;
  model: TimelineModel | null = null;
  view: View = firstView;
  revealed: Revealed | null = null;
  texts: Texts = textsOf('en');
  /** Set by the list, so that bands are worked out where they show. */
  rowsInSight: readonly ConceptRef[] = [];
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

  /** Open the site that the spec speaks of. */
  #openRevealed({ site, concepts }: Revealed): void {
    const open = this.model?.sites.filter((candidate) => candidate.site.site === site && concepts.length > 0 && !this.isOpen(candidate)) ?? [];
    if (open.length > 0) this.update({ open: [...this.#openSites, ...open.map(({ key }) => key)] });
  }
}
