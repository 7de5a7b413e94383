import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { Channel, type Api } from '../base/channel.ts';
import type { CallTable } from './calls.contract.ts';
import { pageHtml } from './page-html.host.ts';
import * as z from 'zod/mini';
import { checkRecord, RecordError } from '../base/record.ts';

/** Returns the options of every panel. A panel can run only the bundles in `dist/webview`. */
export const webviewOptions = (extensionUri: vscode.Uri): vscode.WebviewOptions => ({
  enableScripts: true,
  localResourceRoots: [vscode.Uri.joinPath(extensionUri, 'dist/webview')],
});

/** Copies a text to the clipboard. Shows a message in the status bar. */
export async function copyText({ text, done }: { text: string; done: string }): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(done, 3000);
}

/** Opens VS Code's keyboard shortcuts with a filter for one panel. */
export const openKeybindings = (panel: string): void =>
  void vscode.commands.executeCommand('workbench.action.openGlobalKeybindings', `chirality.${panel}`);

/** Lets the user choose where to save a file from a page. @param elsewhere proposed folder if no workspace is open */
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
    void vscode.window.showErrorMessage(`Cannot save ${proposed}: ${(error as Error).message}`);
  }
}

export interface HostedCalls {
  ready(args: null): unknown;
}

/** Store for the state of a panel's page while the page does not exist. */
export interface PageStore<Memory> {
  /** Initial state of the page; null if no state is stored. */
  memory: Memory | null;
  remember(memory: unknown): void;
}

/**
 * Page in a webview panel, with its channel. VS Code discards a hidden page and restarts it when the panel becomes
 * visible. Each start sends `ready` and opens a new channel, so that answers for the old page never reach the new page.
 */
export class Page<Theirs extends Api<Theirs>> {
  private channel: Channel<Theirs> | null = null;

  /**
   * Fills the panel.
   * @param name name of the bundle: `dist/webview/<name>.js` and `.css`
   * @param host returns the functions that the page can call; `ready` is called at every start, and must send the
   * latest state to the page
   * @param calls schemas that validate messages from the page; invalid messages never reach the host
   * @param store stores the page's state; for editors of files, VS Code stores the state
   */
  constructor(
    readonly panel: vscode.WebviewPanel,
    extensionUri: vscode.Uri,
    name: string,
    host: () => HostedCalls,
    calls: CallTable,
    store?: PageStore<unknown>,
  ) {
    const { webview } = panel;
    webview.options = webviewOptions(extensionUri);
    let receive: (message: unknown) => void = () => undefined;
    const table = { ...calls, manageTrust: z.null(), ...(store && { remember: z.unknown() }) };
    webview.onDidReceiveMessage((sent: unknown) => {
      const checked = checkMessage(table, sent);
      if (!checked) return;
      if ('refusal' in checked) {
        void webview.postMessage({ type: 'error', id: checked.id, message: checked.refusal });
        return;
      }
      const { message } = checked;
      if (message.type === 'notify' && message.name === 'ready') {
        this.channel?.close(new Error('The page was closed.'));
        this.channel = new Channel<Theirs>(
          { post: (reply) => void webview.postMessage(reply), listen: (listener) => (receive = listener) },
          {
            remember: (memory: unknown) => store?.remember(memory),
            manageTrust: () => void vscode.commands.executeCommand('workbench.trust.manage'),
            ...host(),
          } as ConstructorParameters<typeof Channel>[1],
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

  /** Sends the page a message. The message is lost if there is no page. */
  readonly notify: Channel<Theirs>['notify'] = (...args) => this.channel?.notify(...args);

  /** Closes the channel. The panel stays open, so that a restarted host can use it again. */
  close(): void {
    this.channel?.close(new Error('The panel was closed.'));
    this.channel = null;
  }
}

/** Messages that a page can send: a call, a message without an answer, or the end of a call. */
const envelopeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: z.int(), name: z.string(), args: z.unknown() }),
  z.object({ type: z.literal('notify'), name: z.string(), args: z.unknown() }),
  z.object({ type: z.literal('cancel'), id: z.int() }),
]);
type PageMessage = z.output<typeof envelopeSchema>;

/**
 * Validates a message from a page. The page is untrusted because it can show text from unknown authors.
 * @returns the message with only the fields of its schema; for a rejected call, its number and the reason; null for any
 * other rejected message
 */
export function checkMessage(
  calls: CallTable,
  message: unknown,
): { message: PageMessage } | { id: number; refusal: string } | null {
  const { success, data } = envelopeSchema.safeParse(message);
  if (!success) return null;
  if (data.type === 'cancel') return { message: data };
  const { type, name } = data;
  const refuse = (refusal: string) => (type === 'call' ? { id: data.id, refusal } : null);
  if (!Object.hasOwn(calls, name)) return refuse(`Unknown panel request "${name}".`);
  try {
    const args = checkRecord(calls[name]!, data.args, { file: `Panel request "${name}"` });
    return { message: { ...data, args } };
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return refuse(error.message);
  }
}

/** Polls for changes while a panel is visible. Two polls never overlap. */
export class Poller implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private ended = false;

  /** @param poll must not reject @param pause milliseconds from the end of a poll to the start of the next poll */
  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly poll: () => Promise<void>,
    private readonly pause: () => number,
  ) {
    panel.onDidChangeViewState(() => this.now());
    this.now();
  }

  now(): void {
    this.after(0);
  }

  dispose(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private after(delay: number): void {
    clearTimeout(this.timer);
    if (this.ended || !this.panel.visible) return;
    this.timer = setTimeout(() => {
      this.polling = this.polling.then(this.poll);
      void this.polling.then(() => this.after(this.pause()));
    }, delay);
  }
}
