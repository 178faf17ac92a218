import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { cutMap } from '../../../src/concepts/maps.ts';
import { percent } from '../../../src/report/percent.ts';
import { layOutStage } from '../../kit/layout/stageGrid.ts';
import type { Picture } from '../../kit/paint/paintFilm.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { layouts, useMedia } from '../../kit/parts/useMedia.ts';
import { useSize } from '../../kit/parts/useSize.ts';
import { Slider } from '../../kit/slider.tsx';
import { mapOf } from '../../trace/mapOf.ts';
import type { CompareStore } from '../compareStore.ts';
import { edited, unedited } from '../model/pairModel.ts';
import type { PairModel } from '../model/pairModel.ts';
import { regionOutline } from '../model/regionOutline.ts';
import type { RegionOutline } from '../model/regionOutline.ts';
import { paintDifference, paintSwipe } from '../paint/paintSwipe.ts';
import { stepText } from './stepText.ts';

const room = { gap: 12, caption: 20, least: 140 };
/** More than this shows no more of a small model's picture; beside the board both stand one above the other. */
const mostHeight = { across: 300, down: 640 };

/** Both pictures at the cursor, one behind the other under a line that moves; beside them where they differ. */
export function Stage({ store }: { readonly store: CompareStore }): JSX.Element | null {
  const { model, cursor } = store;
  return model === null || cursor < 0 ? null : <Pictures store={store} model={model} />;
}

interface PicturesProps {
  readonly store: CompareStore;
  readonly model: PairModel;
}

function Pictures({ store, model }: PicturesProps): JSX.Element {
  const pictures = useRef<HTMLDivElement>(null);
  const [width] = useSize(pictures);
  const { texts, view, cursor, palette } = store;
  const { side, perLine } = layOutStage(2, { width, height: useMedia(layouts.wide) ? mostHeight.down : mostHeight.across, ...room });
  const step = stepText(store, cursor);
  const over = { side, regions: regionsAt(store), maps: mapsAt(store), palette };
  const inputs = [side, palette, view.chosen, cursor, model];
  const [left, right] = [useKept(pictureOf(store, 'baseline')), useKept(pictureOf(store, 'other'))];
  const difference = store.differenceAt(cursor);
  const map = difference === null ? null : store.differencePictures.picture(difference, palette.ramp, store.differenceScale);
  const chosen = view.chosen === null ? undefined : store.siteOf(view.chosen.site);
  const drag = (event: PointerEvent): void => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    store.update({ split: Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) });
  };
  return (
    <section class="stage" aria-label={texts.stage}>
      <div class="pictures" ref={pictures}>
        <div class="grid" style={{ gridTemplateColumns: `repeat(${perLine}, ${side}px)` }}>
          <figure style={{ width: `${side}px` }}>
            <div
              class="picture swipe" role="img" aria-label={texts.swipe(store.nameOfOther, step)} style={{ width: `${side}px`, height: `${side}px` }}
              onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); drag(event); }} onPointerMove={(event) => { if (event.buttons === 1) drag(event); }}
            >
              <Canvas width={side} height={side} inputs={[...inputs, left, right, view.split]} paint={(context) => { paintSwipe(context, { ...over, unedited: left, edited: right, split: view.split }); }} />
            </div>
            <figcaption><span>{texts.kinds.unedited}</span><span class="push"><b>{store.nameOfOther}</b></span></figcaption>
          </figure>
          <figure style={{ width: `${side}px` }}>
            <div class="picture" role="img" aria-label={`${texts.differenceMap(step)}${difference === null ? '' : `, ${texts.meanDifference(percent(difference.mean))}`}`} style={{ width: `${side}px`, height: `${side}px` }}>
              <Canvas width={side} height={side} inputs={[...inputs, map]} paint={(context) => { paintDifference(context, { ...over, picture: map }); }} />
            </div>
            <figcaption><span>{texts.difference}</span>{difference !== null && <span class="push quiet">{texts.meanDifference(percent(difference.mean))}</span>}</figcaption>
          </figure>
        </div>
      </div>
      <div class="stage-controls">
        <Slider label={texts.slider} value={view.split} min={0} max={1} step={0.02} text={texts.sliderText(percent(view.split))} onInput={(split) => { store.update({ split }); }} />
        <span class="quiet">{step}</span>
        {regionWords(store).map((words) => <span key={words} class="quiet region-words">{words}</span>)}
        {chosen !== undefined && view.chosen !== null && <span class="quiet">{texts.mapsOf(store.nameOfConcept(chosen, view.chosen.concept))}</span>}
      </div>
    </section>
  );
}

/** While the next picture is being decoded, the one before stays. */
function useKept(picture: Picture | null | undefined): Picture | null {
  const kept = useRef<Picture | null>(null);
  if (picture !== undefined) kept.current = picture;
  return kept.current;
}

/** null where there is none, undefined while it is being decoded. */
function pictureOf(store: CompareStore, run: 'baseline' | 'other'): Picture | null | undefined {
  const png = store.pictureAt(run, store.cursor);
  return png === null ? null : store.pictures.of(png) ?? undefined;
}

function regionsAt({ edits, model, cursor }: CompareStore): RegionOutline[] {
  return model === null ? [] : edits.flatMap((edit) => regionOutline(edit, model, cursor) ?? []);
}

/** What the dashed line is, and regions that no line can show. */
function regionWords({ edits, texts }: CompareStore): string[] {
  const words = edits.map(({ where }) => (where === 'everywhere' ? texts.regionEverywhere : typeof where === 'object' && 'mask' in where ? texts.regionPainted : `┄ ${texts.region}`));
  return [...new Set(words)];
}

/** Where the chosen concept is, in both runs. */
function mapsAt(store: CompareStore): { unedited: RegionOutline; edited: RegionOutline } | null {
  const { view: { chosen }, cursor } = store;
  const site = chosen === null ? undefined : store.siteOf(chosen.site);
  if (chosen === null || site === undefined) return null;
  const outline = (run: number): RegionOutline => ({ height: site.site.height, width: site.site.width, cells: cutMap(mapOf(site.traces[run], cursor, chosen.concept)) });
  return { unedited: outline(unedited), edited: outline(edited) };
}
