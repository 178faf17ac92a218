import type { MarkSpread } from '../../../src/concepts/summariseConcepts.ts';
import type { SiteSummary } from '../../trace/siteSummary.ts';

export const sortings = ['strength', 'onset', 'peak', 'settle', 'id', 'label'] as const;
export type Sorting = (typeof sortings)[number];

/** The rows of a site, in order. */
export interface RowOrder {
  /** Concepts shown. */
  readonly ids: readonly number[];
  /** Concepts without activity that are folded away. */
  readonly folded: number;
}

interface RowRequest {
  readonly sorting: Sorting;
  /** A part of a label, or the start of a number; empty for all. */
  readonly search: string;
  /** Also those without activity; a search always finds them. */
  readonly idle: boolean;
  /** Where each concept settles. */
  readonly settle: (id: number) => MarkSpread | undefined;
}

/** Order and filter all concepts of the SAE. Those without activity come last, those without the mark or label after those with it; ties by strength. */
export function orderRows(summary: SiteSummary, { sorting, search, idle, settle }: RowRequest): RowOrder {
  const { labels, n } = summary.site.site;
  const wanted = matcher(search, labels);
  const active = summary.active.filter(wanted);
  const silent = Array.from({ length: n }, (_, id) => id).filter((id) => !(summary.strength[id] > 0) && wanted(id));
  const shown = [...sorted(active), ...(idle || search !== '' ? silent : [])];
  return { ids: shown, folded: active.length + silent.length - shown.length };

  function sorted(ids: readonly number[]): readonly number[] {
    switch (sorting) {
      case 'strength': return ids;
      case 'id': return [...ids].sort((a, b) => a - b);
      case 'label': return [...ids].sort((a, b) => byLabel(labels[a], labels[b]));
      default: {
        const mark = sorting === 'settle' ? settle : (id: number) => summary.facts(id)[sorting];
        const keys = new Map(ids.map((id) => [id, mark(id)?.median ?? Infinity]));
        const key = (id: number): number => keys.get(id) ?? Infinity;
        return [...ids].sort((a, b) => (key(a) === key(b) ? 0 : key(a) - key(b)));
      }
    }
  }
}

/** What a search finds: words in the label, all of them, or the start of the number. */
function matcher(search: string, labels: Readonly<Record<number, string>>): (id: number) => boolean {
  const words = search.toLocaleLowerCase().split(/\s+/).filter((word) => word !== '');
  const nameOf = (id: number): string => (id in labels ? labels[id].toLocaleLowerCase() : '');
  return (id) => words.every((word) => String(id).startsWith(word) || nameOf(id).includes(word));
}

const collator = new Intl.Collator(undefined, { numeric: true });

function byLabel(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  return collator.compare(a, b);
}
