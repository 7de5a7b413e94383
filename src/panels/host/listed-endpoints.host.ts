import * as vscode from 'vscode';
import { isRecord } from '../../base/json.ts';

/** Server with the OpenAI API, from the settings. */
export interface Endpoint {
  name: string;
  /** Address with the API version: `http://localhost:8000/v1`. */
  url: string;
  /** Prices per million prompt and completion tokens from the settings, by the server's model names. */
  prices?: Readonly<Record<string, readonly [input: number, output: number]>>;
  /** Whether to send the frames of a clip to the server as one video. */
  video?: boolean;
}

const CHECK_MS = 10_000;
/** Maximum number of models to list, because a server can offer hundreds. */
const MAX_MODELS = 50;

/** Returns the usable entries of a setting that a user wrote. If an address occurs twice, the first entry counts. */
export function endpointsOf(setting: unknown): Endpoint[] {
  if (!Array.isArray(setting)) return [];
  const endpoints = setting.flatMap((entry: unknown): Endpoint[] => {
    const { name, url, prices, video } = (entry ?? {}) as Partial<Record<keyof Endpoint, unknown>>;
    if (typeof url !== 'string' || !/^https?:\/\/[^\s/]/.test(url)) return [];
    const shown = typeof name === 'string' && name !== '' ? name : url.replace(/^https?:\/\//, '');
    return [
      {
        name: shown,
        url,
        ...(isRecord(prices) && { prices: usable(prices) }),
        ...(video === true && { video }),
      },
    ];
  });
  return endpoints.filter(({ url }, i) => endpoints.findIndex((other) => other.url === url) === i);
}

export const listedEndpoints = (): Endpoint[] =>
  endpointsOf(vscode.workspace.getConfiguration('chirality').get('endpoints'));

/** List entry that adds an endpoint instead of selecting a model. */
export const ADD_ENDPOINT = '$(add) Add Endpoint…';
export async function addEndpoint(): Promise<undefined> {
  await vscode.commands.executeCommand('chirality.engines.addEndpoint');
}

const usable = (prices: Record<string, unknown>): NonNullable<Endpoint['prices']> =>
  Object.fromEntries(
    Object.entries(prices).flatMap(([model, price]) =>
      Array.isArray(price) &&
      price.length === 2 &&
      price.every((part) => typeof part === 'number' && part >= 0)
        ? [[model, price as [number, number]]]
        : [],
    ),
  );

export async function checkEndpoint({ url }: Endpoint, ask: typeof fetch = fetch): Promise<Fact[]> {
  const address = `${url.replace(/\/+$/, '')}/models`;
  let answer: Response;
  try {
    answer = await ask(address, { signal: AbortSignal.timeout(CHECK_MS), redirect: 'error' });
  } catch (error) {
    return [{ state: 'bad', label: 'No response', detail: reasonOf(error as Error) }];
  }
  if (answer.status === 401 || answer.status === 403) {
    return [{ state: 'note', label: 'Key required', detail: `${answer.status} at ${address}` }];
  }
  const models = answer.ok ? modelsOf(await answer.json().catch(() => null)) : null;
  if (models === null) {
    const detail = `${answer.status} at ${address}. The address must end in the version, for example http://localhost:8000/v1.`;
    return [{ state: 'bad', label: 'Not an OpenAI-compatible server', detail }];
  }
  if (models.length === 0) return [{ state: 'bad', label: 'No models', detail: address }];
  return models.slice(0, MAX_MODELS).map((label) => ({ state: 'good', label, detail: '' }));
}

function modelsOf(body: unknown): string[] | null {
  const data = (body as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return null;
  return data.flatMap((entry: unknown) => {
    const id = (entry as { id?: unknown } | null)?.id;
    return typeof id === 'string' ? [id] : [];
  });
}

/** Returns the reason for a failed `fetch`, from the cause of the error. */
function reasonOf(error: Error): string {
  if (error.name === 'TimeoutError') return `No response within ${CHECK_MS / 1000} s.`;
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

/** One result line of a health check. */
export interface Fact {
  state: 'good' | 'bad' | 'note';
  label: string;
  /** Reason for the result, or a fix; can be empty. */
  detail: string;
}
