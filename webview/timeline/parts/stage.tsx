import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { layOutStage } from '../../kit/layout/stageGrid.ts';
import type { PanelStore } from '../panelStore.ts';
import { EditForm } from './editForm.tsx';
import { StageMaps } from './stageMaps.tsx';
import { StagePicture } from './stagePicture.tsx';
import { layouts, useMedia } from '../../kit/parts/useMedia.ts';
import { useSize } from '../../kit/parts/useSize.ts';

/** Between pictures, under them, and the least they may be. */
const room = { gap: 8, caption: 24, least: 88 };

/** Above, between and below pictures and controls. */
const margins = 32;
const leastHeight = 200;
const mostNarrowHeight = 300;

/** The picture at the cursor, one per seed shown, with maps and region; beside it what can be done there. */
export function Stage({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const pictures = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLElement>(null);
  const controls = useRef<HTMLDivElement>(null);
  const [width, own] = useSize(pictures);
  const [, whole] = useSize(stage);
  const [, controlsHeight] = useSize(controls);
  const { model, texts, runsShown } = store;
  if (model === null) return null;
  const [wide, narrow] = [useMedia(layouts.wide), useMedia(layouts.narrow)];
  // Beside the board, the pictures have what the controls below them leave; in one column, they leave half of the window to others.
  const height = wide ? Math.max(whole - controlsHeight - margins, leastHeight) : narrow ? Math.min(0.62 * width, mostNarrowHeight) : own;
  const { side, perLine } = layOutStage(Math.max(runsShown.length, 1), { width, height, ...room });
  return (
    <section class="stage" ref={stage} aria-label={texts.stage}>
      <div class="pictures" ref={pictures}>
        <div class="grid" style={{ gridTemplateColumns: `repeat(${perLine}, ${side}px)` }}>
          {width > 0 && runsShown.map((run) => <StagePicture key={run} store={store} run={run} side={side} />)}
        </div>
      </div>
      <div class="controls"><div class="controls-inside" ref={controls}>
        <StageMaps store={store} />
        {model.sites.length > 0 && <EditForm store={store} />}
      </div></div>
    </section>
  );
}
