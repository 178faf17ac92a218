import { l10n, window, type SecretStorage } from 'vscode';
import { checkToken, type HubToken } from '../../hub/token.ts';

const key = 'dmi.hubToken';

/** The token that people have given to this editor; kept by the system's own store of secrets, and nowhere else. */
export async function storedToken(secrets: SecretStorage): Promise<HubToken | undefined> {
  const value = await secrets.get(key);
  return value === undefined ? undefined : { value, from: l10n.t('this editor') };
}

/** Ask for a token and keep it; an empty one removes what is kept. @returns whether there is one now */
export async function askToken(secrets: SecretStorage): Promise<boolean> {
  const value = await window.showInputBox({
    title: l10n.t('Hub token'),
    prompt: l10n.t('A token with read access, from the settings of your account on the hub. It is kept in this machine\'s store of secrets; leave it empty to remove it.'),
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' || fits(text) ? undefined : l10n.t('This cannot be a token.')),
  });
  if (value === undefined) return await secrets.get(key) !== undefined;
  const token = value.trim();
  if (token === '') {
    await secrets.delete(key);
    void window.showInformationMessage(l10n.t('The hub token has been removed.'));
    return false;
  }
  await secrets.store(key, token);
  void window.showInformationMessage(l10n.t('The hub token is kept. It is sent to the hub that downloads come from, and to nobody else.'));
  return true;
}

function fits(text: string): boolean {
  try {
    checkToken(text.trim(), '');
    return true;
  } catch {
    return false;
  }
}
