import type { Checkpoint } from '../sae.ts';

/** A way in which SAEs are published; each has a file of its own. */
export interface CheckpointFormat {
  /** As people call it. */
  readonly name: string;
  /** The two files by which a folder of this format is known. */
  readonly configFile: string;
  readonly weightsFile: string;
  /** Read what the folder says, leaving the weights on disk. @throws InputError naming file, place and remedy */
  read(folder: string): Promise<Checkpoint>;
}
