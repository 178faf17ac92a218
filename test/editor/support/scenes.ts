import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

/** A site's SAE as the files of the built-in model say it, read without the extension. */
export interface SceneSite {
  readonly site: string;
  /** Concepts. */
  readonly n: number;
  /** A label, and the concepts that bear it; it is what the first of them is called, in plain words. */
  readonly label: string;
  readonly ids: readonly number[];
  /** The concept that acts most often in training: no picture is without it. */
  readonly busiest: number;
}

/** The sites of the built-in model that have an SAE, each with its rarest label: new SAEs may name everything anew. */
export function sceneSites(): SceneSite[] {
  const saes = join(vscode.extensions.getExtension('dmi-lens.dmi-lens')?.extensionPath ?? '', 'models', 'scenes', 'saes');
  return readdirSync(saes, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => {
    const { site, statistics } = json(join(saes, name, 'dmi-sae.json')) as { site: string; statistics: { mean: number[]; density: number[] } };
    const { concepts } = json(join(saes, name, 'dmi-labels.json')) as { concepts: Record<string, { label: string; labels: { label: string }[] }> };
    const ids = new Map<string, Set<number>>();
    for (const [id, { labels }] of Object.entries(concepts)) {
      for (const { label } of labels) ids.set(label, (ids.get(label) ?? new Set()).add(Number(id)));
    }
    const [[label, bearers]] = [...ids].filter(([name, [first]]) => concepts[first].label === name && /^[a-z ]+$/.test(name)).sort(([, a], [, b]) => a.size - b.size);
    return { site, n: statistics.mean.length, label, ids: [...bearers], busiest: statistics.density.indexOf(Math.max(...statistics.density)) };
  });
}

function json(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
