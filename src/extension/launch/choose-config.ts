import { posix } from 'node:path';
import * as vscode from 'vscode';
import { commandFiles } from '../data-files.ts';

interface Kind {
  /** How the names of its files end. */
  ending: string;
  title: string;
  placeHolder: string;
  /** What is offered beside the files. */
  fresh: string;
  make: () => Promise<void>;
}

/**
 * The file of a command's arguments, or one of its kind in the workspace that the user picks. Undefined if it is none,
 * also if the user makes a new one.
 */
export async function chooseConfigFile(args: unknown[], kind: Kind): Promise<vscode.Uri | undefined> {
  const { ending, title, placeHolder } = kind;
  const [file] = commandFiles(args);
  if (file?.scheme === 'file' && file.path.endsWith(ending)) return file;
  const files = await vscode.workspace.findFiles(`**/*${ending}`, '**/node_modules/**');
  const fresh = { label: `$(add) ${kind.fresh}`, uri: undefined };
  const items = files
    .map((uri) => ({
      label: posix.basename(uri.path),
      description: vscode.workspace.asRelativePath(posix.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const options = { title, placeHolder, matchOnDescription: true };
  const picked = items.length === 0 ? fresh : await vscode.window.showQuickPick([...items, fresh], options);
  if (picked === fresh) await kind.make();
  return picked?.uri;
}
