import { setTimeout } from 'node:timers/promises';
import { bench as edits } from './edits.ts';
import { bench as editor } from './editor.ts';
import { bench as engine } from './engine.ts';
import { bench as instrument } from './instrument.ts';
import { bench as large } from './large.ts';
import { bench as lenses } from './lenses.ts';
import { bench as panel } from './panel.ts';
import { bench as run } from './run.ts';
import { bench as sae } from './sae.ts';
import { bench as sweep } from './sweep.ts';

/** `npm run bench [-- name ...]`: progress and verdicts on stderr; on stdout one JSON object, a number per key, null where its reference is not installed. */

interface Bound {
  readonly min?: number;
  readonly max?: number;
  readonly meaning: string;
}

const bounds: Readonly<Record<string, Bound>> = {
  run_over_session: { max: 1.05, meaning: 'a whole run / the time inside its sessions' },
  traced_over_untraced: { max: 1.05, meaning: 'a U-Net step with every site traced / one without' },
  edited_over_untouched: { max: 1.06, meaning: 'a traced U-Net step with 8 edits at 3 sites / one without' },
  edited_over_untouched_untraced: { meaning: 'the same where nothing is traced' },
  instrument_seconds: { max: 0.5, meaning: 'to instrument a 1.7 GB model' },
  instrument_private_mb: { max: 100, meaning: 'private memory that takes' },
  sae_step_vs_torch_128: { min: 1, meaning: "torch's time / ours, SAE step (128, 1024, 16)" },
  sae_step_vs_torch_1280: { min: 1.2, meaning: "torch's time / ours, SAE step (1280, 5120, 32)" },
  cached_roundtrip_ms: { max: 150, meaning: 'a spec whose runs are all stored, from the click to the answer' },
  preview_lag_ms: { max: 100, meaning: "from the end of a step's networks to the host's receipt of its preview and codes" },
  activation_ms: { max: 30, meaning: 'VS Code loads and activates the extension' },
  first_lenses_ms: { meaning: 'from the opening of a first spec, which activates the extension, to its lenses' },
  host_block_ms: { max: 20, meaning: "longest stall of the extension host's event loop during a run" },
  lenses_1000_ms: { max: 50, meaning: 'lenses of a spec of 1000 experiments, out of its text' },
  panel_first_paint_ms: { max: 200, meaning: 'the panel with 50 steps x 5 sites x 5120 concepts, from its data to what is seen' },
  panel_frame_ms: { max: 16, meaning: "work in a frame of that panel's slowest interaction, 95th percentile" },
  compare_frame_ms: { max: 16, meaning: 'the same of the compare panel, two such runs side by side' },
  sweep_frame_ms: { max: 16, meaning: 'the same of the sweep panel, 108 variants' },
  sweep_over_naive: { max: 0.65, meaning: 'a sweep of 3 windows x 4 strengths x 4 seeds with controls / a loop over its runs' },
  sweep_vs_torch: { min: 2, meaning: 'that loop in PyTorch and diffusers with hooks / our sweep' },
  large_load_seconds: { max: 2, meaning: 'a pipeline of the size of SD 1.4 with 3 SAEs of 5120: from the spec to the first step' },
  large_private_mb: { max: 1024, meaning: 'its private memory beyond activations, weights mapped, while tracing' },
  large_traced_over_untraced: { max: 1.02, meaning: 'a traced step / an untraced one' },
  large_traced_over_untraced_cpu: { meaning: 'the same in CPU time' },
  large_preview_over_step: { max: 0.01, meaning: 'a preview by the linear map / a step' },
  large_trace_mb: { max: 60, meaning: 'trace of 50 steps at its 3 sites' },
  large_first_hash_seconds: { meaning: 'to hash it and its SAEs, 4.2 GB, once' },
  large_first_step_seconds: { meaning: 'its first step, which reads the weights' },
  large_step_seconds: { meaning: 'a step after that: two rows of 512 x 512' },
  large_peak_mb: { meaning: 'its private memory with activations, at the most' },
  large_preview_fit_seconds: { meaning: 'to fit the map of its previews, once' },
  sae_gemm_share: { meaning: 'matrix products / the whole SAE step' },
};

/** The build before has just ended, and its files are still on their way to the disk: milliseconds would tell of that. */
await setTimeout(5000);

const measured: Record<string, number | null> = {};
const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries({ lenses, editor, panel, run, engine, instrument, edits, sae, sweep, large })) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`${name} ...\n`);
  Object.assign(measured, await bench());
}

for (const [key, { min, max, meaning }] of Object.entries(bounds)) {
  const value = measured[key] ?? null;
  const bound = min !== undefined ? `>= ${min}` : max !== undefined ? `<= ${max}` : '';
  const holds = value === null || ((min ?? -Infinity) <= value && value <= (max ?? Infinity));
  const verdict = value === null ? '-' : bound === '' ? '' : holds ? 'holds' : 'FAILS';
  process.stderr.write(`${key.padEnd(24)} ${(value?.toPrecision(4) ?? 'null').padStart(8)}  ${bound.padEnd(8)} ${verdict.padEnd(6)} ${meaning}\n`);
}
process.stdout.write(`${JSON.stringify(measured)}\n`);
