import type { Node } from 'jsonc-parser';
import { closest } from '../base/closest.ts';
import { listed, phrase } from '../base/phrase.ts';
import { findMentions, nounOf, type ConceptMention, type MeasureMention, type SiteMention } from './mentions.ts';
import { entriesOf, itemsOf, textOf, top, valueOf, type Place } from './place.ts';
import { Remarks, type Remark } from './remark.ts';
import type { ConceptDirectory } from './resolveSpec.ts';

/** What is known of a model, its SAEs and its judge when a spec is held against them. */
export interface ModelView extends ConceptDirectory {
  /** What the SAE of a site was trained on. */
  branch(site: string): 'cond' | 'uncond' | 'both';
  /** Nouns that the judge is known to measure; undefined without a judge. */
  readonly nouns: readonly string[] | undefined;
  /** The judge is asked in words: it measures other nouns too. */
  readonly anyNoun?: boolean;
  /** Measures that the judge has no network for. */
  readonly lacking?: readonly ('clip' | 'perceptual')[];
}

/**
 * Everything that a spec names and its model does not have, and what it asks of an SAE that was made for something else.
 * @param root of any document: what is broken elsewhere is passed over
 */
export function checkAgainstModel(root: Node, model: ModelView): Remark[] {
  const remarks = new Remarks(root);
  const mentions = findMentions(root);
  const traced = (mentions.tracedSites ?? model.sites).filter((site) => model.sites.includes(site));

  if (model.sites.length === 0) {
    remarks.add({
      code: 'no-sae', severity: 'warning', path: ['model'], message: phrase`there is no SAE for this model: no concept can be told`,
      remedy: phrase`Name folders of SAEs under "saes", or train some: dmi sae train.`,
    });
  } else {
    for (const mention of mentions.sites) checkSite(mention, model, remarks);
    for (const mention of mentions.concepts) checkConcept(mention, traced, model, remarks);
    checkBranches(root, traced, model, remarks);
  }
  for (const mention of mentions.measures) checkMeasure(mention, model, remarks);
  return remarks.list;
}

function checkSite({ site, path, node }: SiteMention, { sites }: ModelView, remarks: Remarks): void {
  if (sites.includes(site)) return;
  const near = closest(site, sites);
  const by = near ?? (sites.length === 1 ? sites[0] : undefined);
  remarks.add({
    code: 'unknown-site', path, fixes: by === undefined ? [] : [{ kind: 'replace', node, by }],
    message: near === undefined ? phrase`no SAE for the site "${site}"` : phrase`no SAE for the site "${site}"; did you mean "${near}"?`,
    remedy: phrase`Sites with an SAE: ${listed(sites)}.`,
  });
}

function checkConcept({ concept, sites, path, node }: ConceptMention, traced: readonly string[], model: ModelView, remarks: Remarks): void {
  const at = sites === 'traced' ? traced : sites.filter((site) => model.sites.includes(site));
  if (at.length === 0) return; // the site is what is wrong
  if (typeof concept === 'number') {
    const most = Math.max(...at.map((site) => model.size(site)));
    if (concept < most) return;
    remarks.add({
      code: 'unknown-concept', path, fixes: [{ kind: 'replace', node, by: most - 1 }], message: phrase`concept ${concept} does not exist`,
      remedy: at.length === 1 ? phrase`Concept numbers: 0 to ${most - 1} at ${at[0]}.` : phrase`Concept numbers: ${listed(at.map((site) => `0 to ${model.size(site) - 1} at ${site}`))}.`,
    });
    return;
  }
  if (at.some((site) => model.idsOf(site, concept).length > 0)) return;
  const labels = [...new Set(at.flatMap((site) => model.labels(site)))].sort();
  const near = closest(concept, labels);
  const elsewhere = model.sites.filter((site) => model.idsOf(site, concept).length > 0);
  remarks.add({
    code: 'unknown-label', path, fixes: near === undefined ? [] : [{ kind: 'replace', node, by: near }],
    message: near === undefined ? phrase`no concept is labelled "${concept}"` : phrase`no concept is labelled "${concept}"; did you mean "${near}"?`,
    remedy: elsewhere.length > 0 ? phrase`It is a label at ${listed(elsewhere)}.`
      : labels.length > 0 ? phrase`Labels: ${listed(labels)}.`
        : phrase`No concept has a label here: write numbers, or label the SAE: dmi sae label.`,
  });
}

/** An SAE reads a branch that it never saw in training, but nobody has measured how well. */
function checkBranches(root: Node, traced: readonly string[], model: ModelView, remarks: Remarks): void {
  const check = (place: Place | undefined, sites: readonly string[]): void => {
    const branch = textOf(place);
    const strange = sites.filter((site) => model.sites.includes(site) && model.branch(site) !== 'both' && branch !== model.branch(site));
    if (place === undefined || branch === undefined || !['cond', 'uncond', 'both', 'contrast'].includes(branch) || strange.length === 0) return;
    const trained = model.branch(strange[0]);
    remarks.add({
      code: 'untrained-branch', severity: 'warning', path: place.path, fixes: [{ kind: 'replace', node: place.node, by: trained }],
      message: phrase`the SAE of ${listed(strange)} was trained on the ${trained} branch alone`,
      remedy: phrase`Write "${trained}", or read what it says of the other branch with care.`,
    });
  };
  const spec = top(root);
  check(valueOf(valueOf(spec, 'trace'), 'branch'), traced);
  for (const experiment of entriesOf(valueOf(spec, 'experiments'))) {
    for (const edit of itemsOf(valueOf(experiment, 'edits'))) {
      const site = textOf(valueOf(edit, 'site'));
      check(valueOf(edit, 'branch'), site === undefined ? [] : [site]);
    }
  }
}

function checkMeasure({ measure, path, node }: MeasureMention, { nouns, anyNoun = false, lacking = [] }: ModelView, remarks: Remarks): void {
  const noun = nounOf(measure);
  if (nouns === undefined) {
    if (noun === undefined && !/^clip$|perceptual$/.test(measure)) return; // the rest is plain arithmetic
    remarks.add({
      code: 'no-judge', path, message: phrase`nothing can measure "${measure}": the model has no judge`,
      remedy: phrase`Name the folder of a judge under "judge".`,
    });
    return;
  }
  const absent = lacking.find((name) => measure === name || measure.endsWith(`.${name}`));
  if (absent !== undefined) {
    remarks.add({
      code: 'no-judge', path, message: phrase`the judge has no network that measures "${absent}"`,
      remedy: phrase`Name the folder of a judge under "judge".`,
    });
  }
  if (noun === undefined || anyNoun || nouns.includes(noun)) return;
  const near = closest(noun, nouns);
  const by = near === undefined ? undefined : `${measure.slice(0, measure.length - noun.length)}${near}`;
  remarks.add({
    code: 'unknown-noun', path, fixes: by === undefined ? [] : [{ kind: 'replace', node, by }],
    message: near === undefined ? phrase`the judge does not know "${noun}"` : phrase`the judge does not know "${noun}"; did you mean "${near}"?`,
    remedy: phrase`It knows ${listed(nouns)}.`,
  });
}
