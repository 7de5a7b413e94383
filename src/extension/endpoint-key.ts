import * as vscode from 'vscode';
import { endpointsOf, listedEndpoints } from './views/endpoint.ts';

/** Keyed by address, not by name, because workspace settings may give the name to another server. */
const secretName = (url: string): string => `chirality.key ${url}`;

/** The environment variable with which the program gets a key. */
const keyIn = (key: string): Record<string, string> => ({ CHIRALITY_API_KEY: key });

/**
 * Hides the keys in our environment from the program, unless the address is in the user's own settings, because a
 * folder's settings may name any server.
 */
function environmentKeys(url: string): Record<string, string> {
  const { globalValue } = vscode.workspace.getConfiguration('chirality').inspect('endpoints') ?? {};
  const isOwn = endpointsOf(globalValue).some((own) => own.url === url);
  return isOwn ? {} : { CHIRALITY_API_KEY: '', OPENAI_API_KEY: '' };
}

/** The environment variable with an address's stored key, if there is one. */
export async function storedKey(url: string, secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const kept = await secrets.get(secretName(url));
  return kept === undefined ? environmentKeys(url) : keyIn(kept);
}

/**
 * The options and variables with which the program asks a model behind an endpoint. A restored panel may name an address
 * that has been removed from the settings, which must get neither key nor picture.
 * @throws Error if the address is not in the settings
 */
export async function endpointCommand(
  { url, model, key }: { url: string; model: string; key: boolean },
  secrets: vscode.SecretStorage,
): Promise<{ args: string[]; env: Record<string, string> }> {
  if (!listedEndpoints().some((one) => one.url === url))
    throw new Error(`${url} is not among the endpoints of the setting chirality.endpoints.`);
  return {
    args: ['--endpoint', url, '--model', model],
    env: key ? await storedKey(url, secrets) : environmentKeys(url),
  };
}

/** Asks for the name of one of an endpoint's models. */
export async function askModelName(
  title: string,
  endpoint: string,
  example: string,
): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title,
    prompt: `The model, as ${endpoint} calls it`,
    placeHolder: example,
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? 'Name a model; the Engines view lists them.' : null),
  });
  return name?.trim();
}

/** Asks for a key, which is not shown. @returns undefined if cancelled */
export async function askKey(title: string, prompt: string): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title,
    prompt,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\x21-\x7e]*$/.test(text.trim()) ? null : 'This contains characters that no key has.',
  });
  return entered?.trim();
}

/**
 * Lets the user enter or reuse a key. It is passed through the program's environment, never in an argument, a setting
 * or a file.
 */
export async function chooseKey(
  title: string,
  url: string,
  secrets: vscode.SecretStorage,
): Promise<Record<string, string> | undefined> {
  const place = secretName(url);
  const kept = await secrets.get(place);
  const none = environmentKeys(url);
  const env =
    Object.keys(none).length === 0
      ? { label: 'No key, or that of the environment', detail: 'CHIRALITY_API_KEY, where it is set' }
      : {
          label: 'No key',
          detail: 'This address is not in your own settings: keys of the environment are not sent there',
        };
  const own = { label: 'The stored key', detail: `That of ${url}` };
  const enter = {
    label: 'Enter a key…',
    detail: 'VS Code stores it with its secrets, for this address only',
  };
  const forget = { label: 'Delete the stored key' };
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
  const key = await askKey(title, `Key for ${url}`);
  if (!key) return undefined;
  await secrets.store(place, key);
  return keyIn(key);
}
