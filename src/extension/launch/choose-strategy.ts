import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { pickSome } from './choose-checkpoint.ts';
import type { Program } from './program.ts';

export const STRATEGIES = '**/*.strategy.yaml';

/** The strategy files in the open folders, by path as `chirality` takes them. */
export async function ownStrategies(): Promise<{ path: string; label: string }[]> {
  const files = await vscode.workspace.findFiles(STRATEGIES, '**/{node_modules,runs}/**');
  return files
    .filter(({ scheme }) => scheme === 'file')
    .map((uri) => ({ path: uri.fsPath, label: vscode.workspace.asRelativePath(uri) }))
    .sort((a, b) => a.label.localeCompare(b.label));
}

const strategiesSchema = z.array(z.object({ name: z.string(), about: z.string() }));

interface Item extends vscode.QuickPickItem {
  strategy: string | null;
}

/**
 * Lets the user choose a strategy: a built-in one, or one in the open folders.
 * @param first further choices to list first; for them, the strategy is null.
 */
export const chooseStrategy = async (
  program: Program,
  cwd: string,
  title: string,
  first: string[] = [],
): Promise<Item | undefined> => (await chooseStrategies(program, cwd, title, first, false))?.[0];

/** As `chooseStrategy`. @param many whether several can be picked */
export function chooseStrategies(
  program: Program,
  cwd: string,
  title: string,
  first: string[],
  many: boolean,
): Promise<Item[] | undefined> {
  const items = async (): Promise<Item[]> => {
    const [builtIn, own] = await Promise.all([
      program.answer(strategiesSchema, ['strategies', '--json'], { cwd }),
      ownStrategies(),
    ]);
    return [
      ...first.map((label) => ({ label, strategy: null })),
      ...builtIn.map(({ name, about }) => ({ label: name, detail: about, strategy: name })),
      ...own.map(({ label, path }) => ({ label, description: 'your own', strategy: path })),
    ];
  };
  const placeHolder = many ? 'How to ask? Several ways are compared.' : 'How to ask?';
  return pickSome(items(), { title, placeHolder, matchOnDetail: true }, many);
}
