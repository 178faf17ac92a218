import { Disposable, type EventEmitter, type Uri } from 'vscode';
import type { Services } from '../services.ts';
import { completionProvider } from './completionProvider.ts';
import { definitionProvider } from './definitionProvider.ts';
import { showDiagnostics } from './diagnosticsProvider.ts';
import { DocumentProblems } from './documentProblems.ts';
import { fixProvider } from './fixProvider.ts';
import { hintProvider } from './hintProvider.ts';
import { hoverProvider } from './hoverProvider.ts';
import { linkProvider } from './linkProvider.ts';
import { schemaProvider } from './schemaProvider.ts';
import { symbolProvider } from './symbolProvider.ts';

/** What VS Code is told when it is to ask again. */
export interface LanguageChanges {
  readonly hints: EventEmitter<void>;
  readonly schema: EventEmitter<Uri>;
}

export type Language = ReturnType<typeof createLanguage>;

/** Answers what VS Code asks about the text of specs, and underlines what is wrong in those that are open. */
export function createLanguage(services: Services, changes: LanguageChanges) {
  const { specs } = services;
  const problems = new DocumentProblems(specs);
  const schema = schemaProvider(specs, changes.schema);
  const shown = Disposable.from(schema, showDiagnostics(specs, problems), specs.onDidChange(() => { changes.hints.fire(); }));
  return {
    ...completionProvider(specs), ...definitionProvider(specs), ...fixProvider(problems), ...hintProvider(specs), ...hoverProvider(services), ...linkProvider(specs),
    ...symbolProvider(specs), provideTextDocumentContent: schema.provideTextDocumentContent, dispose: () => { shown.dispose(); },
  };
}
