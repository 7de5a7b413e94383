import { Channel, type Api } from '../../src/core/protocol/channel.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** May be acquired only once in the life of a page. */
const vscode = acquireVsCodeApi();

/** Opens the conversation with the extension host; `page` is what the host may call. */
export function connect<Host extends Api<Host>>(
  page: ConstructorParameters<typeof Channel>[1],
): Channel<Host> {
  return new Channel<Host>(
    {
      post: (message) => vscode.postMessage(message),
      listen: (receive) => addEventListener('message', (event) => receive(event.data)),
    },
    page,
  );
}

/** What the page keeps over a reload of the window; null the first time. */
export const memory = {
  get: <T>() => (vscode.getState() ?? null) as T | null,
  set: <T>(state: T) => vscode.setState(state),
};
