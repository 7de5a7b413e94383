import { delimiter } from 'node:path';
import * as vscode from 'vscode';
import { onPath } from './node.ts';

/**
 * Puts the command `chirality` on the PATH of terminals, in trusted folders: a small script that runs the program of
 * this extension. Nothing is started for that; which Node it will use is the next best guess.
 * @param bin folder of the script
 */
export function offerInTerminals(
  environment: vscode.EnvironmentVariableCollection,
  bin: string,
): vscode.Disposable {
  environment.description = 'The command `chirality`.';
  const update = () => {
    environment.clear();
    if (!vscode.workspace.isTrusted) return;
    const setting = vscode.workspace.getConfiguration('chirality').get('nodePath', '');
    environment.prepend('PATH', bin + delimiter);
    environment.replace(
      'CHIRALITY_NODE',
      setting || (onPath('node', process.env.PATH ?? '') ?? process.execPath),
    );
  };
  update();
  const listening = [
    vscode.workspace.onDidGrantWorkspaceTrust(update),
    vscode.workspace.onDidChangeConfiguration(
      (event) => event.affectsConfiguration('chirality.nodePath') && update(),
    ),
  ];
  return vscode.Disposable.from(...listening);
}
