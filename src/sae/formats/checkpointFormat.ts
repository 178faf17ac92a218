import type { Checkpoint } from '../sae.ts';

/** The files of one SAE. */
export interface SaeFiles {
  /** Left out where the format has none. */
  readonly config?: string;
  readonly weights: string;
}

/** A way in which SAEs are published; each has a file of its own. */
export interface CheckpointFormat {
  /** As people call it. */
  readonly name: string;
  /** The files by which a folder of this format is known. */
  readonly describe: string;
  /**
   * Whether a folder is an SAE of this format; where one of the files is lost, that is reported on reading.
   * @param names of the folder's files
   */
  recognise(folder: string, names: ReadonlySet<string>): SaeFiles | undefined | Promise<SaeFiles | undefined>;
  /** Read what the folder says, leaving the weights on disk. @throws InputError naming file, place and remedy */
  read(folder: string, files: SaeFiles): Promise<Checkpoint>;
}
