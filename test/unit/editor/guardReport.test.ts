import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { guardReport } from '../../../src/editor/jobs/guardReport.ts';
import { runReport } from '../../../src/report/runReport.ts';
import { fakeResult } from '../report/fakeResult.ts';

function policies(page: string): string[] {
  return [...page.matchAll(/<meta http-equiv="Content-Security-Policy" content="([^"]*)">/g)].map(([, policy]) => policy);
}

describe('guardReport', () => {
  it('asks of our own reports what they ask of themselves', () => {
    const { result, pictures } = fakeResult();
    const [ours, own, ...others] = policies(guardReport(runReport(result, pictures, { language: 'en', key: 'k' })));
    expect(ours).toBe(own);
    expect(others).toEqual([]);
  });

  it('lets no script of a page that others have written run, wherever it stands', () => {
    const script = 'fetch("https://example.org")';
    const page = guardReport(`<!doctype html>\n<html><script>${script}</script><head><meta http-equiv="Content-Security-Policy" content="script-src 'unsafe-inline'"><style>a{}</style>`);
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<script>'));
    expect(policies(page)[0]).toMatch(/^default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'$/);
    expect(policies(page)[0]).not.toContain(createHash('sha256').update(script).digest('base64'));
  });
});
