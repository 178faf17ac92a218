import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../../base/errors.ts';
import { labelsFile } from '../../concepts/labels.ts';
import { readSaeFacts } from '../../experiment/saeFacts.ts';
import type { SaeFacts } from '../../experiment/saeFacts.ts';
import { describeCheckpoint, hashSae } from '../../sae/loadSaes.ts';
import { sidecarName } from '../../sae/sidecar.ts';
import type { PanelSite } from '../../../webview/protocol.ts';

/** What is known of the concepts of a site beside their numbers. */
export type SiteNames = Pick<PanelSite, 'labels' | 'typical' | 'contextFree'>;

/** Which SAE a trace says it was made with. */
export interface SaeReference {
  readonly folder: string;
  /** Undefined: whatever lies in the folder now. */
  readonly hash: string | undefined;
}

/** Weights up to this size are hashed to see whether they are still those of the run. */
const mostHashedBytes = 64 * 2 ** 20;

/** Looks up the names of concepts, and remembers them as long as the SAE's files stay as they are. */
export class SaeNames {
  readonly #known = new Map<string, { readonly stamp: string; readonly facts: SaeFacts; readonly hash: string | undefined }>();

  /**
   * Labels and usual activations of an SAE's concepts. What does not belong to the very SAE that made the trace is left out, since it would name other concepts.
   * @param sae as a manifest names it, which others may have written: nothing but these files is read, and nothing over a network path
   * @param shape of the trace
   */
  async of(sae: SaeReference | undefined, { n, k }: { readonly n: number; readonly k: number }): Promise<SiteNames> {
    if (sae === undefined || !isLocal(sae.folder)) return unknown(n);
    const known = await this.#read(sae.folder);
    if (known?.facts.n !== n || known.facts.k !== k) return unknown(n);
    const { facts, hash } = known;
    const named = sae.hash === undefined || facts.labelsHash === sae.hash;
    const same = sae.hash === undefined || (hash === undefined ? facts.labelsHash === undefined || named : hash === sae.hash);
    return {
      labels: named ? Object.fromEntries(facts.labels) : {},
      contextFree: named ? [...facts.contextFree] : [],
      typical: same ? Float32Array.from(facts.mean) : new Float32Array(n),
    };
  }

  async #read(folder: string): Promise<{ facts: SaeFacts; hash: string | undefined } | undefined> {
    try {
      const { file } = await describeCheckpoint(folder);
      const [weights, ...beside] = await Promise.all([stat(file), stat(join(folder, sidecarName)), stat(join(folder, labelsFile)).catch(() => undefined)]);
      const stamp = [weights, ...beside].map((status) => `${status?.mtimeMs ?? ''} ${status?.ctimeMs ?? ''} ${status?.size ?? ''}`).join(' ');
      const known = this.#known.get(folder);
      if (known?.stamp === stamp) return known;
      const read = { stamp, facts: await readSaeFacts(folder), hash: weights.size <= mostHashedBytes ? await hashSae(folder) : undefined };
      this.#known.set(folder, read);
      return read;
    } catch (error) {
      if (error instanceof InputError || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
      throw error;
    }
  }
}

/** Opening a path of another machine sends it our user's name. */
function isLocal(folder: string): boolean {
  return isAbsolute(folder) && !/^[/\\]{2}/.test(folder);
}

function unknown(n: number): SiteNames {
  return { labels: {}, typical: new Float32Array(n), contextFree: [] };
}
