import { recentIndex } from './recentIndex.ts';
import type { ModelIndex } from './modelIndex.ts';
import { defaultProvider } from './provider.ts';
import { openSession } from './session.ts';
import type { OpenOptions, Session } from './session.ts';
import { modelFolder, writeSkeleton } from './skeleton.ts';

/** Weights up to this are copied into the layout of the fastest kernels: that costs little time and memory. */
const mostCopied = 64 * 2 ** 20;

/**
 * How a network should be opened on the CPU. The weights of a large one stay in its file, mapped and shared: copied, those of Stable Diffusion take seconds
 * and gigabytes. What its steps allocate is given back after each of them.
 * @returns nothing for a small network, or for another provider, which takes weights into memory of its own
 */
export function economy(index: ModelIndex, { provider = defaultProvider }: OpenOptions): OpenOptions {
  return provider === defaultProvider && weightBytes(index) > mostCopied ? { optimisation: 'extended', prepack: false, arena: false } : {};
}

/** Bytes of the weights that lie in files. */
function weightBytes({ weights }: ModelIndex): number {
  return [...weights.values()].reduce((sum, { data }) => sum + (data instanceof Uint8Array ? 0 : data.length), 0);
}

/** Load a network as it is, large or small. @param options come before what its size suggests @throws InputError as `openSession` */
export async function openModel(path: string, options: OpenOptions = {}): Promise<Session> {
  const index = await recentIndex(path);
  const economical = economy(index, options);
  if (economical.prepack !== false) return openSession({ path }, options);
  const folder = await modelFolder(index);
  return openSession({ bytes: writeSkeleton(index, folder, []), externalFolder: folder, label: path }, { ...economical, ...options });
}
