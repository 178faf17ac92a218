import { workspace, type TextDocument } from 'vscode';
import { checkAgainstFacts } from '../../experiment/checkAgainstFacts.ts';
import type { ModelFacts } from '../../experiment/modelFacts.ts';
import { checkFiles } from '../../spec/checkFiles.ts';
import { isReadable, type ParsedSpec, type Problem } from '../../spec/parseSpec.ts';
import type { SpecDocuments } from '../services.ts';
import { finderFor } from '../specs/specDocuments.ts';
import { isLocal } from '../targetSpec.ts';

/** All that is wrong with the specs that are open. */
export class DocumentProblems {
  readonly #specs: SpecDocuments;
  readonly #known = new WeakMap<TextDocument, { readonly version: number; readonly facts: ModelFacts | undefined; readonly problems: Promise<readonly Problem[]> }>();

  constructor(specs: SpecDocuments) {
    this.#specs = specs;
  }

  /** Problems of the text as it stands, of its own and with its model; of a text that is no JSON, that alone. */
  async of(document: TextDocument): Promise<readonly Problem[]> {
    const { version } = document;
    const { parsed } = this.#specs.of(document);
    const facts = await this.#specs.factsOf(document);
    const known = this.#known.get(document);
    if (known?.version === version && known.facts === facts) return known.problems;
    const problems = this.#find(document, parsed, facts);
    this.#known.set(document, { version, facts, problems });
    return problems;
  }

  /** Look again, also where neither the text nor the facts have changed: a file may have come or gone. */
  forget(document: TextDocument): void {
    this.#known.delete(document);
  }

  async #find({ uri }: TextDocument, { tree, problems, problemsOf }: ParsedSpec, facts: ModelFacts | undefined): Promise<readonly Problem[]> {
    if (tree === undefined || !isReadable(problems)) return problems;
    const missing = isLocal(uri) ? await checkFiles(tree, finderFor(uri)) : [];
    return [...problems, ...problemsOf([...missing, ...facts === undefined ? [] : checkAgainstFacts(tree, facts)])];
  }
}

/** Whether VS Code's own JSON support reports what is no JSON and what does not fit the schema; then nobody else should. */
export function jsonValidates(document: TextDocument): boolean {
  return ['json', 'jsonc'].includes(document.languageId) && workspace.getConfiguration('json', document).get('validate.enable', true);
}
