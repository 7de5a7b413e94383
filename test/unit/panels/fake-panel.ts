import { vi } from 'vitest';
import { EventEmitter, type Uri } from '../extension/fake-vscode.ts';

interface Sent<Args> {
  type: string;
  name?: string;
  id?: number;
  args: Args;
  message?: string;
}

/** A webview panel that nobody sees: the test is its page. `Args` is what the host tells it. */
export function fakePanel<Args = unknown>() {
  const message = new EventEmitter<unknown>();
  const view = new EventEmitter<unknown>();
  const closed = new EventEmitter<unknown>();
  const sent: Sent<Args>[] = [];
  const panel = {
    visible: true,
    active: true,
    title: '',
    reveal: vi.fn(),
    dispose: vi.fn(() => closed.fire(null)),
    onDidChangeViewState: view.event,
    onDidDispose: closed.event,
    webview: {
      options: {},
      html: '',
      cspSource: '',
      asWebviewUri: (uri: Uri) => uri,
      onDidReceiveMessage: message.event,
      postMessage: (what: Sent<Args>) => Promise.resolve(sent.push(what)),
    },
  };
  const notify = (name: string, args: unknown) => message.fire({ type: 'notify', name, args });
  let id = 0;
  return {
    panel,
    sent,
    see: (visible: boolean) => {
      panel.visible = visible;
      view.fire(null);
    },
    focus: (active: boolean) => {
      panel.active = active;
      view.fire(null);
    },
    close: () => closed.fire(null),
    fire: (what: unknown) => message.fire(what),
    notify,
    ready: () => notify('ready', null),
    call: (name: string, args: unknown) => message.fire({ type: 'call', id: ++id, name, args }),
    /** What `show` told, the first first. */
    shown: () => sent.filter(({ name }) => name === 'show').map(({ args }) => args),
  };
}
