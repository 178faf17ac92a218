import { basename, dirname, join } from 'node:path';
import type { Node } from 'jsonc-parser';
import { phrase } from '../base/phrase.ts';
import { UnknownTraining } from '../sae/sidecar.ts';
import { checkAgainstModel } from '../spec/checkAgainstModel.ts';
import { checkSchedule } from '../spec/checkSchedule.ts';
import { Remarks, type Remark } from '../spec/remark.ts';
import { modelView, type ModelFacts } from './modelFacts.ts';

/** Everything that keeps a spec and its model from going together, and what is damaged of the model. @param tree of any document */
export function checkAgainstFacts(tree: Node, facts: ModelFacts): Remark[] {
  const damage = new Remarks(tree);
  const path = damage.at(['saes']) === undefined ? ['model'] : ['saes'];
  for (const fault of facts.faults) {
    const { file, place = '', phrases: { message, remedy } } = fault;
    const where = [join(basename(dirname(file)), basename(file)), place].filter((part) => part !== '').join(' ');
    damage.add({ code: fault instanceof UnknownTraining ? 'no-sidecar' : 'unreadable', path, message: phrase`${where}: ${message}`, remedy });
  }
  if (facts.noSites !== undefined) {
    const { message, remedy } = facts.noSites.phrases;
    damage.add({ code: 'no-sites', severity: 'warning', path: ['model'], message: phrase`${'unet/model.onnx'}: ${message}`, remedy });
  }
  return [...damage.list, ...checkAgainstModel(tree, modelView(facts)), ...facts.schedule === undefined ? [] : checkSchedule(tree, facts.schedule)];
}
