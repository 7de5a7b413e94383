import { sep } from 'node:path';
import * as vscode from 'vscode';
import { NodeNotFound } from './node.host.ts';
import { NotTrusted } from './cli-program.host.ts';

/**
 * Performs an action that starts the program or writes files. Shows errors with a fix and a Try Again button, which
 * keeps VS Code from hiding them after some seconds.
 */
export async function reportErrors(what: string, work: () => Promise<unknown>): Promise<void> {
  const trusted = () => {
    requireTrust();
    return work();
  };
  await reportReading(what, trusted, { 'Try Again': () => reportErrors(what, work) });
}

/** Rejects actions in untrusted folders. @throws NotTrusted in Restricted Mode */
export function requireTrust(): void {
  if (!vscode.workspace.isTrusted) throw new NotTrusted();
}

/**
 * Performs an action that only reads, and therefore requires no trust. Shows errors with a fix. If the error's own fix
 * is the program's command that sets up the torch engine, offers the editor's command in its place.
 */
export async function reportReading(
  what: string,
  work: () => Promise<unknown>,
  buttons: Record<string, () => unknown> = {},
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isAbort(error)) return;
    if (error instanceof NotTrusted) {
      await offer(vscode.window.showWarningMessage, error.message, {
        'Manage Workspace Trust': () => vscode.commands.executeCommand('workbench.trust.manage'),
      });
    } else if (error instanceof NodeNotFound) {
      await offer(vscode.window.showErrorMessage, error.message, {
        'Open Setting': () => openSetting('chirality.nodePath'),
      });
    } else {
      const { message } = error as Error;
      const setUp = {
        'Set Up Torch Engine': () => vscode.commands.executeCommand('chirality.engines.setUpTorch'),
      };
      void offer(vscode.window.showErrorMessage, `${what}: ${relative(message)}`, {
        ...(message.includes('`chirality engine setup torch`') && setUp),
        ...buttons,
      });
    }
  }
}

/**
 * Opens a machine setting. In a remote window, VS Code shows such a setting only among the settings of the remote
 * machine, not among the user's settings.
 */
export const openSetting = (id: string): Thenable<unknown> =>
  vscode.env.remoteName === undefined
    ? vscode.commands.executeCommand('workbench.action.openSettings', id)
    : vscode.commands.executeCommand('workbench.action.openRemoteSettings', { query: id });

/** Returns a message whose paths are relative to the workspace folders, as in the Explorer. */
const relative = (message: string): string =>
  (vscode.workspace.workspaceFolders ?? []).reduce(
    (text, { uri }) => text.replaceAll(uri.fsPath + sep, ''),
    message,
  );

/** Returns whether an error means that the user cancelled the work. */
export const isAbort = (error: unknown): boolean => (error as Error).name === 'AbortError';

/**
 * Shows a notification during some work. @param work gets the options for the program: a signal that the notification's
 * button aborts, and a function that shows output lines
 * @param options.signal also aborts the work
 */
export function withProgress<T>(
  title: string,
  work: (
    shown: { signal: AbortSignal; onLine: (line: string) => void },
    progress: vscode.Progress<{ message?: string; increment?: number }>,
  ) => Promise<T>,
  { cancellable = true, signal }: { cancellable?: boolean; signal?: AbortSignal } = {},
): Thenable<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable },
    (progress, token) => {
      const stop = new AbortController();
      token.onCancellationRequested(() => stop.abort());
      const stopped = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
      return work({ signal: stopped, onLine: (message) => progress.report({ message }) }, progress);
    },
  );
}

/**
 * Reports in the status bar that something started, which its panel shows from then on. A notification would remain in
 * the list of notifications after the end.
 */
export const tellStarted = (text: string): vscode.Disposable =>
  vscode.window.setStatusBarMessage(`$(check) ${text}`, 10_000);

/** Asks a modal question. @param yes label of the button that confirms */
export const confirm = async (
  message: string,
  detail: string,
  yes: string,
  show: typeof vscode.window.showWarningMessage = vscode.window.showWarningMessage,
): Promise<boolean> => (await show(message, { modal: true, detail }, yes)) === yes;

/** Shows a message with buttons, and runs the action of the button that the user presses. */
export async function offer(
  show: (message: string, ...buttons: string[]) => Thenable<string | undefined>,
  message: string,
  buttons: Record<string, () => unknown>,
): Promise<void> {
  const pressed = await show(message, ...Object.keys(buttons));
  if (pressed !== undefined) await buttons[pressed]?.();
}
