import type { Tensor } from '../../base/tensor.ts';
import type { SiteEdits } from '../../instrument/siteEdits.ts';
import type { Sae } from '../../sae/sae.ts';
import type { EditDefinition } from '../editDefinition.ts';
import { EditInputs } from '../editInputs.ts';

/** Concepts of a site that take part. */
const concepts = 4;

/**
 * Edits for the steps of a trial, at each site: between them they go through every branch of the graph that edits, with all operations, units and kinds of regions.
 * @param taps of an unedited step with its updates, which tell the grids
 * @returns those of each step, by name
 */
export function editsOnTrial(saes: readonly Sae[], taps: Readonly<Record<string, Tensor>>, guided: boolean): Readonly<Record<string, readonly SiteEdits[]>> {
  const order = Object.keys(taps);
  const sites = saes.map(({ site, sidecar }) => {
    const [, , height, width] = taps[`edited/${site}`].shape;
    return { site, grid: [height, width] as const, means: sidecar.statistics.mean };
  }).sort((a, b) => order.indexOf(`edited/${a.site}`) - order.indexOf(`edited/${b.site}`));
  const inputs = new EditInputs({ sites, masks: new Map(), guided });
  return Object.fromEntries([0, 1].map((step) => [step === 0 ? 'few edits' : 'many edits', inputs.at([saes.flatMap(editsOf)], step)]));
}

/** In step 0 on the one row that a trace has codes of, in step 1 on all. */
function editsOf({ site, sidecar: { statistics: { density } } }: Sae): EditDefinition[] {
  // The same on every provider, so by what the files say, not by what a step shows; those most often active, so that there is something to edit.
  const most = density.map((share, concept) => ({ share, concept })).sort((a, b) => b.share - a.share).slice(0, concepts).map(({ concept }) => concept);
  const [first, second = first, third = second, fourth = third] = most;
  const shared: Omit<EditDefinition, 'concepts' | 'operation' | 'amount'> = { site, elsewhere: 'keep', where: 'everywhere', branch: 'both', unit: 'raw', steps: [1] };
  return [
    { ...shared, concepts: [first], operation: 'add', amount: 2, unit: 'mean', where: 'left', branch: 'cond', steps: [0, 1] },
    { ...shared, concepts: [second], operation: 'add', amount: 0.2, unit: 'norm', branch: 'cond', steps: [0] },
    { ...shared, concepts: [second], operation: 'scale', amount: 3 },
    { ...shared, concepts: [third], operation: 'set', amount: 1, where: 'right', writes: [first], branch: 'contrast' },
    { ...shared, concepts: [fourth], operation: 'add', amount: 0.2, unit: 'norm', where: { concepts: [...most].sort((a, b) => a - b), above: 0.3 }, elsewhere: 'ablate', branch: 'cond' },
    { ...shared, concepts: [first], operation: 'add', amount: 0.5, unit: 'share', branch: 'uncond' },
  ];
}
