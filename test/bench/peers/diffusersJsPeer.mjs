// A guided generation by diffusers.js, nothing traced: diffusersJsPeer.mjs FOLDER MODEL STEPS SIDE PROMPT, where FOLDER holds node_modules/@aislamov/diffusers.js.
// It makes one for every line of its input, and answers with {"stepMs": [...], "latents": []}; its noise is of its own kind, so its pictures are others.
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, basename, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder, model, steps, side, prompt] = process.argv.slice(2);
const entry = createRequire(join(folder, 'index.js')).resolve('@aislamov/diffusers.js');
const { DiffusionPipeline, setModelCacheDir } = await import(pathToFileURL(entry).href);
setModelCacheDir(dirname(model)); // what lies in its cache is not fetched
const pipeline = await DiffusionPipeline.fromPretrained(basename(model));
const seeds = createInterface(process.stdin);
seeds.on('line', async () => {
  const ends = [];
  await pipeline.run({
    prompt, negativePrompt: '', guidanceScale: 5, numInferenceSteps: Number(steps), width: Number(side), height: Number(side),
    progressCallback: ({ unetTimestep }) => { if (unetTimestep !== undefined) ends.push(performance.now()); },
  });
  process.stdout.write(`${JSON.stringify({ stepMs: ends.slice(1).map((end, at) => end - ends[at]), latents: [] })}\n`);
});
await once(seeds, 'close');
