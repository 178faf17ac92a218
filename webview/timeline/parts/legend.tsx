import type { JSX } from 'preact';
import { percent } from '../../../src/report/percent.ts';
import { rampValue } from '../../../src/report/ramp.ts';
import type { MarkKind } from '../layout/rowPicture.ts';
import { paintMark } from '../paint/paintRow.ts';
import type { PanelStore } from '../panelStore.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { RampBar } from '../../kit/parts/rampBar.tsx';

/** What signs, band and ramp in the rows mean, with units. */
export function Legend({ store }: { readonly store: PanelStore }): JSX.Element | null {
  const { texts, palette, model } = store;
  if (model === null || model.sites.length === 0) return null;
  const sign = (kind: MarkKind): JSX.Element => (
    <span key={kind}><Canvas width={12} height={12} inputs={[palette]} paint={(context) => { paintMark(context, kind, 6, 6, palette); }} />{texts[kind]}</span>
  );
  const over = store.runsSummed.length;
  return (
    <div class="legend">
      {(['onset', 'peak', 'settle'] as const).map(sign)}
      {over > 1 && <span><span class="band-sign" aria-hidden="true" />{texts.legendBand(store.countOfRuns(over))}</span>}
      {over > 1 && <span class="mark-number">{texts.legendSpread}</span>}
      <span title={texts.legendStrength}>
        {texts.strength} {percent(0)}
        <RampBar colours={palette.ramp} />
        {percent(rampValue(1, store.scale))} {texts.unitPicture}
      </span>
    </div>
  );
}
