import { describe, expect, test } from 'vitest';
import { phrase } from '../../../src/base/phrase.ts';
import { junitXml } from '../../../src/report/junit.ts';
import { outcomeText, sweepText } from '../../../src/report/outcomeText.ts';
import { inLanguage } from '../../../src/study/inLanguage.ts';
import { fakeMeasure, fakeOutcome, fakeSweep } from '../../support/fakeOutcome.ts';

const failed = { measure: 'presence:house', min: 0.9, value: 0.75, passed: false, reason: '0.75 is below 0.9' };
const passed = { measure: 'outside.perceptual', max: 0.9, value: 0.2, passed: true, reason: '0.2 is at most 0.9' };

describe('JUnit XML', () => {
  test('counts tests and failures, and tells the reason', () => {
    const xml = junitXml('house.dmi.json', [fakeOutcome({ expectations: [failed, passed] })]);
    expect(xml).toContain('<testsuites name="house.dmi.json" tests="3" failures="1" errors="0">');
    expect(xml).toContain('<testcase classname="house.dmi.json: move" name="presence:house" time="1">');
    expect(xml).toContain('<failure message="0.75 is below 0.9">0.75 is below 0.9</failure>');
    expect(xml.match(/<failure /g)).toHaveLength(1);
    expect(xml).toContain('seed 0: /runs/a&#10;seed 1: /runs/b');
  });

  test('a splice that changes the prediction fails', () => {
    expect(junitXml('s', [fakeOutcome({ identityHolds: false })])).toContain('tests="1" failures="1"');
    expect(junitXml('s', [fakeOutcome({ identityHolds: null })])).toContain('tests="0" failures="0"');
  });

  test('no name breaks out of its place, and every tag is closed', () => {
    const xml = junitXml('a"><x>&\u0000\ud800', [fakeOutcome({ name: '</testsuite>\'', expectations: [{ ...failed, reason: ']]> & <b>' }] })]);
    expect(xml).toContain('name="a&#34;&#62;&#60;x&#62;&#38;\ufffd\ufffd"');
    const open: string[] = [];
    for (const [, slash, name] of xml.matchAll(/<(\/?)([a-z-]+)[^<>]*>/g)) {
      if (slash === '') open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
    expect(xml.replace(/<\??[^<>]*>/g, '')).not.toMatch(/[<>]/);
  });
});

describe('text for a terminal', () => {
  test('shows value, unedited and controls with their intervals, and what was expected', () => {
    const text = outcomeText(fakeOutcome({
      why: 'does it move?', expectations: [failed, passed], without: [{ control: 'shuffled-region', reason: 'the edits act everywhere' }],
      edited: [{ seed: 0, folder: '/runs/a' }, { seed: 1, folder: null, fault: 'NaN: step 3' }],
      controls: [0, 1, 2].map((draw) => ({ control: 'random-concept' as const, draw, runs: [] })),
    }));
    expect(text).toContain('experiment move: does it move?\n');
    expect(text).toMatch(/presence:house +0\.75 \(0\.625 to 0\.875\) +0\.25 \(0\.125 to 0\.375\) +0\.5 \(0\.375 to 0\.625\) +2\n/);
    expect(text).toContain('  means over 2 seeds (controls: and 3 draws)');
    expect(text).toContain('  without shuffled-region: the edits act everywhere\n');
    expect(text).toContain('  seed 1 failed: NaN: step 3\n');
    expect(text).toContain('  FAILED presence:house: 0.75 is below 0.9\n  passed outside.perceptual');
  });

  test('of a sweep: a row a variant', () => {
    const text = sweepText(fakeSweep());
    expect(text).toContain('sweep when of move: 4 variants, 100 U-Net calls instead of 200\n');
    expect(text).toMatch(/\n {2}early +4 +0\.5 \(0\.375 to 0\.625\) +0\.2 \(/);
  });

  test('names cannot write to the terminal; what could not be measured is a dash', () => {
    const text = outcomeText(fakeOutcome({ name: 'a\u001b[31m', measures: { clip: fakeMeasure(null) } }));
    expect(text).not.toContain('\u001b');
    expect(text).toMatch(/clip +–/);
  });
});

test('an outcome in another language: what has a phrase is said anew, the rest stays', () => {
  const outcome = fakeOutcome({
    without: [{ control: 'identity', reason: 'old' }, { control: 'shuffled-region', reason: 'the edits act everywhere', reasonPhrase: phrase`the edits act everywhere` }],
    edited: [{ seed: 0, folder: '/runs/a' }, { seed: 1, folder: null, fault: 'NaN: 3', faultPhrase: phrase`${phrase`NaN`}: ${3}` }],
    measures: { mse: { ...fakeMeasure(1), definitionPhrase: phrase`${'x'}, inside the region` } }, expectations: [{ ...failed, reasonPhrase: phrase`${0.75} is below ${0.9}` }],
  });
  const told = inLanguage(outcome, (template, ...values) => `<${[template, ...values].join('|')}>`);
  expect(told.without.map(({ reason }) => reason)).toEqual(['old', '<the edits act everywhere>']);
  expect(told.edited).toEqual([{ seed: 0, folder: '/runs/a' }, { seed: 1, folder: null, fault: '<{0}: {1}|<NaN>|3>' }]);
  expect([told.measures.mse.definition, told.expectations[0].reason]).toEqual(['<{0}, inside the region|x>', '<{0} is below {1}|0.75|0.9>']);
  expect(told.seeds).toBe(outcome.seeds);
});
