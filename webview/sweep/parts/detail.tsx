import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { layOutStage } from '../../kit/layout/stageGrid.ts';
import { paintPicture } from '../../kit/paint/paintPicture.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { useSize } from '../../kit/parts/useSize.ts';
import { harmName } from '../../../src/report/studies/sweepEffects.ts';
import type { Sweep, SweepStore } from '../sweepStore.ts';

const room = { gap: 12, caption: 20, least: 96 };
const mostHeight = 260;

/** The chosen variant's picture beside the unedited one, with its numbers and the way to its comparison. */
export function Detail({ store }: { readonly store: SweepStore }): JSX.Element | null {
  const { cell, sweep } = store;
  return cell === null || sweep === null ? null : <Chosen store={store} cell={cell} sweep={sweep} />;
}

function Chosen({ store, cell, sweep }: { readonly store: SweepStore; readonly cell: number; readonly sweep: Sweep }): JSX.Element {
  const pictures = useRef<HTMLDivElement>(null);
  const [width] = useSize(pictures);
  const { texts, effectName, harm } = store;
  const { side, perLine } = layOutStage(2, { width, height: mostHeight, ...room });
  const failed = sweep.cells[cell].failed.length;
  return (
    <section class="detail" aria-label={texts.chosen}>
      <h2>{store.placeOf(cell)}</h2>
      <div ref={pictures}>
        <div class="pair" style={{ gridTemplateColumns: `repeat(${perLine}, ${side}px)` }}>
          <Shown store={store} cell={null} side={side} words={texts.uneditedPicture} caption={texts.unedited} />
          <Shown store={store} cell={cell} side={side} words={texts.picture(store.placeOf(cell))} caption={texts.edited} />
        </div>
      </div>
      <dl>
        <dt>{effectName}</dt><dd><b>{store.withInterval(store.effectAt(cell))}</b></dd>
        {harm !== null && <><dt>{harmName(harm)}</dt><dd><b>{store.withInterval(store.harmAt(cell))}</b></dd></>}
      </dl>
      {failed > 0 && <p class="quiet">{texts.failedIn(failed)}</p>}
      <Button primary onPress={() => { store.compare(cell); }}>{texts.open}</Button>
      <p class="quiet">{texts.keys}</p>
    </section>
  );
}

interface ShownProps {
  readonly store: SweepStore;
  readonly cell: number | null;
  readonly side: number;
  readonly words: string;
  readonly caption: string;
}

function Shown({ store, cell, side, words, caption }: ShownProps): JSX.Element {
  const { palette, texts, seed } = store;
  const [png, lack] = [store.imageOf(cell), store.lackOf(cell)];
  const picture = png === null ? null : store.pictures.of(png);
  return (
    <figure style={{ width: `${side}px` }}>
      <div class="picture" role="img" aria-label={lack === '' ? words : `${words}: ${lack}`} style={{ width: `${side}px`, height: `${side}px` }}>
        <Canvas
          width={side} height={side} inputs={[side, picture, palette]}
          paint={(context) => {
            if (picture !== null) {
              paintPicture(context, picture, side);
              return;
            }
            context.strokeStyle = palette.rule;
            context.strokeRect(0.5, 0.5, side - 1, side - 1);
          }}
        />
        {lack !== '' && <span class="nothing-yet">{lack}</span>}
      </div>
      <figcaption>{cell === null ? <span>{caption}</span> : <b>{caption}</b>}<span class="push quiet">{seed === null ? '' : texts.seed(seed)}</span></figcaption>
    </figure>
  );
}
