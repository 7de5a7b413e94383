import * as vscode from 'vscode';
import type { Command } from '../app.ts';
import { commandFiles, visibleEditor } from '../data-files.ts';

/** Opens the Playground: with a picture, with a row, that of a cursor or of the Pair panel, or as it was. */
export const openPlayground: Command = async ({ playground, panels }, ...args) => {
  const [file, line] = args;
  if (file instanceof vscode.Uri && typeof line === 'number') return playground.openRow(file, line);
  const row = panels.pair.front?.row;
  if (row) return playground.openRow(row.uri, row.line);
  const [uri] = commandFiles(args);
  if (uri?.path.endsWith('.qa.jsonl'))
    return playground.openRow(uri, (visibleEditor(uri)?.selection.active.line ?? 0) + 1);
  if (file instanceof vscode.Uri && uri) return playground.openPicture(uri);
  return playground.open();
};

export const stopModel: Command = ({ models }, engine) => {
  const { id } = (engine ?? {}) as { id?: unknown };
  if (typeof id === 'string') models.stop(id);
};
