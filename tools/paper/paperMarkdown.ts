import type { PaperReport, PictureGrid } from './report.ts';
import { cellText } from './table.ts';
import type { Answer } from './verdict.ts';

const answers: Readonly<Record<Answer, string>> = { agrees: 'agrees', disagrees: '**disagrees**', open: 'not decided' };

/** The same report as Markdown. @param pictureOf where the picture of a grid stands, relative to the file; undefined: left out */
export function paperMarkdown({ title, intro, sections, sources }: PaperReport, pictureOf: (grid: PictureGrid) => string | undefined): string {
  const blocks = [
    `# ${title}`, ...intro,
    ...sections.flatMap((section) => [
      `## ${section.title}`, ...section.text,
      ...(section.verdicts.length === 0 ? [] : [rows(['claim', 'paper', 'here', 'Scenes'], section.verdicts.map(({ claim, paper, here, answer }) => [claim, paper, here, answers[answer]]))]),
      ...section.grids.flatMap((grid) => {
        const picture = pictureOf(grid);
        return picture === undefined ? [] : [`### ${grid.title}`, `${grid.caption} Columns: ${grid.columns.join(', ')}. Rows: ${grid.rows.map(({ name }) => name).join(', ')}.`, `![${grid.title}](${picture})`];
      }),
      ...section.tables.flatMap((table) => [`### ${table.title}`, table.caption, rows(table.columns, table.rows.map((row) => row.map(cellText)))]),
    ]),
    '## Where it comes from', rows(['', ''], sources),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function rows(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...body.map(line)].join('\n');
}
