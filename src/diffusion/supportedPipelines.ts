import type { Static } from 'typebox';
import * as Type from 'typebox';
import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import type { ComponentConfig } from './componentConfig.ts';

/** A part in a pipeline's index: the library and the class that make it, or twice null. */
const part = Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Union([Type.String(), Type.Null()]), { maxItems: 8 })]));

/** `model_index.json`. */
export const modelIndex = Type.Object({
  /** A pipeline of someone's own names its module as well. */
  _class_name: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1, maxItems: 8 })]),
  unet: part, transformer: part, prior: part, controlnet: part, image_encoder: part, text_encoder: part, text_encoder_2: part, text_encoder_3: part,
  force_zeros_for_empty_prompt: Type.Optional(Type.Boolean()),
});

/** What makes a pipeline one that needs more than a text: a word in its class's name. */
const otherTasks = /ControlNet|Inpaint|Img2Img|Pix2Pix|Upscale|Video|Adapter|Depth2Img|Variation/;

/** @throws InputError at a pipeline of another kind than Stable Diffusion 1, 2 and XL, naming the kind */
export function checkSupported({ path, values }: ComponentConfig<Static<typeof modelIndex>>): void {
  const { _class_name: told } = values;
  const name = typeof told === 'string' ? told : told[told.length - 1];
  const has = (key: 'transformer' | 'prior' | 'controlnet' | 'text_encoder' | 'text_encoder_3'): boolean => values[key]?.some((entry) => entry !== null) === true;
  const refuse = (place: string, what: ConstructorParameters<typeof InputError>[0]): InputError =>
    new InputError(what, { file: path, place, remedy: phrase`Use a text-to-image pipeline of the type of Stable Diffusion 1, 2 or XL, or one distilled from them (Turbo, LCM, Lightning).` });
  if (has('transformer')) throw refuse('/transformer', phrase`${name} denoises with a transformer, as Stable Diffusion 3 and FLUX do; only U-Nets are supported`);
  if (has('prior')) throw refuse('/prior', phrase`${name} has a prior network, which is not supported`);
  if (has('controlnet')) throw refuse('/controlnet', phrase`${name} has a ControlNet, which is not supported`);
  if (has('text_encoder_3')) throw refuse('/text_encoder_3', phrase`${name} has three text encoders, which is not supported`);
  const task = otherTasks.exec(name)?.[0];
  if (task !== undefined) throw refuse('/_class_name', phrase`${name} needs more than a text (${task}); only text-to-image pipelines are supported`);
  if (values.text_encoder !== undefined && !has('text_encoder')) throw refuse('/text_encoder', phrase`${name} has no first text encoder, as the refiner of SDXL`);
}
