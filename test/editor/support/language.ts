import * as vscode from 'vscode';

/** A text without its `|`, and where it stood. */
export function cursor(marked: string): { text: string; offset: number } {
  const offset = marked.indexOf('|');
  return { text: marked.slice(0, offset) + marked.slice(offset + 1), offset };
}

/** What is offered at a place: labels, as people see them, without the quotes of JSON. */
export async function offers({ document }: vscode.TextEditor, offset: number): Promise<string[]> {
  const { items } = await vscode.commands.executeCommand<vscode.CompletionList>('vscode.executeCompletionItemProvider', document.uri, document.positionAt(offset));
  return items.map(({ label }) => (typeof label === 'string' ? label : label.label).replace(/^"(.*)"$/, '$1'));
}

/** All that hovers over a place. */
export async function hover({ document }: vscode.TextEditor, offset: number): Promise<string> {
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, document.positionAt(offset));
  return hovers.flatMap(({ contents }) => contents.map((content) => (content as vscode.MarkdownString).value)).join('\n');
}

/** What is marked in a document, with the text that it marks. */
export function marks({ document }: vscode.TextEditor): { code: unknown; message: string; text: string; diagnostic: vscode.Diagnostic }[] {
  return vscode.languages.getDiagnostics(document.uri).map((diagnostic) => {
    const { code, message, range } = diagnostic;
    return { code: typeof code === 'object' ? code.value : code, message, text: document.getText(range), diagnostic };
  });
}

/** Quick fixes of a mark, by title. */
export async function fixes({ document }: vscode.TextEditor, { range }: vscode.Diagnostic): Promise<vscode.CodeAction[]> {
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range, vscode.CodeActionKind.QuickFix.value);
  return actions.filter(({ edit }) => edit !== undefined);
}
