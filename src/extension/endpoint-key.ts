import * as vscode from 'vscode';
import { endpointsOf } from './views/endpoint.ts';

/** Of the address, not the name: settings of a workspace may give its name to another server. */
const placeOf = (url: string): string => `chirality.key ${url}`;

/** How the program is given a key. */
const keyIn = (key: string): Record<string, string> => ({ CHIRALITY_API_KEY: key });

/**
 * What the program gets to see of the keys of our environment: they are for addresses of a person's own settings. A
 * folder's settings may name any server.
 */
export function environmentKeys(url: string): Record<string, string> {
  const { globalValue } = vscode.workspace.getConfiguration('chirality').inspect('endpoints') ?? {};
  const isOwn = endpointsOf(globalValue).some((own) => own.url === url);
  return isOwn ? {} : { CHIRALITY_API_KEY: '', OPENAI_API_KEY: '' };
}

/** The kept key of an address, for the environment of the program. */
export async function keptKey(url: string, secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const kept = await secrets.get(placeOf(url));
  return kept === undefined ? environmentKeys(url) : keyIn(kept);
}

/** The key goes through the environment of the program: in no argument, no setting and no file. */
export async function chooseKey(
  title: string,
  url: string,
  secrets: vscode.SecretStorage,
): Promise<Record<string, string> | undefined> {
  const place = placeOf(url);
  const kept = await secrets.get(place);
  const none = environmentKeys(url);
  const env =
    Object.keys(none).length === 0
      ? { label: 'No key, or that of the environment', detail: 'CHIRALITY_API_KEY, where it is set' }
      : {
          label: 'No key',
          detail: 'This address is not in your own settings: no key of the environment goes there',
        };
  const own = { label: 'The kept key', detail: `That of ${url}` };
  const enter = { label: 'Enter a key…', detail: 'It is kept with the secrets of VS Code, for this address' };
  const forget = { label: 'Forget the kept key' };
  const picked = await vscode.window.showQuickPick(
    kept === undefined ? [env, enter] : [own, env, enter, forget],
    { title, placeHolder: 'Which key?', ignoreFocusOut: true },
  );
  if (picked === env) return none;
  if (picked === own) return keyIn(kept!);
  if (picked === forget) {
    await secrets.delete(place);
    return chooseKey(title, url, secrets);
  }
  if (picked === undefined) return undefined;
  const entered = await vscode.window.showInputBox({
    title,
    prompt: `Key for ${url}`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => (/^[\x21-\x7e]+$/.test(text.trim()) ? null : 'This has characters no key has.'),
  });
  const key = entered?.trim();
  if (!key) return undefined;
  await secrets.store(place, key);
  return keyIn(key);
}
