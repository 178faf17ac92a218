import { spreadOf } from '../../../src/concepts/summariseConcepts.ts';
import type { MarkSpread } from '../../../src/concepts/summariseConcepts.ts';
import type { SiteTrace } from '../../../src/concepts/siteTrace.ts';
import { settling, unsettled } from './settling.ts';
import type { SiteModel } from '../../trace/siteModel.ts';

/** Where concepts settle, per site and run; worked out once, a little at a time. */
export class Settlements {
  readonly #known = new WeakMap<Float32Array, { readonly columns: number; readonly settled: Int16Array }>();
  readonly #begun = new WeakMap<Float32Array, { readonly columns: number; readonly work: Generator<undefined, Int16Array> }>();

  /** @param columns how many columns of the run have come, from the first @param goOn asked after every column; true works to the end */
  work(trace: SiteTrace, columns: number, goOn: () => boolean): void {
    if (columns === 0 || this.#known.get(trace.values)?.columns === columns) return;
    let begun = this.#begun.get(trace.values);
    if (begun?.columns !== columns) {
      begun = { columns, work: settling(firstColumns(trace, columns)) };
      this.#begun.set(trace.values, begun);
    }
    do {
      const { done, value } = begun.work.next();
      if (done !== true) continue;
      this.#known.set(trace.values, { columns, settled: value });
      this.#begun.delete(trace.values);
      return;
    } while (goOn());
  }

  isKnown(trace: SiteTrace, columns: number): boolean {
    return columns === 0 || this.#known.get(trace.values)?.columns === columns;
  }

  /** Over some runs; undefined while one of them is not known. */
  of(site: SiteModel, runs: readonly number[], columns: (run: number) => number, concept: number): MarkSpread | undefined {
    const marks: (number | null)[] = [];
    for (const run of runs) {
      const trace = site.traces[run];
      const known = this.#known.get(trace.values);
      if (known?.columns !== columns(run)) return undefined;
      const column = known.settled[concept];
      marks.push(column === unsettled ? null : trace.steps[column]);
    }
    return spreadOf(marks);
  }
}

function firstColumns(trace: SiteTrace, columns: number): SiteTrace {
  const end = columns * trace.height * trace.width * trace.k;
  return { ...trace, steps: trace.steps.slice(0, columns), indices: trace.indices.subarray(0, end), values: trace.values.subarray(0, end) };
}
