import { InputError } from '../base/errors.ts';
import { phrase } from '../base/phrase.ts';
import { loadLabels } from '../concepts/labels.ts';
import type { LabelTable } from '../concepts/labels.ts';
import { loadSaeFolder } from '../sae/loadSaes.ts';
import type { Sae } from '../sae/sae.ts';
import type { ConceptDirectory } from '../spec/resolveSpec.ts';

/** An SAE and the names of its concepts, where it has any. */
export interface LabelledSae {
  readonly sae: Sae;
  readonly labels: LabelTable | undefined;
}

/** The SAEs of several folders with their labels, by site. @throws InputError when one is malformed, or two stand for one site */
export async function loadLabelledSaes(folders: readonly string[]): Promise<Map<string, LabelledSae>> {
  const saes = new Map<string, LabelledSae>();
  for (const folder of folders) {
    for (const sae of await loadSaeFolder(folder)) {
      const twin = saes.get(sae.site);
      if (twin !== undefined) {
        throw new InputError(phrase`a second SAE for the site ${sae.site}; the first is in ${twin.sae.folder}`, {
          file: sae.folder, remedy: phrase`Name one SAE per site under "saes".`,
        });
      }
      saes.set(sae.site, { sae, labels: await loadLabels(sae) });
    }
  }
  return saes;
}

/** What a spec may name: sites, concept numbers and labels. */
export function conceptDirectory(saes: ReadonlyMap<string, LabelledSae>): ConceptDirectory {
  return {
    sites: [...saes.keys()],
    size: (site) => saes.get(site)?.sae.n ?? 0,
    idsOf: (site, label) => saes.get(site)?.labels?.idsOf(label) ?? [],
    labels: (site) => saes.get(site)?.labels?.all() ?? [],
  };
}
