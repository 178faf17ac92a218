import { join } from 'node:path';
import { meanWhenActive, rankConcepts } from '../concepts/rankConcepts.ts';
import type { SiteTrace } from '../concepts/siteTrace.ts';
import { summariseConcepts } from '../concepts/summariseConcepts.ts';
import type { ExperimentResult, FinishedRun, SiteResult } from './experimentResult.ts';
import type { LabelledSae } from './labelledSaes.ts';
import type { SpecPlan } from './planSpec.ts';
import { timeOf } from './runManifest.ts';
import { readTrace } from './traceFile.ts';

/**
 * Read the traces of runs that differ only in their seed and measure the concepts to show: at each site and branch the `top` most prominent
 * (greatest mean γ over any step, in units of the concept's usual activation), and those asked for.
 * @param runs all of the plan
 */
export async function summariseRuns(runs: readonly FinishedRun[], { parsed, pipeline, saes, resolved }: SpecPlan): Promise<ExperimentResult> {
  const { top, always } = resolved.trace;
  const traces = await Promise.all(runs.map(({ folder }) => readTrace(join(folder, 'trace.safetensors'))));
  const [{ steps, timesteps, sites }] = traces;
  return {
    specFile: parsed.file, modelName: pipeline.name, runs, steps,
    t: timeOf(runs[0].manifest, timesteps),
    sites: sites.map(({ site }, index) => summariseSite(traces.map((trace) => trace.sites[index]), saes.get(site), top, always[site])),
  };
}

function summariseSite(traces: readonly SiteTrace[], labelled: LabelledSae | undefined, top: number, asked: readonly number[]): SiteResult {
  const [{ site, branch }] = traces;
  const observed = meanWhenActive(traces);
  // A concept that was silent in training has no usual activation yet: take it from these runs.
  const trained = labelled?.sae.sidecar.statistics.mean ?? [];
  const typical = observed.map((mean, id) => (trained[id] > 0 ? trained[id] : mean));
  const ranked = rankConcepts(traces, typical);
  const strengths = new Map(ranked.map(({ id, strength }) => [id, strength]));
  const ids = [...new Set([...ranked.slice(0, top).map(({ id }) => id), ...asked])];
  const concepts = summariseConcepts(traces, ids).map((summary) => ({
    ...summary,
    label: labelled?.labels?.best(summary.id),
    typical: typical[summary.id],
    strength: strengths.get(summary.id) ?? 0,
    asked: asked.includes(summary.id),
    contextFree: labelled?.labels?.contextFree(summary.id) ?? false,
  }));
  return { site, branch, traces, active: ranked.length, concepts: concepts.sort((a, b) => b.strength - a.strength) };
}
