import type { LabelsFile } from '../labels.ts';

/** The text of a file of labels: a line for each part, and one for each concept. */
export function encodeLabels({ concepts, ...rest }: LabelsFile): string {
  const parts = Object.entries(rest).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  const rows = Object.entries(concepts).map(([id, concept]) => `    ${JSON.stringify(id)}: ${JSON.stringify(concept)}`);
  return `{\n${[...parts, `  "concepts": {\n${rows.join(',\n')}\n  }`].join(',\n')}\n}\n`;
}
