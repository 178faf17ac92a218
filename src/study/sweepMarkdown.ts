import { efficienciesOf } from './efficiency.ts';
import { digits, intervalText } from './expectations.ts';
import type { ExperimentOutcome, SweepOutcome } from './outcome.ts';
import { textOf } from './sweepTable.ts';

/** A sweep as Markdown: what was measured at every variant, controls beside it, and what the effects cost. */
export function sweepMarkdown(sweep: SweepOutcome): string {
  const { name, of, axes, cells } = sweep;
  const [first] = cells;
  const { prompt, seeds } = first.outcome;
  const measures = new Set(cells.flatMap(({ outcome }) => Object.keys(outcome.measures))); // a sweep may vary what is measured
  const head = [
    `# ${escape(name)}`, '',
    `Experiment "${escape(of)}" over ${axes.map(({ pointer }) => `\`${pointer}\``).join(' and ')}. Prompt: ${escape(prompt)}. ${seeds.length} seed${seeds.length === 1 ? '' : 's'}.`,
    'Values are means over the seeds with bootstrap intervals (95 %); of controls, over their draws and seeds.', '',
  ];
  const byMeasure = [...measures].flatMap((measure) => measureSection(measure, sweep));
  return `${[...head, ...byMeasure, ...costSection(sweep)].join('\n')}\n`;
}

function measureSection(measure: string, { axes, cells }: SweepOutcome): string[] {
  const measuredIn = cells.flatMap(({ outcome: { measures } }) => (Object.hasOwn(measures, measure) ? [measures[measure]] : []));
  const [{ definition, baseline }] = measuredIn;
  const names = [...new Set(measuredIn.flatMap(({ controls }) => Object.keys(controls)))];
  const columns = [...axes.map(({ pointer }) => pointer), 'edited', ...(baseline === undefined ? [] : ['unedited', 'gain']), ...names];
  return [
    `## ${escape(measure)}`, '', `${escape(definition)}.${names.length === 0 ? ' No controls.' : ''}`, '',
    row(columns), row(columns.map(() => '---')),
    ...cells.map(({ at, outcome: { measures } }) => {
      const place = axes.map(({ values }, axis) => textOf(values[at[axis]]));
      if (!Object.hasOwn(measures, measure)) return row([...place, ...columns.slice(axes.length).map(() => '–')]);
      const measured = measures[measure];
      return row([
        ...place, intervalText(measured),
        ...(baseline === undefined ? [] : [measured.baseline === undefined ? '–' : intervalText(measured.baseline), intervalText(measured.gain)]),
        ...names.map((control) => (control in measured.controls ? intervalText(measured.controls[control]) : '–')),
      ]);
    }), '',
  ];
}

/** Effect per added U-Net call and per harm, by window where the sweep varies it. */
function costSection({ axes, cells }: SweepOutcome): string[] {
  if (!axes.some(({ pointer }) => pointer.endsWith('/during') || pointer === '/edits')) return [];
  const costs = cells.flatMap(({ at, outcome }) => efficienciesOf(outcome).map((cost) => ({ at, outcome, cost })));
  if (costs.length === 0) return [];
  const columns = [...axes.map(({ pointer }) => pointer), 'concepts', 'effect', 'gain', 'added U-Net calls', 'gain per call', 'harm', 'gain per harm'];
  const harms = [...new Set(costs.flatMap(({ cost: { harmMeasure } }) => harmMeasure ?? []))];
  return [
    '## Efficiency', '',
    `Gain per U-Net call that a run takes beyond the unedited one, and per harm (${harms.length === 0 ? 'not measured' : harms.join(', ')}).`, '',
    row(columns), row(columns.map(() => '---')),
    ...costs.map(({ at, outcome, cost: { measure, gain, addedCalls, gainPerCall, harmMeasure, harm, gainPerHarm } }) => row([
      ...axes.map(({ values }, axis) => textOf(values[at[axis]])), conceptsOf(outcome), measure, digits(gain), String(addedCalls), digits(gainPerCall),
      harm === null ? '–' : `${digits(harm)}${harms.length > 1 ? ` (${harmMeasure})` : ''}`, gainPerHarm === null ? '–' : digits(gainPerHarm),
    ])), '',
  ];
}

function conceptsOf({ edits }: ExperimentOutcome): string {
  return [...new Set(edits.map(({ site, concepts }) => `${site}: ${concepts.slice(0, 6).join(', ')}${concepts.length > 6 ? ', …' : ''}`))].join('; ');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(escape).join(' | ')} |`;
}

/** Names and prompts are others' text: nothing of it is markup, and a cell stays a cell. */
function escape(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').replace(/[\\`*_{}[\]<>#|]/g, (mark) => `\\${mark}`);
}
