import { useRef } from 'preact/hooks';
import type { JSX } from 'preact';
import type { ExperimentOutcome, Interval } from '../../../src/study/outcome.ts';
import { twoDigits } from '../../kit/numbers.ts';
import type { Palette } from '../../kit/paint/palette.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';
import { useSize } from '../../kit/parts/useSize.ts';
import type { CompareStore } from '../compareStore.ts';
import { layOutMeasure } from '../../../src/report/studies/measurePlot.ts';
import { groupMeasures } from '../../../src/report/studies/measureGroups.ts';
import { laneHeight, paintMeasure, placeOnScale, scaleHeight } from '../paint/paintMeasure.ts';
import type { CompareTexts } from '../texts.ts';

/** Pixels between the middles of two numbers on a scale. */
const apart = 36;

type Expectation = ExperimentOutcome['expectations'][number];

/** What the edit caused, each number beside its controls'. */
export function Measures({ store }: { readonly store: CompareStore }): JSX.Element | null {
  const { data, texts, palette } = store;
  const outcome = data?.outcome ?? null;
  if (outcome === null) return null;
  const groups = groupMeasures(outcome.measures);
  return (
    <section class="measures" aria-label={texts.measures}>
      <div class="measures-head">
        <h2>{texts.measures}</h2>
        <Verdicts outcome={outcome} texts={texts} />
        {outcome.without.map(({ control, reason }) => <span key={control} class="quiet">{texts.withoutControl(texts.kinds[control], reason)}</span>)}
      </div>
      {store.live !== null && <p class="of-last">{texts.measuresOfLast}</p>}
      {groups.length === 0 && <p class="nothing">{texts.noMeasures}</p>}
      <div class="groups">
        {groups.map(({ group, names }) => (
          <div key={group} class="group">
            <h3>{texts.groups[group]}</h3>
            <div class="cards">
              {names.map((name) => <MeasureCard key={name} name={name} measure={outcome.measures[name]} expected={outcome.expectations.find(({ measure }) => measure === name) ?? null} texts={texts} palette={palette} />)}
            </div>
          </div>
        ))}
      </div>
      {groups.length > 0 && <p class="quiet legend-measures">{texts.legendMeasures}</p>}
    </section>
  );
}

function Verdicts({ outcome: { expectations, identityHolds }, texts }: { readonly outcome: Pick<ExperimentOutcome, 'expectations' | 'identityHolds'>; readonly texts: CompareTexts }): JSX.Element {
  const passed = expectations.filter((expectation) => expectation.passed).length;
  return (
    <>
      {expectations.length > 0 && <span class={passed === expectations.length ? 'verdict' : 'verdict broken'}><i aria-hidden="true">{passed === expectations.length ? '✓' : '✗'}</i>{texts.verdicts(passed, expectations.length)}</span>}
      {identityHolds !== null && <span class={identityHolds ? 'verdict' : 'verdict broken'} title={texts.identityHint}><i aria-hidden="true">{identityHolds ? '✓' : '✗'}</i>{identityHolds ? texts.identityHolds : texts.identityBroken}</span>}
    </>
  );
}

interface MeasureCardProps {
  readonly name: string;
  readonly measure: ExperimentOutcome['measures'][string];
  readonly expected: Expectation | null;
  readonly texts: CompareTexts;
  readonly palette: Palette;
}

/** One measure: its lanes as dots and intervals, and the same as text. */
function MeasureCard({ name, measure, expected, texts, palette }: MeasureCardProps): JSX.Element {
  const room = useRef<HTMLDivElement>(null);
  const [width] = useSize(room);
  const plot = layOutMeasure(name, measure, expected);
  const height = plot.lanes.length * laneHeight;
  return (
    <div class="card" role="group" aria-label={name}>
      <div class="card-head">
        <b title={measure.definition}>{name.replace(/^(?:inside|outside)\./, '')}</b>
        {expected !== null && <Verdict expected={expected} texts={texts} />}
        {measure.baseline !== undefined && measure.gain.value !== null && <span class="quiet gain">{texts.gain(signed(measure.gain.value), intervalText(measure.gain, texts))}</span>}
      </div>
      <div class="lanes">
        <ul class="lane-names">
          {plot.lanes.map(({ kind, interval }) => (
            <li key={kind} style={{ height: `${laneHeight}px` }} aria-label={texts.lane(texts.kinds[kind], valueText(interval, texts), intervalText(interval, texts), texts.n(interval.n))}>
              {kind === 'edited' ? <b>{texts.kinds[kind]}</b> : texts.kinds[kind]}
            </li>
          ))}
        </ul>
        <div class="plot" ref={room}>
          <Canvas width={width} height={height} inputs={[measure, expected, width, palette]} paint={(context) => { paintMeasure(context, plot, width, palette); }} />
          <div class="scale-of-plot" style={{ height: `${scaleHeight}px` }} aria-hidden="true">
            {labelled(plot.ticks, width).map(({ value, at }) => <span key={value} style={{ left: `${placeOnScale(at, width)}px` }}>{minus(String(value))}</span>)}
          </div>
        </div>
        <ul class="lane-values" aria-hidden="true">
          {plot.lanes.map(({ kind, interval }) => (
            <li key={kind} style={{ height: `${laneHeight}px` }} title={intervalText(interval, texts)}>
              {kind === 'edited' ? <b>{valueText(interval, texts)}</b> : <span>{valueText(interval, texts)}</span>}<span class="quiet n-of">{texts.n(interval.n)}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function Verdict({ expected, texts }: { readonly expected: Expectation; readonly texts: CompareTexts }): JSX.Element {
  const { passed, reason, min, max } = expected;
  const bounds = [...(min === undefined ? [] : [texts.atLeast(twoDigits(min))]), ...(max === undefined ? [] : [texts.atMost(twoDigits(max))])].join(', ');
  return <span class={passed ? 'verdict' : 'verdict broken'} title={reason}><i aria-hidden="true">{passed ? '✓' : '✗'}</i>{bounds} {passed ? texts.pass : texts.fail}</span>;
}

/** Ticks whose numbers do not run into each other: all of them, or every other one so that 0 is among them. */
function labelled<T extends { readonly value: number; readonly at: number }>(ticks: readonly T[], width: number): readonly T[] {
  const [first, second] = ticks;
  if (ticks.length < 2 || (second.at - first.at) * width >= apart) return ticks;
  const zero = Math.max(ticks.findIndex(({ value }) => value === 0), 0);
  return ticks.filter((_, index) => (index - zero) % 2 === 0);
}

function valueText({ value }: Interval, texts: CompareTexts): string {
  return value === null ? texts.nothingMeasured : minus(twoDigits(value));
}

function intervalText({ low, high }: Interval, texts: CompareTexts): string {
  return low === null || high === null ? texts.nothingMeasured : texts.interval(minus(twoDigits(low)), minus(twoDigits(high)));
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${minus(twoDigits(value))}`;
}

/** The sign of arithmetic is as wide as a plus. */
function minus(text: string): string {
  return text.replace('-', '−');
}
