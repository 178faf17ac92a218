import { describe, expect, it } from 'vitest';
import { pageHtml } from '../../../../src/editor/panels/pageHtml.ts';

const parts = { script: 'vscode-resource:/main.js', style: 'vscode-resource:/main.css', cspSource: 'https://*.cdn.example', nonce: 'n0nce', language: 'en', title: 'T', source: 'file:///a' };

describe('the page of a panel', () => {
  it('lets in one script and one style sheet, and nothing inline', () => {
    const html = pageHtml(parts);
    expect(/content="(default-src[^"]*)"/.exec(html)?.[1].replaceAll('&#39;', "'")).toBe("default-src 'none'; script-src 'nonce-n0nce'; style-src https://*.cdn.example; img-src blob: data:;");
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).toContain('<script nonce="n0nce" src="vscode-resource:/main.js"></script>');
    expect(html).not.toMatch(/<style|style=|unsafe-/);
  });

  it('cannot be broken out of by a name', () => {
    const evil = `"><script>alert(1)</script>'<img src=x>&`;
    const html = pageHtml({ ...parts, title: evil, source: evil, language: evil });
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<img');
    expect(html).toContain('data-source="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&lt;img src=x&gt;&amp;"');
  });
});
