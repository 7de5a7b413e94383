import * as vscode from 'vscode';

/** Strategy files in the open folders, with paths that the command-line program accepts. */
export const ownStrategies = {
  glob: '**/*.strategy.yaml',
  async list(): Promise<{ path: string; label: string }[]> {
    const files = await vscode.workspace.findFiles(ownStrategies.glob, '**/{node_modules,runs}/**');
    return files
      .filter(({ scheme }) => scheme === 'file')
      .map((uri) => ({ path: uri.fsPath, label: vscode.workspace.asRelativePath(uri) }))
      .sort((a, b) => a.label.localeCompare(b.label));
  },
};
