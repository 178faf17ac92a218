import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';

/** A step of a run gave NaN or infinity: that run ends there, others are not concerned. */
export class ActivationFault extends InputError {
  /** The first site in whose update it shows; undefined where it begins after the last. */
  readonly site: string | undefined;
  readonly step: number;

  /** @param where.file the U-Net. @param where.edited sites with an edit in force at that step */
  constructor({ file, site, step, timestep, edited }: { file: string; site: string | undefined; step: number; timestep: number; edited: readonly string[] }) {
    super(phrase`NaN or infinity in the activations`, {
      file, place: `${site ?? 'after the last site'}, step ${step} (timestep ${timestep})`,
      remedy: edited.length > 0
        ? phrase`Lower the amounts of the edits at ${edited.join(', ')}.`
        : phrase`Check the export of the model (float16 weights overflow easily), or lower the guidance scale.`,
    });
    this.site = site;
    this.step = step;
  }
}
