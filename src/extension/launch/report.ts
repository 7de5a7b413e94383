import * as vscode from 'vscode';
import { Cancelled } from '../../core/protocol/channel.ts';
import { NoNode } from './node.ts';
import { NotTrusted } from './program.ts';

/** Does the work of a command that starts the program; what went wrong is told, with what to do about it. */
export async function telling(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    if (!vscode.workspace.isTrusted) throw new NotTrusted();
    await work();
  } catch (error) {
    if (error instanceof Cancelled) return;
    if (error instanceof NotTrusted) {
      await offer(vscode.window.showWarningMessage, error.message, {
        'Manage Workspace Trust': () => vscode.commands.executeCommand('workbench.trust.manage'),
      });
    } else if (error instanceof NoNode) {
      await offer(vscode.window.showErrorMessage, error.message, {
        'Open Setting': () =>
          vscode.commands.executeCommand('workbench.action.openSettings', 'chirality.nodePath'),
      });
    } else {
      void vscode.window.showErrorMessage(`${what}: ${(error as Error).message}`);
    }
  }
}

/** A message with buttons, and what they do. */
export async function offer(
  show: (message: string, ...buttons: string[]) => Thenable<string | undefined>,
  message: string,
  buttons: Record<string, () => unknown>,
): Promise<void> {
  const pressed = await show(message, ...Object.keys(buttons));
  if (pressed !== undefined) await buttons[pressed]?.();
}
