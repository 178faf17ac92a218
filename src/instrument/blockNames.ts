import type { PipelineFolder } from '../diffusion/pipelineFolder.ts';

/** The transformer blocks that a U-Net of diffusers has by its configuration, in order of execution; none where the configuration does not tell. */
export function blockNames({ down_block_types: down, up_block_types: up, mid_block_type: mid, layers_per_block: layers }: PipelineFolder['components']['unet']['config']): string[] {
  if (down === undefined || up === undefined || layers === undefined) return [];
  const attends = (type: string): boolean => type.includes('CrossAttn');
  const blocks = (name: string, types: readonly string[], layersOf: (index: number) => number): string[] =>
    types.flatMap((type, index) => (attends(type) ? Array.from({ length: layersOf(index) }, (_, at) => `${name}.${index}.attentions.${at}`) : []));
  const ofDown = (index: number): number => typeof layers === 'number' ? layers : layers[index] ?? 1;
  return [
    ...blocks('down_blocks', down, ofDown),
    ...(mid === null || (mid !== undefined && !attends(mid)) ? [] : ['mid_block.attentions.0']),
    ...blocks('up_blocks', up, (index) => ofDown(up.length - 1 - index) + 1), // one for each skip connection, which has the input's as well
  ];
}
