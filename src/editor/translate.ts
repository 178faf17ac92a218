/** `vscode.l10n.t`, for code that knows no editor; its first argument is always a literal, so that a test finds every text. */
export type Translate = (message: string, ...args: (string | number | boolean)[]) => string;
