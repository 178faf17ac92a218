import { closest } from '../base/closest.ts';
import { InputError } from '../base/errors.ts';
import { listed, phrase, type Phrase } from '../base/phrase.ts';
import type { SpecPlan } from '../experiment/planSpec.ts';
import type { JudgeNeeds } from '../judge/judge.ts';
import { readJudgeOffer, type JudgeOffer } from '../judge/judgeFolder.ts';
import type { JsonPath } from '../spec/jsonPath.ts';
import { requireSpec } from '../spec/parseSpec.ts';
import { allExperiments, type ExperimentPlan, type StudyPlan } from './experimentPlan.ts';
import { parseMeasure } from './measures/measureName.ts';

/** Which networks of a judge the measures of experiments need. */
export function judgeNeeds(plans: readonly ExperimentPlan[]): JudgeNeeds {
  const kinds = new Set(plans.flatMap(({ measures }) => measures).map((name) => parseMeasure(name).kind));
  return { nouns: kinds.has('presence') || kinds.has('iou') || kinds.has('centre'), similarity: kinds.has('clip'), perceptual: kinds.has('perceptual') };
}

/**
 * See, before anything is computed, that the judge can measure what is asked for.
 * @param judge folder; undefined where there is none. @throws InputError at the measure that it cannot give
 */
export async function checkJudge({ parsed }: Pick<SpecPlan, 'parsed'>, study: StudyPlan, judge: string | undefined): Promise<void> {
  const offer: JudgeOffer = judge === undefined ? { nouns: [], similarity: false, perceptual: false } : await readJudgeOffer(judge);
  for (const name of new Set(allExperiments(study).flatMap(({ measures }) => measures))) {
    const wanted = parseMeasure(name);
    const fault = 'noun' in wanted ? unknownNoun(wanted.noun, offer)
      : (wanted.kind === 'clip' && !offer.similarity) || (wanted.kind === 'perceptual' && !offer.perceptual) ? { message: phrase`the judge has no network that measures "${name}"`, remedy: phrase`Name the folder of a judge under "judge".` }
        : undefined;
    if (fault === undefined) continue;
    const path = placeOf(name, requireSpec(parsed).experiments ?? {});
    throw new InputError(judge === undefined ? phrase`nothing can measure "${name}": the model has no judge` : fault.message, {
      file: parsed.file, ...(path !== undefined && { place: parsed.placeOf(path) }), remedy: judge === undefined ? phrase`Name the folder of a judge under "judge".` : fault.remedy,
    });
  }
}

function unknownNoun(noun: string, { nouns }: JudgeOffer): { message: Phrase; remedy: Phrase } | undefined {
  if (nouns === 'any' || nouns.includes(noun)) return undefined;
  const near = closest(noun, nouns);
  return {
    message: near === undefined ? phrase`the judge does not know "${noun}"` : phrase`the judge does not know "${noun}"; did you mean "${near}"?`,
    remedy: nouns.length === 0 ? phrase`Name the folder of a judge under "judge".` : phrase`It knows ${listed(nouns)}.`,
  };
}

/** Where a spec asks for a measure first. */
function placeOf(name: string, experiments: Readonly<Record<string, { measure?: readonly string[]; expect?: object }>>): JsonPath | undefined {
  for (const [key, { measure = [], expect = {} }] of Object.entries(experiments)) {
    if (measure.includes(name)) return ['experiments', key, 'measure', measure.indexOf(name)];
    if (name in expect) return ['experiments', key, 'expect', name];
  }
  return undefined;
}
