import type { JSX } from 'preact';
import { memo } from '../../kit/memo.ts';
import type { MarkSpread } from '../../../src/concepts/summariseConcepts.ts';
import { percent } from '../../../src/report/percent.ts';
import type { Columns } from '../../kit/layout/columns.ts';
import { layOutRow } from '../layout/rowPicture.ts';
import type { Band, ConceptFacts, SiteSummary } from '../../trace/siteSummary.ts';
import { mark, shortMark } from '../marks.ts';
import { paintRow } from '../paint/paintRow.ts';
import type { Palette } from '../../kit/paint/palette.ts';
import type { Texts } from '../texts.ts';
import { Canvas } from '../../kit/parts/canvas.tsx';

export const rowHeight = 32;

interface ConceptRowProps {
  readonly optionId: string;
  readonly summary: SiteSummary;
  readonly facts: ConceptFacts;
  readonly band: Band | undefined;
  readonly settle: MarkSpread | undefined;
  readonly index: number;
  readonly count: number;
  /** Number of its colour; null where it is not ticked. */
  readonly colour: number | null;
  readonly chosen: boolean;
  readonly revealed: boolean;
  readonly linked: boolean;
  readonly columns: Columns;
  readonly scale: number;
  /** How many runs it is over, in words. */
  readonly over: string;
  readonly palette: Palette;
  readonly texts: Texts;
}

/** A concept: its name, its course, its marks in numbers. Where it is pressed, the list knows. */
export const ConceptRow = memo((props: ConceptRowProps): JSX.Element => {
  const { optionId, summary, facts, band, settle, index, count, colour, chosen, revealed, linked, columns, scale, palette, texts } = props;
  const { site } = summary.site;
  const label = facts.id in site.labels ? site.labels[facts.id] : null;
  const steps = summary.site.traces[0].steps;
  const silent = !(facts.strength > 0);
  return (
    <div
      id={optionId} role="option" aria-selected={colour !== null} aria-posinset={index + 1} aria-setsize={count} aria-label={describe(props, label)}
      class={`row${chosen ? ' chosen' : ''}${revealed ? ' revealed' : ''}${linked ? ' linked' : ''}${silent ? ' silent' : ''}`}
      data-index={index} style={{ transform: `translateY(${index * rowHeight}px)` }}
    >
      <span class="name" title={`${facts.id} ${label ?? texts.unnamed}${site.contextFree.includes(facts.id) ? ` (${texts.contextFree})` : ''}`}>
        <span class={`swatch${colour === null ? '' : ` colour-${colour}`}`} data-tick="true" />
        <span class="id">{facts.id}</span>
        <span class="label">{label}</span>
      </span>
      <span class="strip">
        <Canvas
          width={columns.width} height={rowHeight - 1} inputs={[facts, band, settle, columns.width, columns.count, scale, palette]}
          paint={(context) => {
            if (silent) return;
            const picture = layOutRow({ columns, height: rowHeight - 1, steps, counts: summary.counts, gamma: facts.gamma, typical: facts.typical, scale, band, marks: { onset: facts.onset, peak: facts.peak, settle } });
            paintRow(context, picture, columns.width, palette);
          }}
        />
      </span>
      <span class="numbers">
        <span class="mark-number">{silent ? '' : shortMark(facts.onset)}</span>
        <span class="mark-number">{silent ? '' : shortMark(facts.peak)}</span>
        <span class="mark-number">{silent || settle === undefined ? '' : shortMark(settle)}</span>
        <span class="strength">{silent ? '' : percent(facts.strength)}</span>
      </span>
    </div>
  );
});

function describe({ over, facts, band, settle, revealed, texts }: ConceptRowProps, label: string | null): string {
  const name = `${facts.id} ${label ?? texts.unnamed}`;
  if (!(facts.strength > 0)) return name;
  const peak = facts.gamma.indexOf(Math.max(...facts.gamma));
  const interval = band === undefined ? over : texts.interval(percent(band.low[peak] / facts.typical), percent(band.high[peak] / facts.typical), over);
  return texts.option(name, [
    `${texts.strength} ${texts.ofPicture(percent(facts.strength))} (${interval})`,
    texts.appearsAt(mark(facts.onset, texts)), texts.peakAt(mark(facts.peak, texts)),
    ...(settle === undefined ? [] : [settle.median === null ? texts.never : texts.settlesAt(mark(settle, texts))]),
    ...(revealed ? [texts.inSpec] : []),
  ]);
}
