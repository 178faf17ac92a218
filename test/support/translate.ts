import type { Translate } from '../../src/editor/translate.ts';

/** `vscode.l10n.t` without a bundle: English, with its values put in. */
export const inEnglish: Translate = (message, ...args) => message.replace(/\{(\d+)\}/g, (_, index: string) => String(args[Number(index)]));
