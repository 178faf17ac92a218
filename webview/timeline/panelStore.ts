import type { DrawnEdit, ToPanel } from '../protocol.ts';
import { atRest } from '../kit/atRest.ts';
import type { TipContent } from '../kit/parts/tip.tsx';
import { proposeTicks } from './proposeTicks.ts';
import { TimelineStore } from './timelineStore.ts';
import { mostTicked, toggleTick } from './view.ts';
import type { ConceptRef, Ticked, View } from './view.ts';

/** What the pointer is on: a concept, and where it has columns, one of them. */
export interface Pointed extends ConceptRef {
  readonly column: number | null;
}

/** The timeline, and what someone does with it: points, ticks, chooses, draws an edit. */
export class PanelStore extends TimelineStore {
  pointed: Pointed | null = null;
  /** What is under the pointer in words, and where the pointer is. */
  tip: TipContent | null = null;
  /** The list shall have the focus, once it has been drawn. */
  listWanted = false;

  #proposal: readonly Ticked[] | null = null;
  readonly #tellChoice = atRest(() => { this.#sendChoice(); });

  override receive(message: ToPanel): void {
    if (message.type === 'data') this.#proposal = null;
    super.receive(message);
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

  moveCursor(column: number): void {
    const { model } = this;
    if (model === null || model.axis.steps.length === 0) return;
    const within = Math.min(Math.max(column, 0), model.axis.steps.length - 1);
    if (within === this.cursor && this.view.step !== null) return;
    this.update({ step: model.axis.steps[within] });
    this.#tellChoice();
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

  protected override prepare(): void {
    super.prepare();
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

  /** Tell the host what is chosen. */
  #sendChoice(): void {
    const { chosen } = this.view;
    const site = chosen === null ? undefined : this.siteOf(chosen.site);
    const step = this.model?.axis.steps.at(Math.max(this.cursor, 0));
    if (chosen !== null && site !== undefined && step !== undefined) this.host.send({ type: 'select', site: site.site.site, concept: chosen.concept, step });
  }
}
