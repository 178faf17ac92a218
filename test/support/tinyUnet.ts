import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { elementTypes } from '../../src/onnx/elementType.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';
import { temporaryFolder } from './temporaryFolder.ts';

export const tinySite = 'mid_block.attentions.0';

/**
 * A U-Net of one block, Δ = x + bias (along the width, of as many cells as there are channels), residual −x; so the prediction is the bias wherever Δ is not edited.
 * @param options.dtype in which the block computes @param options.channels default 4 @returns path of the model
 */
export async function writeTinyUnet({ opset, dtype, channels = 4 }: { opset: number; dtype: 'float32' | 'float16'; channels?: number }): Promise<string> {
  const graph = new GraphBuilder({ opset });
  const [block, module] = ['/mid_block/attentions.0', `${tinySite}.proj_out`];
  graph.input('sample', 'float32', ['batch', channels, 'height', channels]);
  graph.input('timestep', 'int64', []);
  graph.input('encoder_hidden_states', 'float32', ['batch', 'tokens', 8]);
  const x = graph.node('Cast', ['sample'], { to: elementTypes[dtype] });
  const bias = graph.constant(dtype === 'float32'
    ? { dtype, shape: [channels], data: Float32Array.from({ length: channels }, (_, at) => [0.5, -1, 2, 0.25][at % 4]) }
    : { dtype, shape: [channels], data: Uint16Array.from({ length: channels }, (_, at) => [0x3800, 0xbc00, 0x4000, 0x3400][at % 4]) }, `${module}.bias`);
  const delta = graph.node('Add', [x, bias], {}, `${block}/proj_out/Conv_output_0`);
  const sum = graph.node('Add', [delta, graph.node('Neg', [x])], {}, `${block}/Add_output_0`);
  graph.node('Cast', [sum], { to: elementTypes.float32 }, 'out_sample');
  graph.output('out_sample', 'float32', ['batch', channels, 'height', channels]);
  const path = join(await temporaryFolder(), 'model.onnx');
  await writeFile(path, graph.build());
  return path;
}
