import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { sizeOf } from '../../src/base/tensor.ts';
import { elementTypes } from '../../src/onnx/elementType.ts';
import { GraphBuilder } from '../../src/onnx/graphBuilder.ts';

/** Channels of the four resolutions; three quarters of Stable Diffusion 1.4's, so that float32 weights weigh what its float16 ones do. */
const widths = [240, 480, 960, 960];
const textWidth = 768;
const opset = 17;

/**
 * Write a U-Net of the build of Stable Diffusion 1.4, with the names of the legacy exporter: more than 400 M zero weights, 1.7 GB,
 * most of it holes in the file. The graph is valid and every weight is used.
 */
export async function writeLargeModel(path: string): Promise<void> {
  const network = new LargeUnet();
  network.build();
  const file = await open(path, 'w');
  try {
    await writeModel(file, network);
  } finally {
    await file.close();
  }
}

class LargeUnet {
  readonly graph = new GraphBuilder({ opset });
  readonly weights: { readonly name: string; readonly shape: readonly number[] }[] = [];
  #values = 0;

  build(): void {
    const { graph } = this;
    graph.input('sample', 'float32', ['batch', 4, 'height', 'width']);
    graph.input('timestep', 'float32', []);
    graph.input('encoder_hidden_states', 'float32', ['batch', 'tokens', textWidth]);
    let x = this.#conv('sample', '/conv_in/Conv_output_0', 'conv_in', widths[0], 4, 3);
    let channels = widths[0];
    const skips: [string, number][] = [[x, channels]];
    for (const [level, width] of widths.entries()) {
      for (let i = 0; i < 2; i++) {
        x = this.#resnet(x, `down_blocks.${level}.resnets.${i}`, channels, width);
        channels = width;
        if (level < 3) x = this.#transformer(x, `down_blocks.${level}`, i, width);
        skips.push([x, width]);
      }
    }
    x = this.#transformer(this.#resnet(x, 'mid_block.resnets.0', channels, channels), 'mid_block', 0, channels);
    x = this.#resnet(x, 'mid_block.resnets.1', channels, channels);
    for (const [level, width] of [...widths].reverse().entries()) {
      for (let i = 0; i < 3; i++) {
        const [skip, skipChannels] = skips.pop() ?? ['', 0];
        if (skip !== '') {
          x = graph.node('Concat', [x, skip], { axis: 1 });
          channels += skipChannels;
        }
        x = this.#resnet(x, `up_blocks.${level}.resnets.${i}`, channels, width);
        channels = width;
        if (level > 0) x = this.#transformer(x, `up_blocks.${level}`, i, width);
      }
    }
    const last = this.#conv(x, 'last', 'conv_out', 4, channels, 3);
    graph.node('Mul', [last, 'timestep'], {}, 'out_sample');
    graph.output('out_sample', 'float32', ['batch', 4, 'height', 'width']);
  }

  #weight(name: string, ...shape: number[]): string {
    this.weights.push({ name, shape });
    return name;
  }

  #conv(x: string, output: string, name: string, to: number, from: number, kernel: number): string {
    const pads = Array.from({ length: 4 }, () => (kernel - 1) / 2);
    return this.graph.node('Conv', [x, this.#weight(`${name}.weight`, to, from, kernel, kernel), this.#weight(`${name}.bias`, to)], { pads }, output);
  }

  /** Stands for a normalisation: something that is no affine map, then its weight and bias. */
  #norm(x: string, name: string, ...shape: number[]): string {
    const normal = this.graph.node('Tanh', [x]);
    return this.graph.node('Add', [this.graph.node('Mul', [normal, this.#weight(`${name}.weight`, ...shape)]), this.#weight(`${name}.bias`, ...shape)]);
  }

  #resnet(x: string, name: string, from: number, to: number): string {
    const { graph } = this;
    const path = `/${name.replace('.resnets', '/resnets')}`;
    const first = this.#conv(this.#norm(x, `${name}.norm1`, from, 1, 1), `${path}/conv1/Conv_output_0`, `${name}.conv1`, to, from, 3);
    const second = this.#conv(this.#norm(first, `${name}.norm2`, to, 1, 1), `${path}/conv2/Conv_output_0`, `${name}.conv2`, to, to, 3);
    const skip = from === to ? x : this.#conv(x, `${path}/conv_shortcut/Conv_output_0`, `${name}.conv_shortcut`, to, from, 1);
    return graph.node('Add', [skip, second], {}, `${path}/Add_1_output_0`);
  }

  #transformer(x: string, parent: string, index: number, d: number): string {
    const { graph } = this;
    const name = `${parent}.attentions.${index}`;
    const path = `/${parent}/attentions.${index}`;
    const linear = (input: string, layer: string, from: number, to: number): string =>
      graph.node('MatMul', [input, this.#weight(`onnx::MatMul_${name}.${layer}`, from, to)]);
    const image = this.#conv(this.#norm(x, `${name}.norm`, d, 1, 1), `${path}/proj_in/Conv_output_0`, `${name}.proj_in`, d, d, 1);
    let tokens = graph.node('Transpose', [image], { perm: [0, 2, 3, 1] });
    for (const [layer, source, width] of [['attn1', tokens, d], ['attn2', '', textWidth]] as const) {
      const text = source === '' ? graph.node('ReduceMean', ['encoder_hidden_states'], { axes: [1], keepdims: 1 }) : source;
      const query = linear(this.#norm(tokens, `${name}.${layer}.norm`, d), `${layer}.to_q`, d, d);
      const [key, value] = ['to_k', 'to_v'].map(part => linear(text, `${layer}.${part}`, width, d));
      const mixed = source === '' ? [key, value].map(part => this.#expand(part, d)) : [key, value];
      tokens = graph.node('Add', [tokens, linear(graph.node('Mul', [graph.node('Mul', [query, mixed[0]]), mixed[1]]), `${layer}.to_out`, d, d)]);
    }
    const gated = graph.node('Mul', ['up', 'gate'].map(part => linear(this.#norm(tokens, `${name}.${part}.norm`, d), `ff.${part}`, d, 4 * d)));
    const out = graph.node('Transpose', [linear(gated, 'ff.down', 4 * d, d)], { perm: [0, 3, 1, 2] });
    return graph.node('Add', [this.#conv(out, `${path}/proj_out/Conv_output_0`, `${name}.proj_out`, d, d, 1), x], {}, `${path}/Add_output_0`);
  }

  /** [batch, 1, d] -> [batch, 1, 1, d] */
  #expand(value: string, d: number): string {
    const shape = this.graph.constant({ dtype: 'int64', shape: [4], data: BigInt64Array.of(0n, 1n, 1n, BigInt(d)) }, `shape_${this.#values++}`);
    return this.graph.node('Reshape', [value, shape]);
  }
}

/** The model's message, its weights as holes. */
async function writeModel(file: FileHandle, { graph, weights }: LargeUnet): Promise<void> {
  const fields = graph.takeFields();
  const heads = weights.map(({ name, shape }) => {
    const bytes = sizeOf(shape) * 4;
    const tensor = new BinaryWriter();
    for (const length of shape) tensor.tag(1, WireType.Varint).int64(length);
    const head = tensor.tag(2, WireType.Varint).int32(elementTypes.float32).tag(8, WireType.LengthDelimited).string(name)
      .tag(9, WireType.LengthDelimited).uint32(bytes).finish();
    return { bytes, head: new BinaryWriter().tag(5, WireType.LengthDelimited).uint32(head.length + bytes).raw(head).finish() };
  });
  const graphLength = heads.reduce((sum, { bytes, head }) => sum + head.length + bytes, fields.length);
  const start = new BinaryWriter().tag(1, WireType.Varint).int64(8)
    .tag(8, WireType.LengthDelimited).fork().tag(2, WireType.Varint).int64(opset).join()
    .tag(7, WireType.LengthDelimited).uint32(graphLength).raw(fields).finish();
  let position = 0;
  await file.write(start, 0, start.length, position);
  position += start.length;
  for (const { bytes, head } of heads) {
    await file.write(head, 0, head.length, position);
    position += head.length + bytes;
  }
  await file.truncate(position);
}
