import { float32 } from '../../src/base/tensor.ts';
import { loadPipeline } from '../../src/diffusion/loadPipeline.ts';
import { openPipelineFolder } from '../../src/diffusion/pipelineFolder.ts';
import { encodePng } from '../../src/diffusion/png.ts';
import { sample } from '../../src/diffusion/sample.ts';
import { scenesFolder } from '../support/scenes.ts';

const steps = 30;
const runs = 5;

/** A whole guided generation, prompt to PNG, on a warm pipeline, over the time its sessions spend inside ONNX Runtime: the median of a few. */
export async function bench(): Promise<Record<string, number | null>> {
  const pipeline = await loadPipeline(await openPipelineFolder(scenesFolder));
  const denoiser = await pipeline.denoiser();
  const ratios: number[] = [];
  for (let seed = -1; seed < runs; seed++) {
    const [start, spent] = [performance.now(), pipeline.runMs];
    const request = { prompt: 'a red house left and a blue tree right, meadow', negativePrompt: '', seed, steps, guidanceScale: 5, scheduler: 'ddim' as const };
    for await (const { step, latents } of sample(pipeline, denoiser, request)) {
      if (step < steps - 1) continue;
      const [image] = await pipeline.vaeDecoder.decode(float32(latents, pipeline.latentShape));
      encodePng(image);
    }
    const ratio = (performance.now() - start) / (pipeline.runMs - spent);
    if (seed >= 0) ratios.push(ratio); // the first run warms up
  }
  await pipeline.close();
  return { run_over_session: ratios.sort((a, b) => a - b)[Math.floor(runs / 2)] };
}
