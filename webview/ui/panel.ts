import type { ComponentChild } from 'preact';
import { render } from 'preact';
import { Channel, type Api, type PanelHost } from '../../src/core/protocol/channel.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** May be acquired only once in the life of a page. */
const vscode = acquireVsCodeApi();
const root = document.getElementById('app')!;

/** After this long without a word from the host, the page says so instead of staying empty. */
const SILENCE_MS = 20_000;
/** How often the host hears what is to be remembered: sliders and typing change it many times a second. */
const REMEMBER_MS = 500;

interface Frame<Host extends Api<Host>, Memory> {
  host: Channel<Host>;
  /** What the page of a former life remembered; null the first time. */
  memory: Memory | null;
  /** Keeps what the next page begins with: VS Code while there is the tab, the host also when the tab is gone. */
  remember(memory: Memory): void;
}

/**
 * Opens the conversation with the extension host, which is told that the page is ready when the page's own script has
 * run.
 * @param page what the host may call
 * @param silent shows why there is nothing to show
 */
export function openPanel<Host extends Api<Host>, Memory>(
  page: ConstructorParameters<typeof Channel>[1],
  silent?: (why: string) => void,
): Frame<Host, Memory> {
  const timer = setTimeout(
    () => silent?.('The extension does not answer. Close this panel and open it again.'),
    SILENCE_MS,
  );
  const channel = new Channel<Host & PanelHost>(
    {
      post: (message) => vscode.postMessage(message),
      listen: (receive) =>
        addEventListener('message', ({ data }) => {
          clearTimeout(timer);
          receive(data);
        }),
    },
    page,
  );
  const shared = channel as unknown as Channel<PanelHost>;
  queueMicrotask(() => shared.notify('ready', null));
  let latest: Memory;
  let resting: ReturnType<typeof setTimeout> | undefined;
  return {
    host: channel as unknown as Channel<Host>,
    // What this page, or the host for it, kept.
    memory: (vscode.getState() ?? JSON.parse(root.dataset.memory ?? 'null')) as Memory | null,
    remember: (memory) => {
      vscode.setState((latest = memory));
      resting ??= setTimeout(() => {
        resting = undefined;
        shared.notify('remember', latest);
      }, REMEMBER_MS);
    },
  };
}

/** Draws the page. */
export const draw = (page: ComponentChild) => render(page, root);

/** Draws many changes of one turn once. */
export function drawLater(page: () => ComponentChild): () => void {
  let due = false;
  return () => {
    if (due) return;
    due = true;
    queueMicrotask(() => {
      due = false;
      draw(page());
    });
  };
}
