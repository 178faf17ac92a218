import type { JSX } from 'preact';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Slider } from '../../kit/slider.tsx';
import { percent } from '../../../src/report/percent.ts';
import { twoDigits } from '../../kit/numbers.ts';
import type { PanelStore } from '../panelStore.ts';
import type { Ticked } from '../view.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { stepText } from './stepText.ts';

const rampWidth = 48;

/** Which concepts lie on the stage, in which colours, and how strong they are at the cursor: the legend of the maps. */
export function StageMaps({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const { ticked, texts, view, model } = store;
  if (model === null || model.sites.length === 0) return null;
  return (
    <div class="maps">
      <h2>{texts.maps}</h2>
      {ticked.length === 0 ? <p class="quiet">{texts.tickHint}</p> : <ul>{ticked.map((concept) => <MapLine key={`${concept.site} ${concept.concept}`} store={store} concept={concept} />)}</ul>}
      {ticked.length > 0 && (
        <div class="map-options">
          <Slider label={texts.opacity} min={0} max={1} step={0.05} value={view.opacity} text={percent(view.opacity)} onInput={(opacity) => { store.update({ opacity }); }} />
          <Checkbox label={texts.smooth} checked={view.smooth} onChange={(smooth) => { store.update({ smooth }); }} />
        </div>
      )}
    </div>
  );
}

function MapLine({ store, concept }: { readonly store: PanelStore; readonly concept: Ticked }): JSX.Element | null {
  const { texts, palette, view, cursor } = store;
  const site = store.siteOf(concept.site);
  const summary = site === undefined ? undefined : store.summary(site);
  if (site === undefined || summary === undefined) return null;
  const { gamma, typical } = summary.facts(concept.concept);
  const reach = store.reach(site, concept.concept) / typical;
  const colour = palette.concepts[concept.colour];
  const name = store.nameOf(concept);
  return (
    <li onPointerEnter={() => { store.point({ site: concept.site, concept: concept.concept, column: null }); }} onPointerLeave={() => { store.point(null); }}>
      <span class={`swatch colour-${concept.colour}`} aria-hidden="true" />
      <button type="button" class="map-name" title={`${name} · ${site.site.site}`} onClick={() => { store.choose({ site: concept.site, concept: concept.concept }); }}>{name}</button>
      <span class="map-now" title={`${texts.strength}, ${stepText(store, cursor)}`}>{cursor < 0 ? '' : percent(gamma[cursor] / typical)}</span>
      <span class="map-scale">
        0
        <Canvas
          width={rampWidth} height={8} inputs={[colour, view.opacity]}
          paint={(context) => {
            const ramp = context.createLinearGradient(0, 0, rampWidth, 0);
            ramp.addColorStop(0, `${colour}00`);
            ramp.addColorStop(1, colour);
            context.globalAlpha = view.opacity;
            context.fillStyle = ramp;
            context.fillRect(0, 0, rampWidth, 8);
          }}
        />
        {texts.usual(twoDigits(reach))}
      </span>
      <button type="button" class="untick" aria-label={texts.untick(name)} title={texts.untick(name)} onClick={() => { store.tick(concept); }}>×</button>
    </li>
  );
}
