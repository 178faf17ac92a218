import type { CheckpointFormat } from './formats/checkpointFormat.ts';
import { dictionaryLearning } from './formats/dictionaryLearning.ts';
import { difflens } from './formats/difflens.ts';
import { openai } from './formats/openai.ts';
import { saelens } from './formats/saelens.ts';
import { saeuron } from './formats/saeuron.ts';
import { sdxlUnbox } from './formats/sdxlUnbox.ts';
import { sparsify } from './formats/sparsify.ts';

/** All formats; the first that recognises a folder reads it, so those derived from others come before these. */
export const checkpointFormats: readonly CheckpointFormat[] = [saelens, difflens, saeuron, sparsify, dictionaryLearning, sdxlUnbox, openai];
