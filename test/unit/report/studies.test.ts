import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { pngSize } from '../../../src/base/pngSize.ts';
import { runReport } from '../../../src/report/runReport.ts';
import { editSentence } from '../../../src/report/studies/editSentence.ts';
import { checkExpectations } from '../../../src/study/expectations.ts';
import { inPart } from '../../../src/study/measures/measure.ts';
import { readStudyPictures, shownRuns } from '../../../src/report/studies/studyPictures.ts';
import type { StudyPage } from '../../../src/report/studies/studyPage.ts';
import { studySections } from '../../../src/report/studies/studySections.ts';
import { html } from '../../../src/report/html.ts';
import type { ExperimentOutcome, SweepOutcome } from '../../../src/study/outcome.ts';
import { fakeEdit, fakeMeasure, fakeOutcome, fakeSweep } from '../../support/fakeOutcome.ts';
import { fakeResult } from './fakeResult.ts';

const noNames = { together: () => undefined, best: () => undefined };
const part = <T>(name: string, outcome: T | undefined) => ({ name, outcome, fault: undefined, stale: false });

function studyPage(experiments: readonly ExperimentOutcome[], sweeps: readonly SweepOutcome[] = [], changed: Partial<StudyPage> = {}): StudyPage {
  return { experiments: experiments.map((outcome) => part(outcome.name, outcome)), sweeps: sweeps.map((outcome) => part(outcome.name, outcome)), pictures: new Map(), names: noNames, ...changed };
}

const sections = (...given: Parameters<typeof studyPage>): string => html`${studySections(studyPage(...given))}`.markup;
/** What a reader of one language is told, tags left out. */
const words = (markup: string, other: 'en' | 'ja' = 'ja'): string => markup.replace(new RegExp(`<span lang="${other}">[^<]*</span>`, 'g'), '').replace(/<[^>]*>/g, ' ').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))).replace(/\s+/g, ' ');

describe('the section of an experiment', () => {
  it('tells the edit, what it came to, and what it is held against', () => {
    const text = words(sections([fakeOutcome({ why: 'does it move?' })]));
    expect(text).toContain('does it move?');
    expect(text).toContain('At mid, #7 gets +2 × its mean activation, in the region “left”, at steps 0–2 of 10 (t 1.00–0.80, early), with the prompt.');
    expect(text).toMatch(/presence:house 0\.75 \[0\.63, 0\.88\] n 2 0\.25 \[0\.13, 0\.38\] n 2 \+0\.5 .* 0\.5 \[0\.38, 0\.63\] n 6/);
    expect(text).toContain('Cost: 40 U-Net calls; run one by one it would be 80 (50 %).');
    expect(text).toContain('✓ Identity');
    expect(text.indexOf('Effect')).toBeLessThan(text.indexOf('Outside the region: harm'));
  });

  it('says the same in Japanese', () => {
    const text = words(sections([fakeOutcome()]), 'en');
    expect(text).toContain('mid: #7 に +2 × 平均活性 を加える。場所: 領域「left」。全 10 ステップ中 0–2 (t 1.00–0.80, 序盤)。プロンプトありの側。');
    expect(text).not.toMatch(/Cost|unedited|Effect/);
  });

  it('tells expectations, faults, controls that do not apply, and a broken identity', () => {
    const text = words(sections([fakeOutcome({
      identityHolds: false, without: [{ control: 'shuffled-region', reason: 'the edits act everywhere' }],
      expectations: [{ measure: 'presence:house', max: 0.25, value: 0.75, passed: false, reason: '0.75 is above 0.25' }],
      edited: [{ seed: 0, folder: '/runs/b' }, { seed: 1, folder: null, fault: 'NaN at step 3' }],
      controls: [{ control: 'random-concept', draw: 1, runs: [{ seed: 0, folder: '/runs/c' }, { seed: 1, folder: null, fault: 'NaN at step 4' }] }],
    })]));
    expect(text).toContain('random concept 2: Seed 1 failed: NaN at step 4');
    expect(text).toContain('✗ fails : presence:house ≤ 0.25 ( 0.75 is above 0.25 )');
    expect(text).toContain('Control “ shuffled region ” : left out, the edits act everywhere');
    expect(text).toContain('Seed 1 failed: NaN at step 3');
    expect(text).toContain('Trust no number here');
  });

  it('says definitions, reasons and faults in Japanese too, and lets no template of others become markup', () => {
    const told = fakeOutcome({
      without: [{ control: 'shuffled-region', reason: 'the edits act everywhere', reasonPhrase: phrase`the edits act everywhere` }],
      measures: { mse: { ...fakeMeasure(0.5), definition: 'told in English', definitionPhrase: inPart(phrase`mean squared difference to the unedited picture over pixels and channels, from 0 to 1`, 'inside') } },
      expectations: checkExpectations({ mse: { min: 0.75 } }, { mse: { value: 0.5, low: 0.25, high: 0.625, n: 4 } }, 0),
      edited: [{ seed: 0, folder: '/runs/b' }, { seed: 1, folder: null, fault: 'NaN', faultPhrase: phrase`${phrase`NaN or infinity in the activations`}: ${'mid, step 3'}` }],
    });
    const text = words(sections([told]), 'en');
    for (const part of ['編集は全体に作用します', '平均二乗差(0 から 1)(領域の内側)', '0.5(95 %: 0.25〜0.625、n = 4) は 0.75 を下回ります', 'mid, step 3']) expect(text).toContain(part);
    expect(text).not.toMatch(/act everywhere|squared|is below|infinity in/);
    expect(words(sections([told]))).toContain('0.5 (95 %: 0.25 to 0.625, n = 4) is below 0.75');
    const hostile = { ...told, without: [{ control: 'identity' as const, reason: '', reasonPhrase: { text: '<b>{0}', values: ['</span><script>', { text: '<i>', values: [] }] } }] };
    expect(sections([hostile])).not.toMatch(/<script>|<b>&|<i>/);
  });

  it('draws the dot of the edit beside its controls on one scale', () => {
    const markup = sections([fakeOutcome({ measures: { 'presence:house': fakeMeasure(0.75, 0.25, 0.5) } })]);
    const dots = [...markup.matchAll(/<circle cx="([\d.]+)"[^>]* r="([\d.]+)"/g)].map(([, x, r]) => [Number(x), Number(r)]);
    expect(dots).toEqual([[63, 3.5], [157, 4.5], [110, 3.5]]); // unedited, edit, random concept: 16 + 188 of 220 pixels
  });

  it('stands with no measure, no edit, nothing measured and no interval', () => {
    for (const outcome of [fakeOutcome({ measures: {} }), fakeOutcome({ edits: [] }), fakeOutcome({ measures: { clip: fakeMeasure(null) } }),
      fakeOutcome({ measures: { clip: { ...fakeMeasure(0.5), low: null, high: null, n: 1 } } })]) {
      expect(sections([outcome])).not.toMatch(/NaN|undefined|Infinity|null/);
    }
  });

  it('says what has not run, cannot be read, or is out of date', () => {
    const text = words(sections([], [], {
      experiments: [part('waiting', undefined), { ...part('broken', undefined), fault: phrase`runs and values do not fit each other` }, { ...part('old', fakeOutcome()), stale: true }],
    }));
    expect(text).toContain('Not run yet: waiting.');
    expect(text).toContain('What is stored cannot be read: runs and values do not fit each other.');
    expect(text).toContain('The spec asks something else by now');
    expect(sections([])).toBe('');
  });
});

describe('the sentence of an edit', () => {
  const names = { together: (_: string, ids: readonly number[]) => (ids.length === 2 ? 'house' : undefined), best: (_: string, id: number) => (id === 7 ? 'roof' : undefined) };
  const told = (changed: Parameters<typeof fakeEdit>[1], steps = [0, 1, 4]): string => words(editSentence(fakeEdit(steps, changed), { totalSteps: 10, t: [0.9, 0.8, 0.7, 0.6, 0.5] }, names).markup);

  it('names concepts, every operation and unit, every region and branch', () => {
    expect(told({ concepts: [3, 9], operation: 'scale', amount: 0, unit: 'raw' })).toContain('house (#3, #9) is switched off');
    expect(told({ concepts: [7, 8, 9], operation: 'set', amount: -1.5, unit: 'share' })).toContain('roof (#7), #8, #9 is set to −1.5 × the cell\'s share');
    expect(told({ operation: 'scale', amount: 3, unit: 'raw' })).toContain('is scaled by 3');
    expect(told({ where: 'everywhere', branch: 'contrast' })).toMatch(/everywhere, at steps 0–1, 4 of 10 \(t 0\.90–0\.50\), added with the prompt and subtracted without/);
    expect(told({ where: { box: [0, 0.25, 0.5, 1] }, elsewhere: 'ablate' })).toContain('in the box 0, 0.25, 0.5, 1 (and switched off everywhere else)');
    expect(told({ where: { concepts: [7], above: 0.5 } })).toContain('where roof (#7) reaches 0.5 of its range');
    expect(told({ where: { mask: 'f'.repeat(64) } })).toContain('in a painted mask');
    expect(told({ where: { polygon: [[0, 0], [1, 0], [0, 1]] } })).toContain('in a polygon of 3 corners');
  });

  it('stands with steps that the run does not have, and with a thousand concepts', () => {
    expect(told({ concepts: [...Array(1000).keys()] }, [90])).toMatch(/, … \+992 gets .* at step 90 of 10, with/);
  });
});

describe('the section of a sweep', () => {
  it('maps the effect, then the harm, windows down and strengths across', () => {
    const markup = sections([], [fakeSweep()]);
    const text = words(markup);
    expect(text).toMatch(/Varies the experiment “move”: during \( ?early ?, t 0\.4 – 0\.2\); add \(2, 4\)/);
    expect(text.indexOf('Effect: gain of presence:house against unedited')).toBeLessThan(text.indexOf('Harm: outside.perceptual'));
    expect(markup.match(/<table class="tiles">/g)).toHaveLength(2);
    expect(text).toMatch(/during \\ add 2 4 early .* t 0\.4 – 0\.2/);
    expect(text).toMatch(/\+0\.5 \[0\.38, 0\.63\] n 2 random concept \+0\.25/); // gain of the edit, and of its control
    const bars = [...markup.matchAll(/<svg class="bar"[^>]*><rect class="(\w+)"/g)].map(([, level]) => level);
    expect(bars).toEqual(['h0', 'h16', 'h16', 'h23', 'h16', 'h23', 'h16', 'h23']); // by their square root: gains 0, 0.25, 0.25, 0.5; harm 0.1, 0.2 twice
  });

  it('maps what has values: another measure of harm where nothing lies outside the region', () => {
    const sweep = fakeSweep();
    for (const { outcome } of sweep.cells) outcome.measures = { 'presence:house': fakeMeasure(0.5, 0.25), 'outside.perceptual': fakeMeasure(null), ssim: fakeMeasure(0.75) };
    const text = words(sections([], [sweep]));
    expect(text).toMatch(/Change of the whole picture: 1 − ssim 0 0\.25/);
    expect(text).not.toContain('Harm: outside.perceptual');
    expect(text).toContain('1 − ssim there gain per 1 − ssim');
  });

  it('holds an effect against nothing where nothing was measured, or only what happened inside the region', () => {
    for (const others of [{}, { 'inside.ssim': fakeMeasure(0.5) }]) {
      const sweep = fakeSweep();
      for (const { outcome } of sweep.cells) outcome.measures = { 'presence:house': fakeMeasure(0.5, 0.25), ...others };
      const text = words(sections([], [sweep]));
      expect(text).toContain('What each window achieves');
      expect(text).not.toMatch(/Harm:|Change of|Strain|gain per (?!added)|– –/);
    }
  });

  it('tells what each window achieves where windows are varied', () => {
    const text = words(sections([], [fakeSweep()]));
    expect(text).toContain('What each window achieves');
    const { axes, ...sweep } = fakeSweep();
    expect(words(sections([], [{ ...sweep, axes: [{ ...axes[0], pointer: '/edits/0/where' }, axes[1]] }]))).not.toContain('What each window achieves');
  });

  it('stands with one axis, and with three', () => {
    const sweep = fakeSweep();
    const one = sections([], [{ ...sweep, axes: [sweep.axes[1]], cells: sweep.cells.slice(0, 2).map(({ outcome }, index) => ({ at: [index], outcome })) }]);
    const three = words(sections([], [{ ...sweep, axes: [...sweep.axes, { pointer: '/edits/0/branch', values: ['cond', 'both'] }], cells: [0, 1].flatMap((branch) => sweep.cells.map(({ at, outcome }) => ({ at: [...at, branch], outcome }))) }]));
    expect(one).not.toMatch(/NaN|undefined|Infinity/);
    expect(three).toContain('With branch cond:');
    expect(three).toContain('With branch both:');
  });

  it('tells failures by their variant', () => {
    const sweep = fakeSweep();
    sweep.cells[1].outcome.edited = [{ seed: 0, folder: '/runs/x' }, { seed: 1, folder: null, fault: 'NaN at step 7' }];
    expect(words(sections([], [sweep]))).toContain('during early, add 4, seed 1 failed: NaN at step 7');
  });
});

describe('the page with studies', () => {
  const page = (studies: StudyPage): string => {
    const { result, pictures } = fakeResult({ seeds: 1, steps: 3 });
    return runReport(result, pictures, { language: 'en', key: 'k', studies });
  };

  it('keeps its policy, shows hostile outcomes as text, and tells them in short', () => {
    const hostile = '</style><script>alert(1)</script><img src=x onerror="alert(1)">\'"&';
    const measures = { [hostile]: { ...fakeMeasure(0.5, 0.25, 0.25), definition: hostile } };
    const outcome = fakeOutcome({
      name: hostile, why: hostile, prompt: hostile, edits: [fakeEdit([0], { site: hostile, where: hostile })], measures, without: [{ control: 'identity', reason: hostile }],
      expectations: [{ measure: hostile, value: 1, passed: true, reason: hostile }], edited: [{ seed: 0, folder: null, fault: hostile }, { seed: 1, folder: hostile }],
    });
    const text = page(studyPage([outcome], [fakeSweep({ name: hostile, of: hostile, axes: [{ pointer: `/${hostile}`, values: [hostile, { hostile }] }, { pointer: '/add', values: [hostile, 2] }] })],
      { names: { together: () => hostile, best: () => hostile } }));
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain('<img src=x');
    expect(text).not.toContain('onerror="');
    expect(text).not.toMatch(/\s(style|on\w+)="/);
    expect([...text.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, target]) => !/^(data:image\/png;base64,|#)/.test(target))).toEqual([]);
    expect(text).toContain('<a href="#experiment-0">');
  });

  it('shows pictures of runs by reference, each once', () => {
    const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
    const runs = (name: string) => [{ seed: 0, folder: `/elsewhere/${name}` }, { seed: 1, folder: null }];
    const png = encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3, depth: 8 });
    const outcome = fakeOutcome({ baseline: runs(a), edited: runs(b) });
    const text = page(studyPage([outcome, { ...outcome, name: 'again' }], [], { pictures: new Map([[a, png], [b, png]]) }));
    expect(text.match(new RegExp(`<image id="run-${a}"`, 'g'))).toHaveLength(1);
    expect(text.match(new RegExp(`href="#run-${b}"`, 'g'))).toHaveLength(2);
    expect(text).toContain('class="missing"'); // of the second seed
  });
});

describe('pictures of runs', () => {
  let folder: string;
  const names = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dmi-report-'));
    const sizes = [[8, 8], [512, 256]];
    for (const [index, [width, height]] of sizes.entries()) {
      await mkdir(join(folder, names[index]));
      await writeFile(join(folder, names[index], 'image.png'), encode({ width, height, data: new Uint8Array(width * height * 3).fill(200), channels: 3, depth: 8 }));
    }
    await mkdir(join(folder, names[2]));
    await writeFile(join(folder, names[2], 'image.png'), 'no picture');
  });
  afterAll(async () => { await rm(folder, { recursive: true }); });

  it('are taken from the runs beside the spec alone, whatever folder an outcome names', async () => {
    const outcome = fakeOutcome({ baseline: [{ seed: 0, folder: `/somewhere/else/${names[0]}` }, { seed: 1, folder: '/etc' }], edited: [{ seed: 0, folder: `C:\\runs\\${names[1]}` }, { seed: 1, folder: `../../${'d'.repeat(32)}` }] });
    expect(await shownRuns({ experiments: [part('a', outcome)], sweeps: [] }, folder)).toEqual([names[0], names[1]]);
  });

  it('are no larger than they are drawn, and one that is damaged is left out', async () => {
    const pictures = await readStudyPictures(names, folder);
    expect([...pictures.keys()]).toEqual(names.slice(0, 2));
    expect(names.slice(0, 2).map((name) => pngSize(pictures.get(name) ?? new Uint8Array()))).toEqual([{ width: 8, height: 8 }, { width: 192, height: 96 }]);
  });
});
