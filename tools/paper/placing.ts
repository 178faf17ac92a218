import { difference, estimate, reading } from './estimate.ts';
import type { Reading } from './estimate.ts';
import { paper } from './paperFigures.ts';
import { windowNames } from './samples.ts';
import type { Arm, Sample, WindowName } from './samples.ts';
import type { Table } from './table.ts';
import { isGreater, ratioReaches, reaches, staysNear } from './verdict.ts';
import type { Verdict } from './verdict.ts';

/** A quadrant drawn by lot. */
const chance = 0.25;

/** 1 where the thing's centre of mass lies in the asked quadrant, 0 where it does not or there is no such thing. */
const placed = (arm?: Arm): Reading => reading(({ word }) => `centre:${word}`, arm);
const present: Reading = reading(({ word }) => `presence:${word}`);
const measured = (name: string, arm?: Arm): Reading => reading(() => name, arm);

/** Where and when: things placed in each quadrant by the concepts of their noun. @param samples of one strength */
export function placingTables(samples: readonly Sample[]): Table[] {
  const nouns = [...new Set(samples.map(({ word }) => word))];
  return [
    {
      title: 'A thing placed in each quadrant',
      caption: 'Share of pictures with the thing\'s centre in the asked quadrant. An unedited picture has it in one of the four, so leaving it alone scores 0.25. A thing that is not there counts as a miss, in the controls, too.',
      columns: ['window', 'paper', 'edited', 'random concept', 'shuffled region', 'thing still there', 'paper, random'],
      rows: windowNames.map((window) => {
        const own = of(samples, window);
        return [window, paper[window].placed, estimate(own, placed()), estimate(own, placed('random-concept')), estimate(own, placed('shuffled-region')), estimate(own, present), paper[window].random];
      }),
    },
    {
      title: 'What placing changes besides',
      caption: 'Perceptual distance from the unedited picture of the same seed (0: the same), and the same inside and outside the asked quadrant.',
      columns: ['window', 'perceptual', 'random concept', 'shuffled region', 'inside', 'outside'],
      rows: windowNames.map((window) => {
        const own = of(samples, window);
        const columns = [measured('perceptual'), measured('perceptual', 'random-concept'), measured('perceptual', 'shuffled-region'), measured('inside.perceptual'), measured('outside.perceptual')];
        return [window, ...columns.map((read) => estimate(own, read))];
      }),
    },
    {
      title: 'Noun by noun',
      caption: 'Share of pictures with the thing\'s centre in the asked quadrant.',
      columns: ['noun', 'add', ...windowNames, 'random concept, early'],
      rows: nouns.map((noun) => [noun, [...new Set(samples.filter(({ word }) => word === noun).map(({ amount }) => amount))].join(', '), ...windowNames.map((window) => estimate(of(samples, window).filter(({ word }) => word === noun), placed())), estimate(of(samples, 'early').filter(({ word }) => word === noun), placed('random-concept'))]),
    },
    {
      title: 'Quadrant by quadrant',
      caption: 'Share of pictures with the thing\'s centre in the asked quadrant.',
      columns: ['quadrant', ...windowNames],
      rows: [...new Set(samples.map(({ where }) => where))].map((where) => [where, ...windowNames.map((window) => estimate(of(samples, window).filter((sample) => sample.where === where), placed()))]),
    },
  ];
}

/** How the strength of each noun was chosen. @param samples of several strengths, early, on seeds of their own */
export function strengthTable(samples: readonly Sample[]): Table {
  const amounts = [...new Set(samples.map(({ amount }) => amount))].sort((a, b) => a - b);
  return {
    title: 'Strengths tried',
    caption: `Share of pictures with the thing's centre in the asked quadrant, early, on seeds ${list(samples.map(({ seed }) => seed))}, per strength (times each concept's mean activation).`,
    columns: ['noun', ...amounts.map((amount) => `add ${amount}`)],
    rows: [...new Set(samples.map(({ word }) => word))].map((noun) => [noun, ...amounts.map((amount) => estimate(samples.filter((sample) => sample.word === noun && sample.amount === amount), placed()))]),
  };
}

/** How strength and window trade. @param samples of several strengths, without controls */
export function doseTables(samples: readonly Sample[]): Table[] {
  const amounts = [...new Set(samples.map(({ amount }) => amount))].sort((a, b) => a - b);
  const at = (amount: number, window: WindowName): Sample[] => of(samples, window).filter((sample) => sample.amount === amount);
  const rows = (...reads: Reading[]): Table['rows'] => amounts.map((amount) => [String(amount), ...windowNames.flatMap((window) => reads.map((read) => estimate(at(amount, window), read)))]);
  return [
    {
      title: 'Does a late edit only want strength?',
      caption: `The ${list(samples.map(({ word }) => word))} at one site, per strength (times each concept's mean activation) and window: share placed.`,
      columns: ['add', ...windowNames], rows: rows(placed()),
    },
    {
      title: 'What that strength costs',
      caption: 'Perceptual distance outside the asked quadrant; and ood: share of the entries of the edited Δ farther than 4 σ from those of unedited runs.',
      columns: ['add', ...windowNames.flatMap((window) => [`${window}: outside`, `${window}: ood`])], rows: rows(measured('outside.perceptual'), measured('ood')),
    },
  ];
}

/** Whether a late edit only wants strength. @param samples of several strengths */
export function doseVerdicts(samples: readonly Sample[]): Verdict[] {
  const least = Math.min(...samples.map(({ amount }) => amount));
  const most = Math.max(...samples.map(({ amount }) => amount));
  const at = (window: WindowName, amount: number): Sample[] => of(samples, window).filter((sample) => sample.amount === amount);
  return [isGreater(`It is the time, not the strength: early edits at any strength place more often than late ones at the greatest (${most / least} times the least)`, 'not measured', difference(of(samples, 'early'), at('late', most), placed()))];
}

/** A hit that random concepts score as well. @param samples of a strength that is too great */
export function tooStrongTable(samples: readonly Sample[]): Table {
  return {
    title: 'What a hit is worth when the push is too strong',
    caption: `The ${list(samples.map(({ word }) => word))} in another scene (“${list(samples.map(({ prompt }) => prompt))}”) at add ${list(samples.map(({ amount }) => amount))}: share placed by the concepts of the noun and by random concepts of the same added norm.`,
    columns: ['window', 'edited', 'random concept', 'shuffled region', 'perceptual'],
    rows: windowNames.filter((window) => of(samples, window).length > 0).map((window) => {
      const own = of(samples, window);
      return [window, estimate(own, placed()), estimate(own, placed('random-concept')), estimate(own, placed('shuffled-region')), estimate(own, measured('perceptual'))];
    }),
  };
}

function list(values: readonly (string | number)[]): string {
  return [...new Set(values)].join(', ');
}

const latePatches = 'Why: neither moves the thing; but what a late edit paints at the wrong place (patches, another shape; see the pictures) stays, while the steps after a middle edit mend most of it. '
  + 'The difference is small beside that of early edits, and random concepts show it, too.';

const placesAreEarly = 'Why: at a strength that suffices early, the thing stays where it is in both, which is the chance level; eight times the least strength does not change that (table of strengths). Places are settled '
  + 'before the middle window begins. The paper\'s middle edits still moved one thing in ten.';

/** The paper's claims about placing. */
export function placingVerdicts(samples: readonly Sample[]): Verdict[] {
  const share = (window: WindowName, arm?: Arm) => estimate(of(samples, window), placed(arm));
  const randoms = Object.fromEntries(windowNames.map((window) => [window, share(window, 'random-concept')]));
  return [
    reaches('Early edits place a thing: success of 0.6 or more', '0.80', share('early'), 0.6),
    ratioReaches('Early edits place at least twice as often as late ones', '0.80 against 0.23: 3.5 times', share('early'), share('late'), 2),
    staysNear('Random concepts of equal strength stay within 0.1 of chance (0.25)', '0.25 in every window', randoms, chance, 0.1),
    isGreater('Early edits place more often than middle ones', '0.80 against 0.35', difference(of(samples, 'early'), of(samples, 'middle'), placed())),
    isGreater('Middle edits place more often than late ones', '0.35 against 0.23', difference(of(samples, 'middle'), of(samples, 'late'), placed()), placesAreEarly),
    isGreater('It is the concept: early edits place more often than a random concept of equal strength', '0.80 against 0.25', difference(of(samples, 'early'), of(samples, 'early'), placed(), placed('random-concept'))),
    isGreater('Placing early changes the picture more than placing in the middle (perceptual)', 'only for global edits', difference(of(samples, 'early'), of(samples, 'middle'), measured('perceptual'))),
    isGreater('Placing in the middle changes the picture more than placing late (perceptual)', 'only for global edits', difference(of(samples, 'middle'), of(samples, 'late'), measured('perceptual')), latePatches),
  ];
}

function of(samples: readonly Sample[], window: WindowName): Sample[] {
  return samples.filter((sample) => sample.window === window);
}
