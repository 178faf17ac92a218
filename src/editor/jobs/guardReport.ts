import { createHash } from 'node:crypto';
import { scrubScript } from '../../report/scrubScript.ts';

/**
 * A report as a page of ours. Anyone can put a `report.html` beside a spec, so before all that it says stands a policy that lets in our script, its one
 * style sheet and pictures within the page, and nothing else; where a page brings a policy too, both hold.
 */
export function guardReport(report: string): string {
  const style = /<style>(?<text>[\s\S]*?)<\/style>/.exec(report)?.groups?.text ?? '';
  const policy = `default-src 'none'; img-src data:; style-src '${hash(style)}'; script-src '${hash(scrubScript)}'`;
  return `<!doctype html>\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n${report}`;
}

function hash(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
