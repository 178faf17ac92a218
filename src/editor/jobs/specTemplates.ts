import type { Capability } from '../../engine/capabilities.ts';
import type { Translate } from '../translate.ts';

/** A common question as a spec to start from. */
export interface SpecTemplate {
  readonly id: string;
  readonly question: string;
  /** How it is answered. */
  readonly detail: string;
  /** What the engine must be able to do for the whole answer. */
  readonly needs: Capability;
  readonly text: string;
}

/** The prompt of a new spec, so that the cursor can wait in it. @throws Error for a text without one */
export function findPrompt(text: string): { readonly offset: number; readonly length: number } {
  const found = /"prompt": "(?<prompt>[^"]*)"/.exec(text);
  if (found?.groups === undefined) throw new Error('a template without a prompt');
  return { offset: found.index + '"prompt": "'.length, length: found.groups.prompt.length };
}

/** The common questions, the simplest first. Labels and site are those of the built-in model. */
export function specTemplates(t: Translate): readonly SpecTemplate[] {
  const twoThings = 'a red house left and a blue tree right, meadow';
  const oneThing = 'a red house left, meadow';

  function spec(question: string, prompt: string, seeds: string, rest: string): string {
    return `// ${question}
{
  "dmi": 1,
  "model": "builtin:scenes",  // ${t('or a folder: diffusers layout, ONNX files')}

  "sample": {
    "prompt": "${prompt}",
    "seeds": ${seeds},
    "steps": 30,
    "guidanceScale": 5
  },

${rest}
}
`;
  }

  const trace = (concepts: string): string => `  // ${t('Left out: every site that has an SAE, every step.')}
  "trace": { "concepts": ${concepts} }`;
  const experiment = (name: string, measures: string): string => `  "experiments": {
    "${name}": {
      "edits": [
        { "site": "up_blocks.0.attentions.1", "concept": "house", "add": 6, "where": "right", "during": "early" }
      ],
${measures}
    }
  }`;
  const controls = `      "controls": ["identity", "random-concept", "shuffled-region"],
      "measure": ["presence:house", "centre:house", "outside.perceptual"]`;

  const concepts = t('Which concepts form, and when?');
  const place = t('Where and when is the layout decided?');
  const seeds = t('What is the same over seeds?');
  const change = t('What happens when a concept is changed?');
  const when = t('When does a change take effect?');
  const cheapest = t('What is the cheapest change that is enough?');
  return [
    {
      id: 'concepts', question: concepts, detail: t('One picture for each of three seeds; the strongest concepts of every site over the whole process.'), needs: 'trace',
      text: spec(concepts, twoThings, '[0, 1, 2]', trace('{ "top": 24 }')),
    },
    {
      id: 'layout', question: place, detail: t('Follows one thing: at which step its place settles, and at which site that shows first.'), needs: 'trace',
      text: spec(place, oneThing, '[0, 1, 2, 3]', trace('{ "top": 12, "always": ["house"] }')),
    },
    {
      id: 'seeds', question: seeds, detail: t('Eight seeds of one prompt; narrow bands are what the prompt decides, wide ones what the noise does.'), needs: 'trace',
      text: spec(seeds, twoThings, '[0, 1, 2, 3, 4, 5, 6, 7]', trace('{ "top": 12 }')),
    },
    {
      id: 'change', question: change, detail: t('Adds a concept on the right in early steps, beside its controls.'), needs: 'experiments',
      text: spec(change, oneThing, '[0, 1, 2, 3]', experiment('house-to-the-right', `${controls},
      "expect": { "presence:house": { "min": 0.5 } }`)),
    },
    {
      id: 'when', question: when, detail: t('The same change early, in the middle and late, at three strengths.'), needs: 'sweeps',
      text: spec(when, oneThing, '[0, 1, 2, 3]', `${experiment('house-to-the-right', controls)},

  "sweeps": {
    "when": { "of": "house-to-the-right", "vary": { "/edits/0/during": ["early", "middle", "late"], "/edits/0/add": [2, 4, 8] } }
  }`),
    },
    {
      id: 'cheapest', question: cheapest, detail: t('Searches the strength that reaches a goal under a limit on harm.'), needs: 'searches',
      text: spec(cheapest, oneThing, '[0, 1, 2, 3]', `${experiment('house-to-the-right', controls)},

  "searches": {
    "cheapest": {
      "of": "house-to-the-right",
      "over": { "/edits/0/add": { "from": 0.5, "to": 32, "log": true } },
      "maximize": "presence:house",
      "subjectTo": { "outside.perceptual": { "max": 0.25 } },
      "budget": { "runs": 64 }
    }
  }`),
    },
  ];
}
