import type { JSX } from 'preact';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { NumberField } from '../../kit/numberField.tsx';
import { Segmented } from '../../kit/segmented.tsx';
import { Select } from '../../kit/select.tsx';
import { Slider } from '../../kit/slider.tsx';
import type { PanelStore } from '../panelStore.ts';
import { tools, withTool } from '../region/drawing.ts';
import type { Tool } from '../region/drawing.ts';
import { columnsOfWindow } from './overlay.tsx';

/** An edit as it will stand in the spec: how much of which concept, where, and when. */
export function EditForm({ store }: { readonly store: PanelStore }): JSX.Element {
  const { texts, view, target, data } = store;
  const site = target === null ? undefined : store.siteOf(target.site);
  const colour = store.ticked.find((ticked) => target !== null && ticked.site === target.site && ticked.concept === target.concept)?.colour;
  const { steps } = store.model?.axis ?? { steps: [] };
  const during = typeof view.during === 'string' ? view.during : 'steps';
  return (
    <div class="edit">
      <h2>{texts.edit}</h2>
      {target === null || site === undefined ? <p class="quiet">{texts.chooseConcept}</p> : (
        <p class="edit-target"><span class={`swatch${colour === undefined ? '' : ` colour-${colour}`}`} aria-hidden="true" /><b>{store.nameOf(target)}</b> <span class="quiet">{texts.at(site.site.site)}</span></p>
      )}
      <Segmented
        label={texts.where} value={view.drawing.tool} onChange={(tool) => { choose(store, tool); }}
        options={tools.filter((tool) => tool !== 'concept' || others(store).length > 0 || view.drawing.tool === 'concept').map((value) => ({ value, text: value === 'concept' ? texts.conceptRegion : texts[value] }))}
      />
      <RegionFields store={store} />
      <Segmented
        label={texts.during} value={during}
        options={(['early', 'middle', 'late', 'all', 'steps'] as const).map((value) => ({ value, text: value === 'steps' ? texts.stepsChosen : texts[value] }))}
        onChange={(value) => { store.update({ during: value === 'steps' ? { steps: chosenSteps(store) } : value }); }}
      />
      {typeof view.during !== 'string' && 'steps' in view.during && (
        <p class="fields">
          <NumberField label={texts.first} min={steps.at(0) ?? 0} max={view.during.steps[1]} value={view.during.steps[0]} onChange={(first) => { store.update({ during: { steps: [first, chosenSteps(store)[1]] } }); }} />
          <NumberField label={texts.last} min={view.during.steps[0]} max={steps.at(-1) ?? 0} value={view.during.steps[1]} onChange={(last) => { store.update({ during: { steps: [chosenSteps(store)[0], last] } }); }} />
        </p>
      )}
      <p class="fields">
        <NumberField label={texts.add} unit={texts.unitUsual} step={0.5} value={view.add} onChange={(add) => { store.update({ add }); }} />
        <Button primary={data?.canInsert === true && store.edit !== null && !store.stale} disabled={data?.canInsert !== true || store.edit === null} onPress={() => { store.insert(); }}>{texts.insert}</Button>
      </p>
      {data?.canInsert !== true && <p class="quiet">{texts.cannotInsert}</p>}
      {data?.canInsert === true && target !== null && view.drawing.region === null && <p class="quiet">{texts.needsRegion}</p>}
    </div>
  );
}

function RegionFields({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const { texts, view: { drawing, brush } } = store;
  const clear = drawing.tool === 'box' || (drawing.region === null && drawing.draft.length === 0) ? null : <Button onPress={() => { store.update({ drawing: withTool(drawing.tool) }); }}>{texts.clear}</Button>;
  switch (drawing.tool) {
    case 'everywhere': return null;
    case 'box': {
      const box = drawing.region !== null && typeof drawing.region === 'object' && 'box' in drawing.region ? drawing.region.box : [0.25, 0.25, 0.75, 0.75] as const;
      const edges = ['left', 'top', 'right', 'bottom'] as const;
      return (
        <>
          <p class="fields">
            {edges.map((edge, at) => (
              <NumberField
                key={edge} label={texts.boxEdges[edge]} unit={texts.percent} step={0.1} value={Math.round(1000 * box[at]) / 10}
                min={at < 2 ? 0 : 100 * box[at - 2] + 0.1} max={at < 2 ? 100 * box[at + 2] - 0.1 : 100}
                onChange={(value) => { const [left, top, right, bottom] = box.map((old, index) => (index === at ? value / 100 : old)); store.update({ drawing: { ...drawing, region: { box: [left, top, right, bottom] }, draft: [] } }); }}
              />
            ))}
            {clear}
          </p>
          <p class="quiet">{texts.drawBox}</p>
        </>
      );
    }
    case 'polygon': return <><p class="fields">{clear}</p><p class="quiet">{texts.drawPolygon}</p></>;
    case 'brush': return (
      <>
        <p class="fields">
          <Slider label={texts.brushSize} min={0.01} max={0.25} step={0.01} value={brush.radius} text={`${Math.round(100 * brush.radius)} %`} onInput={(radius) => { store.update({ brush: { ...brush, radius } }); }} />
          <Checkbox label={texts.erase} checked={brush.erase} onChange={(erase) => { store.update({ brush: { ...brush, erase } }); }} />
          {clear}
        </p>
        <p class="quiet">{texts.drawBrush}</p>
      </>
    );
    case 'concept': {
      const region = drawing.region !== null && typeof drawing.region === 'object' && 'concept' in drawing.region ? String(drawing.region.concept) : '';
      return (
        <p class="fields">
          <Select
            labelled label={texts.drawConcept} value={region} options={others(store).map((concept) => ({ value: String(concept), text: store.nameOf({ site: store.target?.site ?? '', concept }) }))}
            onChange={(value) => { store.update({ drawing: { ...drawing, region: { concept: Number(value), above: 0.1 } } }); }}
          />
        </p>
      );
    }
  }
}

/** Ticked concepts that may bound the edit: of its own site, and not the edit's own. */
function others({ ticked, target }: PanelStore): number[] {
  return ticked.filter(({ site, concept }) => site === target?.site && concept !== target.concept).map(({ concept }) => concept);
}

function choose(store: PanelStore, tool: Tool): void {
  const first = others(store).at(0);
  store.update({ drawing: tool === 'concept' && first !== undefined ? { tool, region: { concept: first, above: 0.1 }, draft: [] } : withTool(tool) });
}

/** First and last step of the edit's window, whichever way it was chosen. */
function chosenSteps(store: PanelStore): [number, number] {
  const { steps } = store.model?.axis ?? { steps: [0] };
  const { during } = store.view;
  if (typeof during !== 'string' && 'steps' in during) return [during.steps[0], during.steps[1]];
  const columns = columnsOfWindow(store);
  return columns === null ? [steps[0] ?? 0, steps.at(-1) ?? 0] : [steps[columns[0]], steps[columns[1] - 1]];
}
