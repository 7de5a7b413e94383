import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { commandFiles } from '../data-files.ts';
import { openRun } from '../launch/choose-run.ts';
import { newConfig } from '../launch/new-config.ts';
import type { Program } from '../launch/program.ts';
import { telling, withProgress } from '../launch/report.ts';

const CONFIGS = '**/*.run.yaml';

/** What `train --dry-run --json` finds, as far as it is told here. */
interface Checked {
  rows: number;
  paired: number;
  parameters: number;
  trainable_parameters: number;
}

/**
 * Starts a run of a config: the one the command was called with, that of the active tab, or one that a person picks or
 * makes. Its rows, pictures and model are looked at first; then it runs in a process that outlives the window.
 */
export async function startRun(app: App, ...args: unknown[]): Promise<void> {
  await telling('The run did not start', async () => {
    const config = await chooseConfig(app.program, args);
    if (!config) return;
    await vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === config.toString())?.save();
    const cwd = vscode.Uri.joinPath(config, '..').fsPath;
    // Beside the config, as all paths in it are.
    const runs = vscode.Uri.joinPath(config, '../runs').fsPath;
    const name = posix.basename(config.path);
    const { checked, dir } = await withProgress(
      `${name}: checking rows, pictures and model`,
      async (signal, progress) => {
        const onLine = (message: string) => progress.report({ message });
        const dry = await app.program.run(['train', name, '--dry-run', '--json'], {
          cwd,
          onLine,
          signal,
        });
        progress.report({ message: 'starting' });
        const started = await app.program.run(['train', name, '--json', '--runs', runs], { cwd });
        return { checked: JSON.parse(dry) as Checked, dir: (JSON.parse(started) as { dir: string }).dir };
      },
    );
    await app.runs.refresh();
    await openRun(dir);
    void vscode.window.showInformationMessage(`Run ${posix.basename(dir)} started: ${summary(checked)}.`);
  });
}

/** "4,000 rows, 3,990 of them pairs; 66,000 of 3,000,000 weights train". */
function summary({ rows, paired, parameters, trainable_parameters: trainable }: Checked): string {
  const n = (value: number) => value.toLocaleString('en');
  return `${n(rows)} rows${paired > 0 ? `, ${n(paired)} of them pairs` : ''}; ${n(trainable)} of ${n(parameters)} weights train`;
}

async function chooseConfig(program: Program, args: unknown[]): Promise<vscode.Uri | undefined> {
  const [file] = commandFiles(args);
  if (file?.scheme === 'file' && file.path.endsWith('.run.yaml')) return file;
  const configs = await vscode.workspace.findFiles(CONFIGS, '**/node_modules/**');
  const fresh = { label: '$(add) New config from a preset…', uri: undefined };
  const items = configs
    .map((uri) => ({
      label: posix.basename(uri.path),
      description: vscode.workspace.asRelativePath(posix.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const picked =
    items.length === 0
      ? fresh
      : await vscode.window.showQuickPick([...items, fresh], {
          title: 'Start Run',
          placeHolder: 'Which config?',
          matchOnDescription: true,
        });
  if (picked === fresh) await newConfig(program);
  return picked?.uri;
}
