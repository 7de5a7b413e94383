import * as vscode from 'vscode';
import { askKey } from './endpoint-key.ts';

const TITLE = 'Set Tinker Key';
const HOSTED = 'https://tinker.thinkingmachines.dev';
/** One secret with both, so that a key never goes to another server than it was given for. */
const SECRET = 'chirality.tinker';

interface StoredKey {
  origin: string;
  key: string;
}

async function storedKey(secrets: vscode.SecretStorage): Promise<StoredKey | undefined> {
  const text = await secrets.get(SECRET);
  return text === undefined ? undefined : (JSON.parse(text) as StoredKey);
}

/**
 * The variables with which runs get the stored key. The program sends it to the server in TINKER_API_URL alone,
 * whatever a config says.
 */
export async function tinkerKey(secrets: vscode.SecretStorage): Promise<Record<string, string>> {
  const stored = await storedKey(secrets);
  return stored ? { TINKER_API_KEY: stored.key, TINKER_API_URL: stored.origin } : {};
}

/** Lets the user enter, replace or delete the key of a Tinker server, which VS Code stores with its secrets. */
export async function setTinkerKey({ secrets }: Pick<vscode.ExtensionContext, 'secrets'>): Promise<void> {
  const stored = await storedKey(secrets);
  const url = await vscode.window.showInputBox({
    title: TITLE,
    prompt: 'Address of the training server: engine.url in the config',
    value: stored?.origin ?? HOSTED,
    ignoreFocusOut: true,
    validateInput: (text) => (originOf(text) === null ? 'This is not the address of a server.' : null),
  });
  const origin = originOf(url ?? '');
  if (origin === null) return;
  const empty = stored ? '. Leave it empty to delete the stored key' : '';
  const key = await askKey(TITLE, `Key for ${origin}${empty}`);
  if (key === undefined) return;
  if (key) await secrets.store(SECRET, JSON.stringify({ origin, key } satisfies StoredKey));
  else await secrets.delete(SECRET);
  void vscode.window.showInformationMessage(
    key ? `Runs started from here send the key to ${origin} and nowhere else.` : 'The key was deleted.',
  );
}

function originOf(text: string): string | null {
  if (!URL.canParse(text.trim())) return null;
  const { protocol, origin } = new URL(text.trim());
  return protocol === 'https:' || protocol === 'http:' ? origin : null;
}
