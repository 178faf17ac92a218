import { useRef, useState } from 'preact/hooks';
import type { JSX } from 'preact';
import { mapOf } from '../../trace/mapOf.ts';
import { twoDigits } from '../../kit/numbers.ts';
import { paintStage } from '../paint/paintStage.ts';
import type { StageMap } from '../paint/paintStage.ts';
import { pictureSize } from '../../kit/paint/pictureSize.ts';
import type { PanelStore } from '../panelStore.ts';
import { close, drag, leave, press, release } from '../region/drawing.ts';
import type { Brush, Drawing, Point } from '../region/drawing.ts';
import { sameConcept } from '../view.ts';
import type { ConceptRef } from '../view.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { stepText } from './stepText.ts';

/** How far an arrow key moves the crosshair, as a share of the picture; with shift a quarter of that. */
const crosshairStep = 1 / 16;
/** A mask is painted at the picture's resolution, up to this. */
const mostMaskPixels = 512;

interface StagePictureProps {
  readonly store: PanelStore;
  readonly run: number;
  readonly side: number;
}

/** One run's picture at the cursor. With a drawing tool the pointer draws on it, or the keyboard: arrows move a crosshair, space presses there. */
export function StagePicture({ store, run: at, side }: StagePictureProps): JSX.Element | null {
  const [crosshair, setCrosshair] = useState<Point | null>(null);
  const aim = useRef<Point | null>(null); // where the crosshair is by now: keys may come faster than frames
  const shown = useRef<ImageBitmap | null>(null);
  const { model, view, texts, palette, cursor, pointed } = store;
  if (model === null) return null;
  const run = model.runs[at];
  const last = cursor === model.axis.steps.length - 1;
  const png = last && run.image !== null ? run.image : run.previews.at(cursor) ?? null;
  // While the next picture is being decoded, the one before stays.
  const decoded = png === null || cursor < 0 ? null : store.pictures.of(png) ?? shown.current;
  shown.current = decoded;
  const maps = cursor >= 0 && run.filled[cursor] ? mapsAt(store, at) : [];
  const drawing = view.drawing.tool === 'box' || view.drawing.tool === 'polygon' || view.drawing.tool === 'brush';
  const brush = brushFor(store, png);
  const draw = (next: Drawing): void => { store.update({ drawing: next }); };
  const pointAt = (event: PointerEvent): Point => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const within = (value: number): number => Math.min(Math.max(value, 0), 1);
    return [within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height)];
  };
  const step = stepText(store, cursor);
  return (
    <figure class="stage-picture" style={{ width: `${side}px` }}>
      <div
        class={`picture${drawing ? ' drawing' : ''}`} role={drawing ? 'application' : 'img'} tabIndex={drawing ? 0 : undefined}
        aria-label={`${texts.stagePicture(store.nameOfRun(at), step)}${drawing ? `. ${hintOf(store)}` : ''}`} style={{ width: `${side}px`, height: `${side}px` }}
        onPointerDown={(event) => {
          if (!drawing || event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          draw(press(store.view.drawing, pointAt(event), brush));
        }}
        onPointerMove={(event) => {
          const point = pointAt(event);
          if (drawing) {
            if (store.view.drawing.draft.length > 0) draw(drag(store.view.drawing, point, brush));
          } else pointCell(store, at, point, event);
        }}
        onPointerUp={() => { if (drawing) draw(release(store.view.drawing)); }}
        onPointerLeave={() => { store.point(null); }}
        onDblClick={() => { if (view.drawing.tool === 'polygon') draw(close(store.view.drawing)); }}
        onKeyDown={(event) => {
          if (!drawing) return;
          const next = keyOnPicture(event, store.view.drawing, aim.current ?? [0.5, 0.5], brush);
          if (next === null) return;
          event.preventDefault();
          event.stopPropagation();
          aim.current = next.crosshair;
          setCrosshair(next.crosshair);
          if (next.drawing !== store.view.drawing) draw(next.drawing);
          if (next.crosshair !== null) store.say(texts.crosshair(String(Math.round(100 * next.crosshair[0])), String(Math.round(100 * next.crosshair[1]))));
        }}
        onBlur={() => { aim.current = null; setCrosshair(null); }}
      >
        <Canvas
          width={side} height={side} inputs={[side, decoded, palette, view.opacity, view.smooth, view.drawing, crosshair, store.ticked, cursor, run, pointed?.concept, pointed?.site, store.runsShown.length]}
          paint={(context) => { paintStage(context, { side, picture: decoded, maps, opacity: view.opacity, smooth: view.smooth, drawing: view.drawing, crosshair, palette }); }}
        />
        {png === null && <span class="nothing-yet">{texts.notYet}</span>}
      </div>
      <Caption store={store} run={at} finished={side >= 200 && last && run.image !== null} />
    </figure>
  );
}

function Caption({ store, run: at, finished }: { readonly store: PanelStore; readonly run: number; readonly finished: boolean }): JSX.Element | null {
  const { model, texts } = store;
  if (model === null) return null;
  const { seed, folder } = model.runs[at];
  const hash = folder?.split(/[\\/]/).findLast((part) => part !== '') ?? null;
  return (
    <figcaption>
      <button type="button" class="copy" title={texts.copySeed(seed)} aria-label={texts.copySeed(seed)} onClick={() => { store.copy(String(seed)); }}>{texts.seed(seed)}</button>
      {hash !== null && <button type="button" class="copy" title={texts.copyRun(hash)} aria-label={texts.copyRun(hash)} onClick={() => { store.copy(hash); }}>{hash.slice(0, 7)}</button>}
      {finished && <span class="quiet">{texts.finished}</span>}
    </figcaption>
  );
}

/** Maps of the ticked concepts, and of the one that is pointed at as an outline. */
function mapsAt(store: PanelStore, run: number): StageMap[] {
  const { palette, cursor, ticked, pointed } = store;
  const stageMap = (concept: ConceptRef, colour: string, pattern: number, outline: boolean): StageMap[] => {
    const site = store.siteOf(concept.site);
    if (site === undefined) return [];
    const { height, width } = site.site;
    return [{ map: mapOf(site.traces[run], cursor, concept.concept), height, width, reach: store.reach(site, concept.concept), colour, pattern, outline }];
  };
  const also = pointed !== null && !ticked.some((other) => sameConcept(other, pointed)) ? stageMap(pointed, palette.foreground, 0, true) : [];
  return [...ticked.flatMap((concept) => stageMap(concept, palette.concepts[concept.colour], concept.colour, false)), ...also];
}

/** Tell what lies under the pointer, and tie it to the row of the strongest. */
function pointCell(store: PanelStore, run: number, [x, y]: Point, { clientX, clientY }: PointerEvent): void {
  const { cursor, ticked, texts } = store;
  if (cursor < 0 || ticked.length === 0) return;
  const there = ticked.flatMap((concept) => {
    const site = store.siteOf(concept.site);
    const summary = site === undefined ? undefined : store.summary(site);
    if (site === undefined || summary === undefined) return [];
    const { height, width } = site.site;
    const cell = Math.min(Math.floor(y * height), height - 1) * width + Math.min(Math.floor(x * width), width - 1);
    const usual = mapOf(site.traces[run], cursor, concept.concept)[cell] / summary.typical[concept.concept];
    return [{ concept, usual, place: texts.cell(1 + (cell % width), 1 + Math.floor(cell / width)) }];
  });
  const strongest = there.reduce((best, other) => (other.usual > best.usual ? other : best), there[0]);
  store.point(strongest.usual > 0 ? { site: strongest.concept.site, concept: strongest.concept.concept, column: null } : null, {
    x: clientX, y: clientY, lines: [strongest.place, ...there.filter(({ usual }) => usual > 0).map(({ concept, usual }) => `${store.nameOf(concept)}: ${texts.usual(twoDigits(usual))}`)],
  });
}

function hintOf({ view: { drawing: { tool } }, texts }: PanelStore): string {
  return tool === 'box' ? texts.drawBox : tool === 'polygon' ? texts.drawPolygon : texts.drawBrush;
}

function brushFor({ view }: PanelStore, png: Uint8Array | null): Brush {
  const size = png === null ? null : pictureSize(png);
  const shrink = size === null ? 1 : Math.min(1, mostMaskPixels / Math.max(size.width, size.height));
  return { ...view.brush, width: Math.round((size?.width ?? 64) * shrink), height: Math.round((size?.height ?? 64) * shrink) };
}

/** What a key does on a picture with a drawing tool; null where it means nothing there. */
function keyOnPicture({ key, shiftKey }: KeyboardEvent, drawing: Drawing, [x, y]: Point, brush: Brush): { drawing: Drawing; crosshair: Point | null } | null {
  const step = shiftKey ? crosshairStep / 4 : crosshairStep;
  const move: Readonly<Record<string, Point>> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
  if (key in move) {
    const to: Point = [Math.min(Math.max(x + move[key][0], 0), 1), Math.min(Math.max(y + move[key][1], 0), 1)];
    return { drawing: drawing.tool === 'brush' ? drawing : drag(drawing, to, brush), crosshair: to };
  }
  if (key === ' ') {
    const second = drawing.tool === 'box' && drawing.draft.length > 0;
    const pressed = second ? release(drawing) : press(drawing, [x, y], brush);
    return { drawing: drawing.tool === 'brush' ? release(pressed) : pressed, crosshair: [x, y] };
  }
  if (key === 'Enter') return { drawing: drawing.tool === 'box' ? release(drawing) : close(drawing), crosshair: [x, y] };
  if (key === 'Escape') return { drawing: leave(drawing), crosshair: null };
  return null;
}
