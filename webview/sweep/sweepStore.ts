import type { Host } from '../kit/host.ts';
import { twoDigits } from '../kit/numbers.ts';
import { Store } from '../kit/store.ts';
import type { Interval } from '../../src/study/outcome.ts';
import type { FromSweep, SweepData, ToSweep } from '../sweepProtocol.ts';
import { cellsOfSlice, shownAxes } from '../../src/report/studies/sweepAxes.ts';
import type { ShownAxis, Slice } from '../../src/report/studies/sweepAxes.ts';
import { effectOf, harmKind, harmName, harmOf, isComparison, measuresOf, tradesOf } from '../../src/report/studies/sweepEffects.ts';
import type { Trade } from '../../src/report/studies/sweepEffects.ts';
import { textsOf } from './texts.ts';
import type { SweepTexts } from './texts.ts';
import { firstView, fromMemory } from './view.ts';
import type { SweepView } from './view.ts';

export type Sweep = NonNullable<SweepData['sweep']>;

/** Everything the panel knows, and what follows from it; parts draw it, and call its methods. */
export class SweepStore extends Store<FromSweep, SweepView> {
  data: SweepData | null = null;
  axes: readonly ShownAxis[] = [];
  measures: ReturnType<typeof measuresOf> = { effects: [], harms: [] };
  view: SweepView = firstView;
  texts: SweepTexts = textsOf('en');

  /** By seed and cell; null stands for the unedited run. */
  readonly #images = new Map<string, Uint8Array | null>();
  readonly #asked = new Set<number>();

  constructor(host: Host<FromSweep>) {
    super(host);
    this.view = fromMemory(host.recall());
  }

  receive(message: ToSweep): void {
    switch (message.type) {
      case 'data':
        this.data = message.data;
        this.texts = textsOf(message.data.language);
        this.axes = this.sweep === null ? [] : shownAxes(this.sweep.axes);
        this.measures = this.sweep === null ? { effects: [], harms: [] } : measuresOf(this.sweep);
        this.takeState(message.data);
        this.#images.clear();
        this.#asked.clear();
        this.#ask();
        break;
      case 'state': this.takeState(message); break;
      case 'picture': this.#images.set(`${message.seed} ${message.cell}`, message.image); break;
    }
    this.changed();
  }

  override update(change: Partial<SweepView>): void {
    super.update(change);
    this.#ask();
  }

  send(type: 'run' | 'cancel' | 'openSpec'): void {
    this.host.send({ type });
  }

  compare(cell: number): void {
    const { seed } = this;
    if (seed !== null) this.host.send({ type: 'compare', cell, seed });
  }

  get sweep(): Sweep | null {
    const sweep = this.data?.sweep ?? null;
    return sweep === null || sweep.axes.length === 0 || sweep.cells.length === 0 ? null : sweep;
  }

  get seed(): number | null {
    const seeds = this.sweep?.seeds ?? [];
    return seeds.find((seed) => seed === this.view.seed) ?? seeds.at(0) ?? null;
  }

  /** Windows lie down, the next axis across, unless someone chose otherwise. */
  get slice(): Slice {
    const { axes, view } = this;
    const rows = view.rows !== null && view.rows < axes.length ? view.rows : Math.max(axes.findIndex(({ isWindow }) => isWindow), 0);
    const others = axes.flatMap((_, index) => (index === rows ? [] : [index]));
    const columns = view.columns !== null && others.includes(view.columns) ? view.columns : others.at(0) ?? null;
    return { rows, columns, fixed: axes.map(({ values }, axis) => Math.min(view.fixed.at(axis) ?? 0, values.length - 1)) };
  }

  /** [rows][columns] */
  get grid(): (number | null)[][] {
    return this.sweep === null ? [] : cellsOfSlice(this.sweep, this.slice);
  }

  get effect(): string {
    const { effects } = this.measures;
    return effects.find((name) => name === this.view.effect) ?? effects.at(0) ?? '';
  }

  /** The measure that the effect is held against; null where there is none. */
  get harm(): string | null {
    const { harms } = this.measures;
    return harms.find((name) => name === this.view.harm) ?? harms.at(0) ?? null;
  }

  /** How the numbers of the effect are called. */
  get effectName(): string {
    return this.#compares ? this.effect : this.texts.gainOf(this.effect);
  }

  get effectTitle(): string {
    return this.#compares ? this.texts.comparisonTitle(this.effect) : this.texts.effectTitle(this.effect);
  }

  /** What the effect is held against, in a word; null as `harm`. */
  get harmWord(): string | null {
    return this.harm === null ? null : this.texts.harmWords[harmKind(this.harm) ?? 'change'];
  }

  get harmTitle(): string {
    return this.harm === null ? '' : this.texts.harmTitles[harmKind(this.harm) ?? 'change'](harmName(this.harm));
  }

  get trades(): readonly Trade[] {
    return this.sweep === null || this.harm === null ? [] : tradesOf(this.sweep, this.effect, this.harm);
  }

  /** The cell that is shown: the chosen one where it lies in the slice, else the one with most effect there. */
  get cell(): number | null {
    const inSlice = this.grid.flat().filter((cell) => cell !== null);
    if (this.view.cell !== null && inSlice.includes(this.view.cell)) return this.view.cell;
    const strength = (cell: number): number => this.effectAt(cell)?.value ?? -Infinity;
    return inSlice.reduce<number | null>((best, cell) => (best === null || strength(cell) > strength(best) ? cell : best), null);
  }

  effectAt(cell: number): Interval | null {
    return this.sweep === null ? null : effectOf(this.sweep.cells[cell], this.effect);
  }

  harmAt(cell: number): Interval | null {
    return this.sweep === null || this.harm === null ? null : harmOf(this.sweep.cells[cell], this.harm);
  }

  /** The finished picture of a cell, or of the unedited run; null where there is none, or none yet. */
  imageOf(cell: number | null): Uint8Array | null {
    return this.#images.get(`${this.seed} ${cell}`) ?? null;
  }

  /** Why there is no picture of a cell, or of the unedited run; empty where there is one, or where it is on its way. */
  lackOf(cell: number | null): string {
    const { seed, texts } = this;
    if (this.#images.get(`${seed} ${cell}`) !== null) return '';
    const failed = cell !== null && seed !== null && this.sweep?.cells[cell].failed.includes(seed) === true;
    return failed ? texts.failedIn(1) : texts.noPicture;
  }

  /** `during early, add 4`. */
  placeOf(cell: number): string {
    const { sweep, axes, texts } = this;
    return sweep === null ? '' : sweep.cells[cell].at.map((value, axis) => texts.atValue(axes[axis].name, this.nameOfValue(axis, value))).join(', ');
  }

  /** A variant in words: where it stands, its effect, what that is held against, and what failed. */
  wordsOf(cell: number): string {
    const { texts, harmWord } = this;
    const failed = this.sweep?.cells[cell].failed.length ?? 0;
    const harm = harmWord === null ? '' : texts.andHarm(harmWord, this.withInterval(this.harmAt(cell)));
    return `${texts.cell(this.placeOf(cell), this.withInterval(this.effectAt(cell)))}${harm}${failed > 0 ? `, ${texts.failedIn(failed)}` : ''}`;
  }

  nameOfValue(axis: number, value: number): string {
    const { values, isWindow } = this.axes[axis];
    return isWindow ? this.texts.window(values[value]) : values[value];
  }

  /** `0.42 (0.35 to 0.49, n 4)`. */
  withInterval(interval: Interval | null): string {
    const { texts } = this;
    const { value = null, low = null, high = null, n = 0 } = interval ?? {};
    if (value === null) return texts.nothing;
    return low === null || high === null ? number(value) : texts.withInterval(number(value), number(low), number(high), n);
  }

  get #compares(): boolean {
    return this.sweep !== null && isComparison(this.sweep, this.effect);
  }

  /** Ask for the pictures of the seed shown, once. */
  #ask(): void {
    const { seed } = this;
    if (seed === null || this.#asked.has(seed)) return;
    this.#asked.add(seed);
    this.host.send({ type: 'pictures', seed });
  }
}

/** Two significant digits, with the sign of arithmetic. */
export function number(value: number): string {
  return twoDigits(value).replace('-', '−');
}
