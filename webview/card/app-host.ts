// Page's side of an MCP App (io.modelcontextprotocol/ui): JSON-RPC in messages to the surrounding frame. The official
// class is twice as large as a card can be. A test connects this code to the official host.

export interface ToolResult {
  structuredContent?: unknown;
  content?: { type: string; text?: string; data?: string; mimeType?: string }[];
  isError?: boolean;
}

/** Information that the host sends about itself. */
interface HostContext {
  theme?: string;
  styles?: { variables?: Record<string, unknown> };
}

interface Handlers {
  result(result: ToolResult): void;
  /** Receives whether the host allows the page to call tools. */
  ready(canCall: boolean): void;
}

interface Message {
  id?: number | string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { message?: string };
}

const VERSION = '2026-01-26';

/** Introduces the page to its host, and applies the host's theme. @returns a function that calls a tool */
export function connectApp({
  result,
  ready,
}: Handlers): (name: string, input: unknown) => Promise<ToolResult> {
  const host = window.parent;
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (why: Error) => void }>();
  let last = 0;
  const post = (message: Message) => host.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const ask = <T>(method: string, params: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++last;
      waiting.set(id, { resolve, reject });
      post({ id, method, params });
    });
  window.addEventListener('message', ({ source, data }: MessageEvent<Message | null>) => {
    if (source !== host || typeof data !== 'object' || data === null) return;
    const { id, method, params } = data;
    if (method === 'ui/notifications/tool-result') result(params as ToolResult);
    else if (method === 'ui/notifications/host-context-changed') followTheme(params as HostContext);
    else if (method !== undefined && id !== undefined) post({ id, result: {} });
    else if (typeof id === 'number') {
      const call = waiting.get(id);
      waiting.delete(id);
      if (data.error) call?.reject(new Error(data.error.message));
      else call?.resolve(data.result as never);
    }
  });
  new ResizeObserver(() => {
    const { scrollWidth: width, scrollHeight: height } = document.documentElement;
    post({ method: 'ui/notifications/size-changed', params: { width, height } });
  }).observe(document.body);
  const about = {
    appInfo: { name: 'chirality-pair', version: '1' },
    appCapabilities: {},
    protocolVersion: VERSION,
  };
  void ask<{ hostContext?: HostContext; hostCapabilities?: { serverTools?: object } }>(
    'ui/initialize',
    about,
  ).then(({ hostContext, hostCapabilities }) => {
    followTheme(hostContext ?? {});
    post({ method: 'ui/notifications/initialized', params: {} });
    ready(hostCapabilities?.serverTools !== undefined);
  });
  return (name, input) => ask('tools/call', { name, arguments: input });
}

function followTheme({ theme, styles }: HostContext): void {
  const { style } = document.documentElement;
  if (theme === 'light' || theme === 'dark') {
    style.colorScheme = theme;
    document.body.className = `vscode-${theme}`;
  }
  for (const [name, value] of Object.entries(styles?.variables ?? {}))
    // Accept all values except references to other resources.
    if (/^--[a-z0-9-]+$/.test(name) && typeof value === 'string' && !value.includes('url('))
      style.setProperty(name, value);
}
