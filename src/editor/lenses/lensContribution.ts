import { Disposable, EventEmitter, languages } from 'vscode';
import { specSelector } from '../ids.ts';
import { lazily } from '../lazily.ts';
import type { Contribution } from '../services.ts';

/** Lenses above specs and their parts. */
export const lensContribution: Contribution = ({ services }) => {
  const changed = new EventEmitter<void>();
  const lenses = lazily(async () => {
    const [{ createLenses }, loaded] = await Promise.all([import('./specLenses.ts'), services()]);
    return createLenses(loaded, changed);
  });
  return Disposable.from(
    changed, lenses,
    languages.registerCodeLensProvider([...specSelector], { onDidChangeCodeLenses: changed.event, provideCodeLenses: async (document) => (await lenses()).provideCodeLenses(document) }),
  );
};
