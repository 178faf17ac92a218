import { difference, estimate, reading } from './estimate.ts';
import type { Estimate, Reading } from './estimate.ts';
import { paper } from './paperFigures.ts';
import { windowNames } from './samples.ts';
import type { Arm, Sample, WindowName } from './samples.ts';
import { cellText } from './table.ts';
import type { Table } from './table.ts';
import { isGreater } from './verdict.ts';
import type { Verdict } from './verdict.ts';

const clip = (arm?: Arm): Reading => reading(() => 'clip', arm);
const perceptual = (arm?: Arm): Reading => reading(() => 'perceptual', arm);
const styled = (arm?: Arm): Reading => reading(({ word }) => `presence:${word}`, arm);

/** The paper's success: the picture came nearer to the style's word. A control's draws are averaged first. */
const nearer = (arm?: Arm): Reading => (sample) => {
  const gain = clip(arm)(sample);
  return gain === undefined ? undefined : Number(gain > 0);
};

/** Whether the judge still finds everything else that the prompt names: the thing and the background. */
const kept: Reading = (sample) => {
  const others = sample.others.map((word) => sample.value(`presence:${word}`));
  return others.includes(undefined) ? undefined : Number(others.every((found) => found === 1));
};

/** Style moved, and nothing else lost. */
const clean: Reading = (sample) => {
  const [style, rest] = [styled()(sample), kept(sample)];
  return style === undefined || rest === undefined ? undefined : style * rest;
};

/** When does style move? Style concepts edited everywhere. @param samples of all strengths */
export function stylingTables(samples: readonly Sample[]): Table[] {
  return [
    {
      title: 'Style concepts added everywhere, all strengths together',
      caption: 'ΔCLIP: gain in similarity of picture and style word in the judge\'s dual encoder (its scale is not CLIP\'s; compare signs and order). Success, as in the paper: a gain above 0. Beside each, random concepts of equal strength.',
      columns: ['window', 'ΔCLIP, paper', 'ΔCLIP', 'random concept', 'success, paper', 'success', 'random concept', 'LPIPS, paper', 'perceptual', 'random concept'],
      rows: windowNames.map((window) => {
        const own = of(samples, window);
        return [window, paper[window].clip, estimate(own, clip()), estimate(own, clip('random-concept')), paper[window].success, estimate(own, nearer()), estimate(own, nearer('random-concept')),
          paper[window].lpips, estimate(own, perceptual()), estimate(own, perceptual('random-concept'))];
      }),
    },
    {
      title: 'Did the style change, and did the scene survive?',
      caption: 'Share of pictures that the judge calls by the asked style; in which it still finds the thing and the background of the prompt; both at once; and how far Δ leaves its usual range (ood). Per word, site and strength.',
      columns: ['style', 'site', 'add', 'window', 'style is the asked one', 'random concept', 'thing and background kept', 'both', 'perceptual', 'ood'],
      rows: groups(samples).flatMap(({ word, site, amount }) => windowNames.map((window) => {
        const own = of(samples, window).filter((sample) => sample.word === word && sample.site === site && sample.amount === amount);
        return [word, site, String(amount), window, estimate(own, styled()), estimate(own, styled('random-concept')), estimate(own, kept), estimate(own, clean), estimate(own, perceptual()), estimate(own, reading(() => 'ood'))];
      })),
    },
  ];
}

const lateIsTint = 'Why: a sketch of Scenes is pale in all its colours, and a tint can be laid over a finished picture in the last steps: at the smaller strength late edits turn the meadow into a desert, while what '
  + 'middle ones do is partly undone by the steps that follow; at the greater strength both draw sketches and are about level (pictures and table below).';

const styleIsEarly = 'Why: in Scenes the prompt names the style as it names things, and the first steps settle both: stripes come with early edits, less often with middle ones, with late ones hardly more often than by themselves '
  + '(pictures and table below). All windows have the same strength here; the paper tuned one for each. Studies that switch the prompt in mid-process (arXiv 2512.08486) find that style settles early in large models, too.';

/** The paper's claims about style, at equal strengths in all windows. */
export function stylingVerdicts(samples: readonly Sample[]): Verdict[] {
  const gap = (more: WindowName, less: WindowName, read: Reading): Estimate | undefined => difference(of(samples, more), of(samples, less), read);
  return [
    isGreater('Early edits change the picture more than middle ones (perceptual)', '0.653 against 0.385', gap('early', 'middle', perceptual())),
    isGreater('Middle edits change the picture more than late ones (perceptual)', '0.385 against 0.114', gap('middle', 'late', perceptual()), lateIsTint),
    isGreater('Early random concepts of equal strength change it more than middle ones', 'no such control', gap('early', 'middle', perceptual('random-concept'))),
    isGreater('Middle random concepts of equal strength change it more than late ones', 'no such control', gap('middle', 'late', perceptual('random-concept'))),
    isGreater('Middle edits move style more than early ones (ΔCLIP)', '+0.021 against +0.007', gap('middle', 'early', clip()), styleIsEarly),
    isGreater('Middle edits move style more than late ones (ΔCLIP)', '+0.021 against +0.006', gap('middle', 'late', clip())),
    isGreater('Middle edits change style and keep the scene more often than early ones', 'not measured', gap('middle', 'early', clean), styleIsEarly),
    isGreater('Middle edits change style and keep the scene more often than late ones', 'not measured', gap('middle', 'late', clean)),
    isGreater('It is the concept: style edits gain more than random concepts of equal strength, in all windows together', 'no such control', difference(samples, samples, clip(), clip('random-concept'))),
  ];
}

/** The window that moves style most, by two measures. */
export function styleWinners(samples: readonly Sample[]): string[] {
  const best = (name: string, read: Reading): string => {
    const ranked = windowNames.flatMap((window) => {
      const value = estimate(of(samples, window), read);
      return value === undefined ? [] : [{ window, value }];
    }).sort((a, b) => b.value.value - a.value.value);
    return `${name}: ${ranked.map(({ window, value }) => `${window} ${cellText(value)}`).join(' > ')}.`;
  };
  return [best('ΔCLIP by window, strengths together', clip()), best('Style changed and the scene kept', clean)];
}

function groups(samples: readonly Sample[]): Pick<Sample, 'word' | 'site' | 'amount'>[] {
  const keys = new Map(samples.map(({ word, site, amount }) => [`${word} ${site} ${amount}`, { word, site, amount }]));
  return [...keys.values()].sort((a, b) => a.word.localeCompare(b.word) || a.site.localeCompare(b.site) || a.amount - b.amount);
}

function of(samples: readonly Sample[], window: WindowName): Sample[] {
  return samples.filter((sample) => sample.window === window);
}
