import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import { onPath } from './node.ts';
import { environment } from './program.ts';

/**
 * Puts the command `chirality` on the PATH of terminals, in trusted folders: a small script that runs the program of
 * this extension. Nothing is started for that; which Node it will use is the next best guess.
 * @param bin folder of the script
 */
export function offerInTerminals(
  terminals: vscode.EnvironmentVariableCollection,
  bin: string,
): vscode.Disposable {
  terminals.description = 'The command `chirality`.';
  const update = () => {
    terminals.clear();
    if (!vscode.workspace.isTrusted) return;
    const setting = vscode.workspace.getConfiguration('chirality').get('nodePath', '');
    terminals.prepend('PATH', bin + delimiter);
    terminals.replace(
      'CHIRALITY_NODE',
      setting || (onPath('node', process.env.PATH ?? '') ?? process.execPath),
    );
    for (const [name, value] of Object.entries(environment())) terminals.replace(name, value);
  };
  update();
  const listening = [
    vscode.workspace.onDidGrantWorkspaceTrust(update),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('chirality') && update()),
  ];
  return vscode.Disposable.from(...listening);
}
