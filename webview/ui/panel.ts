import { type ComponentChild, h, render } from 'preact';
import { Channel, type Api, type PanelHost } from '../../src/base/channel.ts';
import { ManageTrust } from './message-line.tsx';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** API of VS Code, which a page can acquire only once. */
const vscode = acquireVsCodeApi();
let manageTrust: () => void = () => undefined;
const root = document.getElementById('app')!;

/** Time without a message from the host after which the page shows an error instead of an empty page, in ms. */
const SILENCE_MS = 20_000;
/** Minimum delay between sending states to the host, in ms. Sliders and typing change the state many times a second. */
const REMEMBER_MS = 500;

interface Frame<Host extends Api<Host>, Memory> {
  host: Channel<Host>;
  /** State of the previous page; null if there was no previous page. */
  memory: Memory | null;
  /** Stores the state for the next page: in VS Code while the tab is open, and in the host for after the tab closes. */
  remember(memory: Memory): void;
}

/**
 * Opens the channel to the extension host. Reports that the page is ready when the page's own script has run.
 * @param page functions that the host can call
 * @param silent receives the reason if the host does not answer
 */
export function openPanel<Host extends Api<Host>, Memory>(
  page: ConstructorParameters<typeof Channel>[1],
  silent?: (why: string) => void,
): Frame<Host, Memory> {
  const timer = setTimeout(
    () => silent?.('The Chirality extension does not respond. Close and reopen this panel.'),
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
  manageTrust = () => shared.notify('manageTrust', null);
  queueMicrotask(() => shared.notify('ready', null));
  let latest: Memory;
  let resting: ReturnType<typeof setTimeout> | undefined;
  return {
    host: channel as unknown as Channel<Host>,
    // Use the state in VS Code, or else the host's copy, which was validated when this page sent it.
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

export const draw = (page: ComponentChild) =>
  render(h(ManageTrust.Provider, { value: manageTrust }, page), root);

/** Returns a function that draws the page once for all changes in the same turn of the event loop. */
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
