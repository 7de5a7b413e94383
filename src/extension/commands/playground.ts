import * as vscode from 'vscode';
import { PLAYGROUND_COMMANDS } from '../../core/protocol/playground.ts';
import type { Command } from '../commands.ts';
import { commandFiles } from '../data-files.ts';

/** Opens the Playground: with a picture, with a row (a data file and a line from 1), or as it was. */
const openPlayground: Command = async ({ playground }, ...args) => {
  const [uri] = args[0] instanceof vscode.Uri ? commandFiles(args) : [];
  if (!uri) playground.open();
  else if (typeof args[1] === 'number') await playground.openRow(uri, args[1]);
  else await playground.openPicture(uri);
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
