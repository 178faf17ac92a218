import { CodeAction, CodeActionKind, l10n, WorkspaceEdit, type CodeActionContext, type Range, type TextDocument } from 'vscode';
import { replacementsOf } from '../../spec/fix.ts';
import { innerCommands } from '../ids.ts';
import type { DocumentProblems } from './documentProblems.ts';
import { fixTitle } from './fixTitle.ts';
import { rangeOf } from './ranges.ts';

/** Quick fixes, also for what VS Code's own JSON support reports: it says that a key is wrong, and we know which one was meant. */
export function fixProvider(problems: DocumentProblems) {
  async function provideCodeActions(document: TextDocument, range: Range, { diagnostics }: CodeActionContext): Promise<CodeAction[]> {
    const text = document.getText();
    const found = await problems.of(document);
    const actions = new Map<string, CodeAction>();
    if (document.getText() !== text) return [];
    for (const problem of found) {
      const place = rangeOf(document, problem.range);
      if (place.intersection(range) === undefined) continue;
      if (problem.code === 'no-sidecar') {
        const action = new CodeAction(l10n.t('Find out what the SAEs were trained on'), CodeActionKind.QuickFix);
        action.command = { command: innerCommands.identifySaes, title: action.title, arguments: [document.uri] };
        action.diagnostics = diagnostics.filter((diagnostic) => diagnostic.range.intersection(place) !== undefined);
        actions.set(action.title, action);
      }
      for (const fix of problem.fixes) {
        const action = new CodeAction(fixTitle(fix, l10n.t), CodeActionKind.QuickFix);
        action.edit = new WorkspaceEdit();
        for (const replacement of replacementsOf(fix, text)) action.edit.replace(document.uri, rangeOf(document, replacement), replacement.text);
        action.diagnostics = diagnostics.filter((diagnostic) => diagnostic.range.intersection(place) !== undefined);
        action.isPreferred = fix.kind === 'replace' && problem.fixes.length === 1;
        if (!actions.has(action.title)) actions.set(action.title, action);
      }
    }
    return [...actions.values()];
  }
  return { provideCodeActions };
}
