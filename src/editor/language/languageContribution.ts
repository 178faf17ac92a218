import { Disposable } from 'vscode';
import type { Contribution } from '../services.ts';
import { registerCompletion } from './completionProvider.ts';
import { registerDefinitions } from './definitionProvider.ts';
import { registerDiagnostics } from './diagnosticsProvider.ts';
import { DocumentProblems } from './documentProblems.ts';
import { registerFixes } from './fixProvider.ts';
import { registerHints } from './hintProvider.ts';
import { registerHovers } from './hoverProvider.ts';
import { registerLinks } from './linkProvider.ts';
import { registerSchema } from './schemaProvider.ts';
import { registerSymbols } from './symbolProvider.ts';

/** What makes writing a spec pleasant; nothing here runs anything, so it works in untrusted workspaces too. */
export const languageContribution: Contribution = (services) => {
  const { specs } = services;
  const problems = new DocumentProblems(specs);
  return Disposable.from(
    registerSchema(specs), registerCompletion(specs), registerDiagnostics(specs, problems), registerFixes(problems), registerHints(specs), registerHovers(services),
    registerLinks(specs), registerDefinitions(specs), registerSymbols(specs),
  );
};
