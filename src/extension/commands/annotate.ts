import * as vscode from 'vscode';
import type { Command } from '../app.ts';
import { commandFiles } from '../data-files.ts';

/** Opens data files in the annotation editor, in the place of the text. */
export const annotate: Command = async ({ annotation }, ...args) => {
  for (const uri of commandFiles(args)) {
    await annotation.open(uri);
    // Editors of one file share its undo steps: two of them side by side would take back each other's.
    const texts = vscode.window.tabGroups.activeTabGroup.tabs.filter(
      ({ input, isDirty }) =>
        input instanceof vscode.TabInputText && input.uri.toString() === uri.toString() && !isDirty,
    );
    await vscode.window.tabGroups.close(texts, true);
  }
};
