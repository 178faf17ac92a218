import type { Window } from '../../src/spec/schema.ts';
import { conceptColours } from '../../src/report/ramp.ts';
import { isCount, isNumber, isRecord, isShare, isText, listOf, orNull, recordFrom, taker } from '../kit/memory.ts';
import { sortings } from './model/orderRows.ts';
import type { Sorting } from './model/orderRows.ts';
import { nothingDrawn, tools } from './region/drawing.ts';
import type { Brush, Drawing, Region } from './region/drawing.ts';

/** A concept of a site, by the site's key. */
export interface ConceptRef {
  readonly site: string;
  readonly concept: number;
}

/** A concept whose map lies on the stage; `colour` is its place in `conceptColours`. */
export interface Ticked extends ConceptRef {
  readonly colour: number;
}

/** How someone looks at a run: everything that a reload must not lose. */
export interface View {
  /** Step under the cursor; null follows the newest one. */
  readonly step: number | null;
  /** Title of the run shown; null for all of them. */
  readonly run: string | null;
  readonly chosen: ConceptRef | null;
  /** null until someone has ticked or unticked: the panel proposes some. */
  readonly ticked: readonly Ticked[] | null;
  /** Sites whose rows are shown; null until someone has opened or closed one. */
  readonly open: readonly string[] | null;
  /** Sites of which those without activity are shown, too. */
  readonly idle: readonly string[];
  readonly sorting: Sorting;
  readonly search: string;
  readonly opacity: number;
  readonly smooth: boolean;
  readonly drawing: Drawing;
  readonly brush: Pick<Brush, 'radius' | 'erase'>;
  readonly during: Window;
  /** Strength of the edit, in the concept's usual activation. */
  readonly add: number;
}

export const firstView: View = {
  step: null, run: null, chosen: null, ticked: null, open: null, idle: [], sorting: 'strength', search: '', opacity: 0.7, smooth: false,
  drawing: nothingDrawn, brush: { radius: 0.06, erase: false }, during: 'all', add: 4,
};

/** As many maps as there are colours that stay apart. */
export const mostTicked = conceptColours.length;

export function sameConcept(a: ConceptRef | null, b: ConceptRef | null): boolean {
  return a !== null && b !== null && a.site === b.site && a.concept === b.concept;
}

/** Tick a concept in the first free colour, or untick it. @returns null where no colour is left */
export function toggleTick(ticked: readonly Ticked[], { site, concept }: ConceptRef): readonly Ticked[] | null {
  const without = ticked.filter((other) => !sameConcept(other, { site, concept }));
  if (without.length < ticked.length) return without;
  const colour = conceptColours.findIndex((_, index) => !ticked.some((other) => other.colour === index));
  return colour < 0 ? null : [...ticked, { site, concept, colour }];
}

/** What is kept over a reload: a painted mask is not, it would fill the editor's memory. */
export function toMemory(view: View): unknown {
  const { region } = view.drawing;
  const painted = region !== null && typeof region === 'object' && 'painted' in region;
  return { ...view, drawing: { ...view.drawing, region: painted ? null : region, draft: [] } };
}

/** What was kept, part by part: what is not as it should be is as at first. */
export function fromMemory(memory: unknown): View {
  const take = taker(recordFrom(memory), firstView);
  return {
    step: take('step', orNull(isCount)), run: take('run', orNull(isText)), chosen: take('chosen', orNull(isConcept)),
    ticked: take('ticked', orNull(listOf((value): value is Ticked => isConcept(value) && 'colour' in value && isCount(value.colour) && value.colour < mostTicked))),
    open: take('open', orNull(listOf(isText))), idle: take('idle', listOf(isText)),
    sorting: take('sorting', (value): value is Sorting => (sortings as readonly unknown[]).includes(value)),
    search: take('search', isText), opacity: take('opacity', isShare), smooth: take('smooth', (value) => typeof value === 'boolean'),
    drawing: take('drawing', isDrawing), brush: firstView.brush, during: take('during', isWindow), add: take('add', isNumber),
  };
}

function isConcept(value: unknown): value is ConceptRef {
  return isRecord(value) && isText(value.site) && isCount(value.concept);
}

function isDrawing(value: unknown): value is Drawing {
  return isRecord(value) && (tools as readonly unknown[]).includes(value.tool) && Array.isArray(value.draft) && value.draft.length === 0 && (value.region === null || isRegion(value.region));
}

function isRegion(value: unknown): value is Region {
  if (!isRecord(value)) return value === 'everywhere';
  if ('box' in value) return listOf(isShare)(value.box) && value.box.length === 4;
  if ('polygon' in value) return listOf(listOf(isShare))(value.polygon) && value.polygon.length >= 3 && value.polygon.every(({ length }) => length === 2);
  return 'concept' in value && isCount(value.concept);
}

function isWindow(value: unknown): value is Window {
  if (!isRecord(value)) return typeof value === 'string' && ['early', 'middle', 'late', 'all'].includes(value);
  return listOf(isCount)(value.steps) && value.steps.length === 2;
}
