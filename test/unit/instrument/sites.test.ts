import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/base/errors.ts';
import { findSites } from '../../../src/instrument/sites.ts';
import type { GraphNode } from '../../../src/onnx/messages.ts';
import type { ModelIndex } from '../../../src/onnx/modelIndex.ts';

function node(opType: string, inputs: string[], output: string, scopes?: string[]): GraphNode {
  const list = scopes?.map(scope => `'${scope}'`).join(', ');
  return {
    name: output, opType, domain: '', inputs, outputs: [output], message: new Uint8Array(),
    metadata: new Map(list === undefined ? [] : [['pkg.torch.onnx.name_scopes', `[${list}]`]]),
  };
}

function index(nodes: GraphNode[], weights: Record<string, number[]>, elementType = 1): ModelIndex {
  return {
    path: 'unet.onnx', nodes, inputs: [], outputs: [], values: new Map(), opsets: new Map([['', 17]]), graphFields: [],
    modelMessage: new Uint8Array(),
    weights: new Map(Object.entries(weights).map(([name, dims]) => [name, { elementType, dims, data: new Uint8Array() }])),
  };
}

describe('sites', () => {
  it('are found by name and by weight where the projection is a convolution', () => {
    const site = '/down_blocks.2/attentions.1';
    const found = findSites(index([
      node('Add', ['a', 'b'], `${site}/transformer_blocks.0/Add_output_0`), // a decoy
      node('Conv', ['h', 'w', 'down_blocks.2.attentions.1.proj_out.bias'], `${site}/proj_out/Conv_output_0`),
      node('Add', [`${site}/proj_out/Conv_output_0`, '/down_blocks.2/resnets.1/Div_output_0'], `${site}/Add_output_0`),
    ], { 'down_blocks.2.attentions.1.proj_out.bias': [1280], w: [1280, 1280, 1, 1] }));
    expect(found).toEqual([{
      name: 'down_blocks.2.attentions.1', delta: `${site}/proj_out/Conv_output_0`, output: `${site}/Add_output_0`,
      residual: '/down_blocks.2/resnets.1/Div_output_0', dtype: 'float32', channels: 1280, how: ['name', 'weight'],
    }]);
  });

  it('are found where the projection is linear, in half precision, below a wrapper', () => {
    const site = '/unet/mid_block/attentions.0';
    const [found] = findSites(index([
      node('MatMul', ['h', 'onnx::MatMul_7'], `${site}/proj_out/MatMul_output_0`),
      node('Add', ['unet.mid_block.attentions.0.proj_out.bias', `${site}/proj_out/MatMul_output_0`], `${site}/proj_out/Add_output_0`),
      node('Reshape', [`${site}/proj_out/Add_output_0`, 'shape'], `${site}/Reshape_1_output_0`),
      node('Transpose', [`${site}/Reshape_1_output_0`], `${site}/Transpose_1_output_0`),
      node('Add', [`${site}/Transpose_1_output_0`, '/unet/mid_block/resnets.0/Div_output_0'], `${site}/Add_output_0`),
    ], { 'unet.mid_block.attentions.0.proj_out.bias': [640], 'onnx::MatMul_7': [640, 640] }, 10));
    expect(found).toMatchObject({ name: 'mid_block.attentions.0', delta: `${site}/Transpose_1_output_0`, dtype: 'float16', channels: 640, how: ['name', 'weight'] });
  });

  it('are found by the metadata of the dynamo exporter, whatever the values are called', () => {
    const scopes = ['', 'up_blocks.1', 'up_blocks.1.attentions.0'];
    const [found] = findSites(index([
      node('Conv', ['h', 'w', 'bias'], 'conv_9', [...scopes, 'up_blocks.1.attentions.0.proj_out', 'conv2d_9']),
      node('Div', ['r', 's'], 'div_3', ['', 'up_blocks.1', 'up_blocks.1.resnets.0', 'div_3']),
      node('Add', ['div_3', 'conv_9'], 'add_35', [...scopes, 'add_35']),
    ], { w: [320, 320, 1, 1], bias: [320] }));
    expect(found).toMatchObject({ name: 'up_blocks.1.attentions.0', delta: 'conv_9', output: 'add_35', residual: 'div_3', channels: 320, how: ['metadata'] });
  });

  it('are refused where two rules disagree', () => {
    const site = '/mid_block/attentions.0';
    expect(() => findSites(index([
      node('Conv', ['h', 'w', 'mid_block.attentions.0.proj_out.bias'], 'elsewhere'),
      node('Add', ['elsewhere', 'r'], 'sum'),
      node('Conv', ['sum', 'w', 'b'], `${site}/proj_out/Conv_output_0`),
      node('Add', [`${site}/proj_out/Conv_output_0`, 'r'], `${site}/Add_output_0`),
    ], { 'mid_block.attentions.0.proj_out.bias': [8], b: [8], w: [8, 8, 1, 1] }))).toThrow(InputError);
  });

  it('are what was chosen where two rules disagree, and may not be chosen against rules that agree', () => {
    const site = '/mid_block/attentions.0';
    const nodes = [
      node('Conv', ['h', 'w', 'mid_block.attentions.0.proj_out.bias'], 'elsewhere'),
      node('Add', ['elsewhere', 'r'], 'sum'),
      node('Conv', ['sum', 'w', 'b'], `${site}/proj_out/Conv_output_0`),
      node('Add', [`${site}/proj_out/Conv_output_0`, 'r'], `${site}/Add_output_0`),
    ];
    const weights = { 'mid_block.attentions.0.proj_out.bias': [8], b: [8], w: [8, 8, 1, 1] };
    const chosen = { 'mid_block.attentions.0': { sum: 'sum', update: 'elsewhere' } };
    expect(findSites(index(nodes, weights), chosen)).toMatchObject([{ delta: 'elsewhere', how: ['choice'] }]);
    expect(() => findSites(index(nodes.slice(2), weights), { 'mid_block.attentions.0': { sum: `${site}/Add_output_0`, update: 'r' } })).toThrow(InputError);
  });

  it('do not hang on a graph with a circle', () => {
    expect(findSites(index([
      node('Reshape', ['mid_block.attentions.0.proj_out.bias'], 'a'), node('Reshape', ['b'], 'a'), node('Reshape', ['a'], 'b'),
    ], { 'mid_block.attentions.0.proj_out.bias': [8] }))).toEqual([]);
  });
});
