import * as vscode from 'vscode';
import { PLAYGROUND_COMMANDS } from '../../core/protocol/playground.ts';
import type { Command } from '../app.ts';
import { commandFiles, visibleEditor } from '../data-files.ts';

/** Opens the Playground: with a picture, with a row, that of a cursor or of the Pair panel, or as it was. */
const openPlayground: Command = async ({ playground, panels }, ...args) => {
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

/** What the panel does depends on what its page shows: its commands are passed on. */
const passOn = PLAYGROUND_COMMANDS.map((name): [string, Command] => [
  `chirality.playground.${name}`,
  ({ playground }) => playground.command(name),
]);

export const playgroundCommands: Readonly<Record<string, Command>> = {
  'chirality.openPlayground': openPlayground,
  'chirality.engines.stopModel': ({ models }, engine) => {
    const { id } = (engine ?? {}) as { id?: unknown };
    if (typeof id === 'string') models.stop(id);
  },
  ...Object.fromEntries(passOn),
};
