import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Channel, type Api } from '../../core/protocol/channel.ts';
import type { CallTable } from '../../core/protocol/calls.ts';
import { checkMessage } from './gate.ts';
import { pageHtml } from './page-html.ts';
import * as z from 'zod/mini';

/** The options of every panel: it may run the bundles in `dist/webview`, and nothing else. */
export const webviewOptions = (extensionUri: vscode.Uri): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist/webview')],
});

/** Copies a text to the clipboard, and says so in the status bar. */
export async function copyText({ text, done }: { text: string; done: string }): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(done, 3000);
}

/** Lets the user choose where to save a file that a page has made. @param elsewhere the folder without a workspace */
export async function saveFile(
  { name, bytes }: { name: string; bytes: Uint8Array },
  elsewhere?: vscode.Uri,
): Promise<void> {
  const proposed = basename(name);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? elsewhere;
  const uri = await vscode.window.showSaveDialog(
    folder ? { defaultUri: vscode.Uri.joinPath(folder, proposed) } : {},
  );
  if (!uri) return;
  try {
    await vscode.workspace.fs.writeFile(uri, bytes);
  } catch (error) {
    void vscode.window.showErrorMessage(`${proposed} could not be saved: ${(error as Error).message}`);
  }
}

/** Keeps a panel's state while it has no page. */
export interface PageStore<Memory> {
  /** The page's initial state; null if there is none. */
  memory: Memory | null;
  remember(memory: unknown): void;
}

/**
 * The page in a webview panel, and the channel to it. VS Code discards a hidden page and restarts it when it is shown.
 * Each start sends `ready` and opens a new channel, so that answers to the old page never reach the new one.
 */
export class Page<Theirs extends Api<Theirs>> {
  private channel: Channel<Theirs> | null = null;

  /**
   * Fills the panel.
   * @param name of the bundle: `dist/webview/<name>.js` and `.css`.
   * @param host functions that the page may call; `ready` is called at every start, and must send the page the latest
   * state.
   * @param calls schemas that check what the page sends; nothing else reaches the host.
   * @param store keeps the page's memory; editors of files leave that to VS Code alone.
   */
  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    name: string,
    host: { ready(args: null): unknown },
    calls: CallTable,
    store?: PageStore<unknown>,
  ) {
    const { webview } = panel;
    webview.options = webviewOptions(extensionUri);
    let receive: (message: unknown) => void = () => undefined;
    const table = store ? { ...calls, remember: z.unknown() } : calls;
    webview.onDidReceiveMessage((sent: unknown) => {
      const checked = checkMessage(table, sent);
      if (!checked) return;
      if ('refusal' in checked) {
        void webview.postMessage({ type: 'error', id: checked.id, message: checked.refusal });
        return;
      }
      const { message } = checked;
      if (message.type === 'notify' && message.name === 'ready') {
        this.channel?.close(new Error('The page is gone.'));
        this.channel = new Channel<Theirs>(
          {
            post: (reply) => void webview.postMessage(reply),
            listen: (listener) => (receive = listener),
          },
          { remember: (memory: unknown) => store?.remember(memory), ...host } as ConstructorParameters<
            typeof Channel
          >[1],
        );
      }
      receive(message);
    });
    panel.onDidDispose(() => this.close());
    const file = (extension: string) =>
      webview
        .asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist/webview', `${name}.${extension}`))
        .toString();
    webview.html = pageHtml({
      script: file('js'),
      style: file('css'),
      cspSource: webview.cspSource,
      nonce: randomBytes(16).toString('base64'),
      memory: store?.memory ?? null,
    });
  }

  /** Sends the page a message, which is lost while there is no page. */
  readonly notify: Channel<Theirs>['notify'] = (...args) => this.channel?.notify(...args);

  /** Closes the channel. The panel stays, so that a restarted host gets it back. */
  close(): void {
    this.channel?.close(new Error('The panel was closed.'));
    this.channel = null;
  }
}
