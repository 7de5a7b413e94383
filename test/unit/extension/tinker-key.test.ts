import { expect, test } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { setTinkerKey, tinkerKey } from '../../../src/panels/host/endpoint-keys.host.ts';
import { keyFor, keyForConfig } from '../../../src/lab/endpoint.ts';
import { person, record } from './fake-vscode.ts';

const HOSTED = 'https://tinker.thinkingmachines.dev';

function app(): { secrets: App['secrets']; stored: Map<string, string> } {
  const stored = new Map<string, string>();
  const secrets = {
    get: (name: string) => Promise.resolve(stored.get(name)),
    store: (name: string, value: string) => Promise.resolve(void stored.set(name, value)),
    delete: (name: string) => Promise.resolve(void stored.delete(name)),
  } as unknown as App['secrets'];
  return { secrets, stored };
}

/** What a person types into the boxes, by the beginning of their prompts. */
const types = (url: string | undefined, key: string | undefined) => {
  person.type = (prompt) => (prompt.includes('address') ? url : key);
};

test('setTinkerKey: stores a key for one server, regardless of the config', async () => {
  const { secrets, stored } = app();
  types('http://node:8000/api', ' tml-secret ');
  await setTinkerKey({ secrets } as App);
  const env = await tinkerKey(secrets);
  expect(env).toEqual({ TINKER_API_KEY: 'tml-secret', TINKER_API_URL: 'http://node:8000' });
  expect(keyForConfig('http://node:8000', env)).toBe('tml-secret');
  for (const other of [HOSTED, 'http://node:8001', 'http://elsewhere:8000']) {
    expect(keyForConfig(other, env), other).toBeUndefined();
    expect(keyFor(other, env), other).toBeUndefined();
  }
  expect(record.messages.at(-1)!.text).not.toContain('tml-secret');

  types('http://node:8000', '');
  await setTinkerKey({ secrets } as App);
  expect(stored.size).toBe(0);
  expect(await tinkerKey(secrets)).toEqual({});
});

test('setTinkerKey: changes nothing if an input is cancelled or the address is invalid', async () => {
  const { secrets, stored } = app();
  for (const [url, key] of [
    [undefined, 'k'],
    ['node:8000', 'k'],
    ['http://node', undefined],
  ] as const) {
    types(url, key);
    await setTinkerKey({ secrets } as App);
  }
  expect(stored.size).toBe(0);
});

test('keyForConfig: uses the key in the environment only for the hosted server', () => {
  const env = { TINKER_API_KEY: 'tml-1' };
  expect(keyForConfig(HOSTED, env)).toBe('tml-1');
  expect(keyForConfig('http://node:8000', env)).toBeUndefined();
});
