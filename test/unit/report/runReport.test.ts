import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { chooseConcepts } from '../../../src/report/chooseConcepts.ts';
import { html } from '../../../src/report/html.ts';
import { runReport } from '../../../src/report/runReport.ts';
import { sparkline } from '../../../src/report/sparkline.ts';
import { layOutAxis } from '../../../src/report/timeAxis.ts';
import { timelineTable } from '../../../src/report/timelineTable.ts';
import { fakeResult } from './fakeResult.ts';

function report(options: Parameters<typeof fakeResult>[0] = {}): string {
  const { result, pictures } = fakeResult(options);
  return runReport(result, pictures, { language: 'en', key: 'k' });
}

describe('the report', () => {
  it('loads nothing and admits only its own style and script', () => {
    const text = report();
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(text) ?? [];
    const hash = (tag: string): string => createHash('sha256').update(new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(text)?.[1] ?? '').digest('base64');
    expect(policy).toBe(`default-src 'none'; img-src data:; style-src 'sha256-${hash('style')}'; script-src 'sha256-${hash('script')}'`);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toMatch(/\s(style|on\w+)=/); // the policy would drop them
    expect([...text.matchAll(/(?:src|href)="([^"]*)"/g)].filter(([, target]) => !/^(data:image\/png;base64,|#)/.test(target))).toEqual([]);
    expect(text).not.toMatch(/https?:|url\(/);
  });

  it('shows hostile prompts and labels as text', () => {
    const hostile = '</title></style><script>alert(1)</script><img src=x onerror="alert(1)">\'"&';
    const text = report({ prompt: hostile, labels: () => hostile });
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(text).not.toContain('<img src=x');
    expect(text).not.toContain('onerror="');
    expect(text).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;&#39;&#34;&#38;');
  });

  it('tells the course of each concept in words and numbers', () => {
    const text = report();
    expect(text).toMatch(/By step \d+ of 30 \(t 0\.\d\d\), half of the \d+ concepts/);
    expect(text).toMatch(/30 ステップ中 \d+\(t 0\.\d\d\)/);
    for (const label of ['house', 'tree', 'meadow', 'striped', 'red', 'blue', 'horizon']) expect(text).toContain(`<b title="${label}">${label}</b>`);
    expect(text.match(/class="strip"/g)).toHaveLength(6 + 20); // chosen ones, then all
  });

  it('draws every strip on the same columns', () => {
    const text = report({ steps: 7 });
    const widths = [...text.matchAll(/class="(?:curve|heat)" viewBox="0 0 (\d+) /g)].map(([, width]) => width);
    expect(new Set(widths)).toEqual(new Set(['7']));
    expect(text.match(/grid-template-columns:repeat\(7,/g)).toHaveLength(1);
  });

  it('stands with one step, one seed and no names', () => {
    const text = report({ steps: 1, seeds: 1, labels: () => undefined });
    expect(text).not.toContain('Other seeds');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('stands with no site at all: pictures only', () => {
    const { result, pictures } = fakeResult();
    const text = runReport({ ...result, sites: [] }, pictures, { language: 'en', key: 'k' });
    expect(text).not.toContain('class="strip"');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('chooses what was asked for first, then concepts with a name, one per label, and none that is the same in every picture', () => {
    const { result } = fakeResult();
    const [first] = result.sites;
    const asked = { ...result, sites: [{ ...first, concepts: first.concepts.map((concept) => ({ ...concept, asked: concept.id === 7 })) }, ...result.sites.slice(1)] };
    const chosen = chooseConcepts(asked, 6).map(({ concept }) => concept);
    expect(chosen[0].id).toBe(7);
    const labels = chosen.slice(1).map(({ label }) => label);
    expect(labels).not.toContain(undefined);
    expect(new Set(labels).size).toBe(labels.length);
    expect(chooseConcepts(asked, 100).map(({ concept }) => concept.id)).not.toContain(4);
  });
});

describe('markup', () => {
  it('escapes everything that is not markup', () => {
    expect(html`<p title="${'"'}">${'<'}${html`<b>${'&'}</b>`}${[1, 'x']}${false}${undefined}</p>`.markup).toBe('<p title="&#34;">&#60;<b>&#38;</b>1x</p>');
  });
});

describe('the axis', () => {
  it('has windows by t, and frames from the first step to the last', () => {
    const steps = [...Array(30).keys()];
    const axis = layOutAxis(steps, steps.map((step) => (958 - 33 * step) / 1000), 30);
    expect(axis.windows).toEqual([{ name: 'early', from: 0, to: 11 }, { name: 'middle', from: 11, to: 23 }, { name: 'late', from: 23, to: 30 }]);
    expect(axis.frames).toHaveLength(10);
    expect(axis.frames.map(({ column }) => column)).toEqual([0, 3, 6, 10, 13, 16, 19, 23, 26, 29]);
    for (const { from, to, column } of axis.frames) expect(column >= from && column < to).toBe(true);
  });

  it('puts every frame over its own columns for any number of steps', () => {
    for (let count = 1; count <= 100; count++) {
      const steps = [...Array(count).keys()];
      const { frames } = layOutAxis(steps, steps.map(() => 0.5), count);
      expect(frames[0].from).toBe(0);
      expect(frames.at(-1)).toMatchObject({ to: count, column: count - 1 });
      for (const { from, to, column } of frames) expect(column >= from && column < to).toBe(true);
    }
  });
});

describe('the table', () => {
  it('fits the terminal and keeps control characters out of it', () => {
    const { result } = fakeResult({ labels: (label) => label && `${label}\u001b[31m` });
    const lines = timelineTable(result, 80).split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(lines.join('')).not.toContain('\u001b');
    expect(lines.find((line) => line.includes('tree'))).toMatch(/^ {5}1 tree\ufffd\[31m .*█.* \d+±? +\d+±? +\d+±? +\d+ %$/u);
  });

  it('draws curves as blocks and never a presence as nothing', () => {
    expect(sparkline([0, 1, 4, 8], 10)).toBe(' ▁▄█');
    expect(sparkline([0, 0.001, 8], 10)).toBe(' ▁█');
    expect(sparkline([0, 0], 10)).toBe('  ');
    expect(sparkline([2, 2, 8, 8], 2)).toBe('▂█');
  });
});
