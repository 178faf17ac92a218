import { getLocation, type Node } from 'jsonc-parser';
import { specTemplates } from '../jobs/specTemplates.ts';
import { entriesOf, top, valueOf } from '../../spec/place.ts';
import type { ModelFacts } from '../services.ts';
import type { Translate } from '../translate.ts';
import { valueSlot, type Slot } from './valueSlot.ts';

/** A common question as a part to write at the cursor. */
export interface PartSnippet {
  readonly label: string;
  readonly detail: string;
  readonly filterText: string;
  /** In VS Code's snippet syntax, indented by tabs. */
  readonly snippet: string;
}

export interface PartSnippets {
  readonly slot: Slot;
  readonly items: readonly PartSnippet[];
}

/** What stands in a snippet until somebody writes something else. */
interface Examples {
  readonly site: string;
  readonly label: string;
  readonly noun: string;
  readonly experiment: string;
}

/**
 * Snippets for the part of a spec that the cursor stands in: whole specs where the text is empty, else members of `trace`, `experiments`, `sweeps`, `searches`
 * and `studies`, and items of `edits`.
 * @param tree of the text, as far as it can be read. @returns undefined elsewhere
 */
export function partSnippets(text: string, offset: number, tree: Node | undefined, facts: ModelFacts | undefined, t: Translate): PartSnippets | undefined {
  const slot = valueSlot(text, offset);
  if (text.slice(0, slot.offset).trim() === '' && text.slice(slot.offset + slot.length).trim() === '') {
    return { slot, items: specTemplates(t).map(({ id, question, detail, text: whole }) => item(id, question, detail, plain(whole.trimEnd()))) };
  }
  const location = getLocation(text, offset);
  const [section, , list, ...rest] = location.path;
  const examples = examplesFor(facts, tree);
  let items: PartSnippet[] | undefined;
  if (location.isAtPropertyKey && location.path.length === 2) items = memberSnippets(section, examples, t);
  else if (!location.isAtPropertyKey && section === 'experiments' && list === 'edits' && rest.length === 1) items = editSnippets(examples, t);
  return items && { slot, items: slot.comma ? items.map((one) => ({ ...one, snippet: `${one.snippet},` })) : items };
}

function item(name: string, label: string, detail: string, snippet: string): PartSnippet {
  return { label, detail, filterText: `"${name}" ${label}`, snippet };
}

function memberSnippets(section: string | number, { site, label, noun, experiment }: Examples, t: Translate): PartSnippet[] | undefined {
  switch (section) {
    case 'trace': return [
      item('concepts', t('Trace: concepts by name'), t('Follow these concepts at every site, beside the strongest.'), `"concepts": { "top": \${1:12}, "always": [\${2:${text(label)}}] }`),
      item('steps', t('Trace: a few steps'), t('Read only the first, a middle and the last step.'), '"steps": [${1:0}, ${2:10}, ${3:29}]'),
      item('sites', t('Trace: one site'), t('Read one place in the network.'), `"sites": [\${1:${text(site)}}]`),
    ];
    case 'experiments': return [
      experimentSnippet('amplify', t('Amplify a concept'), t('Adds a concept everywhere, from the start.'),
        { site, label, action: '"add": ${4:6}, "during": "${5|early,middle,late,all|}"' }, `"presence:\${6:${plain(noun)}}", "clip", "perceptual"`),
      experimentSnippet('suppress', t('Suppress a concept'), t('Takes a concept out, everywhere and at every step.'),
        { site, label, action: '"ablate": true' }, `"presence:\${4:${plain(noun)}}", "clip", "perceptual"`),
      experimentSnippet('place', t('Put a concept somewhere'), t('Adds a concept in one part of the picture and takes it out elsewhere.'),
        { site, label, action: '"add": ${4:6}, "where": "${5|left,right,top,bottom,center,top-left,top-right,bottom-left,bottom-right|}", "elsewhere": "ablate", "during": "early"' },
        `"presence:\${6:${plain(noun)}}", "iou:\${6:${plain(noun)}}", "centre:\${6:${plain(noun)}}", "outside.perceptual"`),
      experimentSnippet('late-style', t('Change only the texture'), t('Scales a concept in the late steps, when the layout is settled.'),
        { site, label, action: '"scale": ${4:2}, "during": "late"' }, '"clip", "perceptual", "ssim"'),
    ];
    case 'sweeps': return [
      item('when', t('When does it take effect?'), t('The same experiment early, in the middle and late.'),
        `"\${1:when}": { "of": \${2:${text(experiment)}}, "vary": { "/edits/0/during": ["early", "middle", "late"] } }`),
      item('how-much', t('How strong must it be?'), t('The same experiment at rising strengths.'),
        `"\${1:how-much}": { "of": \${2:${text(experiment)}}, "vary": { "/edits/0/add": [\${3:1, 2, 4, 8, 16}] } }`),
      item('when-and-how-much', t('When, and how strong?'), t('Every window with every strength.'),
        `"\${1:when-and-how-much}": {\n\t"of": \${2:${text(experiment)}},\n\t"vary": { "/edits/0/during": ["early", "middle", "late"], "/edits/0/add": [\${3:2, 4, 8}] }\n}`),
    ];
    case 'searches': return [
      item('cheapest', t('The cheapest change that is enough'), t('Looks for the strength that reaches a goal under a limit on harm.'),
        `"\${1:cheapest}": {\n\t"of": \${2:${text(experiment)}},\n\t"over": { "/edits/0/add": { "from": \${3:0.5}, "to": \${4:32}, "log": true } },\n\t"maximize": "presence:\${5:${plain(noun)}}",\n\t"subjectTo": { "outside.perceptual": { "max": \${6:0.25} } },\n\t"budget": { "runs": \${7:64} }\n}`),
    ];
    case 'studies': return [
      item('layout', t('How early is the layout readable?'), t('Predicts the finished layout from each step, over many prompts.'),
        '"${1:layout}": { "kind": "composition", "prompts": "${2:prompts.txt}", "seeds": ${3:4} }'),
    ];
    default: return undefined;
  }
}

function experimentSnippet(name: string, label: string, detail: string, edit: { site: string; label: string; action: string }, measures: string): PartSnippet {
  return item(name, label, detail, [
    `"\${1:${name}}": {`,
    '\t"edits": [',
    `\t\t{ "site": \${2:${text(edit.site)}}, "concept": \${3:${text(edit.label)}}, ${edit.action} }`,
    '\t],',
    '\t"controls": ["identity", "random-concept"],',
    `\t"measure": [${measures}]`,
    '}',
  ].join('\n'));
}

function editSnippets({ site, label }: Examples, t: Translate): PartSnippet[] {
  const edit = (name: string, title: string, detail: string, action: string): PartSnippet =>
    item(name, title, detail, `{ "site": \${1:${text(site)}}, "concept": \${2:${text(label)}}, ${action} }`);
  return [
    edit('add', t('Add a concept'), t('In units of its usual strength.'), '"add": ${3:6}, "unit": "mean", "during": "${4|early,middle,late,all|}"'),
    edit('scale', t('Scale a concept'), t('Where it is active already.'), '"scale": ${3:2}, "during": "${4|early,middle,late,all|}"'),
    edit('ablate', t('Remove a concept'), t('Wherever it is active.'), '"ablate": true'),
    edit('box', t('Add a concept in a box'), t('[left, top, right, bottom], from 0 to 1.'), '"add": ${3:6}, "where": { "box": [${4:0.5}, ${5:0}, ${6:1}, ${7:1}] }, "during": "early"'),
  ];
}

/** A site whose SAE knows a noun of the judge, that noun, and an experiment to build on. */
function examplesFor(facts: ModelFacts | undefined, tree: Node | undefined): Examples {
  const experiment = entriesOf(valueOf(top(tree), 'experiments')).at(0)?.key ?? 'experiment';
  const nouns = facts?.nouns ?? [];
  const known = (facts?.saes ?? []).flatMap(({ site, idsByLabel }) => nouns.filter((noun) => idsByLabel.has(noun)).map((noun) => ({ site, noun })));
  const [best = { site: facts?.saes.at(0)?.site ?? 'mid_block.attentions.0', noun: nouns[0] ?? 'house' }] = known;
  const labels = facts?.saes.find(({ site }) => site === best.site)?.idsByLabel;
  const label = labels === undefined || labels.has(best.noun) ? best.noun : [...labels.keys()][0] ?? best.noun;
  return { site: best.site, noun: best.noun, label, experiment };
}

/** A JSON text within a snippet's placeholder. */
function text(value: string): string {
  return plain(JSON.stringify(value));
}

/** What a snippet would read as its own syntax, escaped. */
function plain(value: string): string {
  return value.replace(/[\\$}]/g, '\\$&');
}
