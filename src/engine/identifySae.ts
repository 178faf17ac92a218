import { openPipelineFolder } from '../diffusion/pipelineFolder.ts';
import type { MachineOptions } from '../onnx/session.ts';
import { guessSidecar } from '../sae/guessSidecar.ts';
import { describeCheckpoint } from '../sae/loadSaes.ts';
import { fvuOf, scoreActivations } from '../sae/scoreActivations.ts';
import { shortTrace } from '../sae/shortTrace.ts';
import { encodeSidecar } from '../sae/sidecar.ts';
import type { IdentifyParams, TrainedOn } from './protocol.ts';

/** Candidates that anybody would choose from. */
const mostCandidates = 5;

/** Somebody waits for it. */
const steps = 5;

/** What an SAE may have been trained on, the likeliest first, by rebuilding the activations of a model with it. @throws InputError, CancelledError */
export async function identifySae({ folder, model: modelFolder }: IdentifyParams, machine: MachineOptions, signal: AbortSignal): Promise<TrainedOn[]> {
  const checkpoint = await describeCheckpoint(folder);
  const model = await openPipelineFolder(modelFolder);
  const [scores] = await scoreActivations([checkpoint], { ...machine, ...shortTrace({ steps }), model, signal, onStep: () => undefined });
  const modelHash = await model.hash();
  return scores.slice(0, mostCandidates).map((score) => {
    const { branch, plausible, sidecar } = guessSidecar(checkpoint, [score], { modelHash });
    return { site: score.site, activation: score.activation, branch, fvu: fvuOf(score), plausible, sidecar: encodeSidecar(sidecar) };
  });
}
