import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { elementTypes } from '../../src/onnx/elementType.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { temporaryFolder } from './temporaryFolder.ts';

export const tinySite = 'mid_block.attentions.0';

/**
 * A U-Net of one block, Δ = x + bias (along the width, of 4 cells as there are 4 channels), residual −x; so the prediction is the bias wherever Δ is not edited.
 * @param options.dtype in which the block computes @returns path of the model
 */
export async function writeTinyUnet({ opset, dtype }: { opset: number; dtype: 'float32' | 'float16' }): Promise<string> {
  const graph = new GraphBuilder({ opset });
  const [block, module] = ['/mid_block/attentions.0', `${tinySite}.proj_out`];
  graph.input('sample', 'float32', ['batch', 4, 'height', 4]);
  graph.input('timestep', 'int64', []);
  graph.input('encoder_hidden_states', 'float32', ['batch', 'tokens', 8]);
  const x = graph.node('Cast', ['sample'], { to: elementTypes[dtype] });
  const bias = graph.constant(dtype === 'float32'
    ? { dtype, shape: [4], data: Float32Array.of(0.5, -1, 2, 0.25) }
    : { dtype, shape: [4], data: Uint16Array.of(0x3800, 0xbc00, 0x4000, 0x3400) }, `${module}.bias`);
  const delta = graph.node('Add', [x, bias], {}, `${block}/proj_out/Conv_output_0`);
  const sum = graph.node('Add', [delta, graph.node('Neg', [x])], {}, `${block}/Add_output_0`);
  graph.node('Cast', [sum], { to: elementTypes.float32 }, 'out_sample');
  graph.output('out_sample', 'float32', ['batch', 4, 'height', 4]);
  const path = join(await temporaryFolder(), 'model.onnx');
  await writeFile(path, graph.build());
  return path;
}
