import * as vscode from 'vscode';
import { endpointsOf, listedEndpoints } from './listed-endpoints.host.ts';

/** Returns the name of a key's secret: by address, because settings could give a server's name to another server. */
const secretName = (url: string): string => `chirality.key ${url}`;

const keyIn = (key: string): Record<string, string> => ({ CHIRALITY_API_KEY: key });

/**
 * Returns variables that hide the environment's keys from the program, unless the address is in the user settings. A
 * folder's settings can contain any server.
 */
function environmentKeys(url: string): Record<string, string> {
  const { globalValue } = vscode.workspace.getConfiguration('chirality').inspect('endpoints') ?? {};
  const isOwn = endpointsOf(globalValue).some((endpoint) => endpoint.url === url);
  return isOwn ? {} : { CHIRALITY_API_KEY: '', OPENAI_API_KEY: '' };
}

/** Returns a variable with the key that is stored for an address; without a stored key, `environmentKeys`. */
async function keyOf(url: string, secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const kept = await secrets.get(secretName(url));
  return kept === undefined ? environmentKeys(url) : keyIn(kept);
}

/**
 * Returns the options and variables with which the program calls a model behind an endpoint. The user might have
 * removed the address of a restored panel from the settings; a removed address must get neither key nor image.
 * @throws Error if the address is not in the settings
 */
export async function endpointCommand(
  { url, model, key }: { url: string; model: string; key: boolean },
  secrets: vscode.SecretStorage,
): Promise<{ args: string[]; env: Record<string, string> }> {
  const listed = listedEndpoints().find((endpoint) => endpoint.url === url);
  if (!listed) throw new Error(`${url} is not in the setting chirality.endpoints. Add the endpoint first.`);
  return {
    args: ['--endpoint', url, '--model', model, ...(listed.video ? ['--video'] : [])],
    env: key ? await keyOf(url, secrets) : environmentKeys(url),
  };
}

export async function askModelName(
  title: string,
  endpoint: string,
  example: string,
): Promise<string | undefined> {
  const name = await vscode.window.showInputBox({
    title,
    prompt: `Enter the name of the model on ${endpoint}`,
    placeHolder: example,
    ignoreFocusOut: true,
    validateInput: (text) =>
      text.trim() === '' ? 'Enter a model name. The Engines view lists available models.' : null,
  });
  return name?.trim();
}

/** Asks for a key, and hides the typed text. @returns undefined if cancelled */
async function askKey(title: string, prompt: string): Promise<string | undefined> {
  const entered = await vscode.window.showInputBox({
    title,
    prompt,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) =>
      /^[\x21-\x7e]*$/.test(text.trim()) ? null : 'The key contains invalid characters.',
  });
  return entered?.trim();
}

/**
 * Lets the user enter a key or reuse a stored key. The program receives the key only in its environment, never in an
 * argument, a setting or a file.
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
      ? { label: 'Use Environment Key or No Key', detail: 'Key from CHIRALITY_API_KEY, if set' }
      : { label: 'Use No Key', detail: 'Environment keys are sent only to addresses in your user settings' };
  const stored = { label: 'Use Stored Key', detail: `Key for ${url}` };
  const enter = { label: 'Enter Key…', detail: 'VS Code stores the key as a secret for this address only' };
  const forget = { label: 'Delete Stored Key' };
  const picked = await vscode.window.showQuickPick(
    kept === undefined ? [env, enter] : [stored, env, enter, forget],
    { title, placeHolder: 'Select a key', ignoreFocusOut: true },
  );
  if (picked === env) return none;
  if (picked === stored) return keyIn(kept!);
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

const TINKER_TITLE = 'Set Tinker Key';
const HOSTED = 'https://tinker.thinkingmachines.dev';
/** Name of the secret that contains both key and address, so that the key is never sent to a different server. */
const TINKER_SECRET = 'chirality.tinker';

interface TinkerKey {
  origin: string;
  key: string;
}

async function storedTinkerKey(secrets: vscode.SecretStorage): Promise<TinkerKey | undefined> {
  const text = await secrets.get(TINKER_SECRET);
  return text === undefined ? undefined : (JSON.parse(text) as TinkerKey);
}

/**
 * Returns the variables with the stored Tinker key for runs. The program sends the key only to the server in
 * TINKER_API_URL, even if a config contains another server.
 */
export async function tinkerKey(secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const stored = await storedTinkerKey(secrets);
  return stored ? { TINKER_API_KEY: stored.key, TINKER_API_URL: stored.origin } : {};
}

/** Lets the user enter, replace or delete the key of a Tinker server. VS Code stores the key as a secret. */
export async function setTinkerKey({ secrets }: Pick<vscode.ExtensionContext, 'secrets'>): Promise<void> {
  const stored = await storedTinkerKey(secrets);
  const url = await vscode.window.showInputBox({
    title: TINKER_TITLE,
    prompt: 'Enter the address of the training server (engine.url in the config)',
    value: stored?.origin ?? HOSTED,
    ignoreFocusOut: true,
    validateInput: (text) => (originOf(text) === null ? 'The address must be a server URL.' : null),
  });
  const origin = originOf(url ?? '');
  if (origin === null) return;
  const empty = stored ? ' Leave the field empty to delete the stored key.' : '';
  const key = await askKey(TINKER_TITLE, `Enter the key for ${origin}.${empty}`);
  if (key === undefined) return;
  if (key) await secrets.store(TINKER_SECRET, JSON.stringify({ origin, key } satisfies TinkerKey));
  else await secrets.delete(TINKER_SECRET);
  void vscode.window.showInformationMessage(
    key ? `Stored the key. Runs started from VS Code send the key only to ${origin}.` : 'Deleted the key.',
  );
}

function originOf(text: string): string | null {
  if (!URL.canParse(text.trim())) return null;
  const { protocol, origin } = new URL(text.trim());
  return protocol === 'https:' || protocol === 'http:' ? origin : null;
}
