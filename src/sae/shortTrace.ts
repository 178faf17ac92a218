import type { ScoreRequest } from './scoreActivations.ts';

/** Prompts that most models can draw. */
const ownPrompts = ['a photograph of a cat on a street', 'a red house left and a blue tree right, meadow', 'a portrait of an old man, oil painting', 'a mountain lake at sunset'];

/** The trace by which it is found out what an SAE was trained on, where nothing else is asked for. */
export function shortTrace(
  { prompts = ownPrompts, steps = 10, guidanceScale = 5 }: { prompts?: readonly string[] | undefined; steps?: number | undefined; guidanceScale?: number | undefined } = {},
): Pick<ScoreRequest, 'generations' | 'sampling'> {
  return { generations: prompts.map((prompt, seed) => ({ prompt, seed })), sampling: { negativePrompt: '', steps, guidanceScale } };
}
