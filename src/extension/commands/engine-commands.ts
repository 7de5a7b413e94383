import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { ProgramError } from '../../panels/host/cli-program.host.ts';
import type { App } from '../app.ts';
import {
  confirm,
  offer,
  openSetting,
  reportErrors,
  withProgress,
} from '../../panels/host/report-errors.host.ts';
import { programTask } from '../launch/tasks.ts';

/** Opens the list of endpoints, which users can edit only as JSON, and says what to add. */
export async function addEndpoint(): Promise<void> {
  await openSetting('chirality.endpoints');
  void vscode.window.showInformationMessage(
    'Select Edit in settings.json. Then add your server to the list, for example { "url": "http://localhost:8000/v1" }.',
  );
}

/** Copies the details of a check result, which often contain a command that fixes a fault. */
export const copyFact = (_: unknown, fact?: unknown) =>
  vscode.env.clipboard.writeText((fact as { detail?: string } | undefined)?.detail ?? '');

/** Selects a Python interpreter for runs: for this workspace if Python is inside it, else for all workspaces. */
export async function usePython({ views }: App, engine?: unknown): Promise<void> {
  const { id } = (engine ?? {}) as { id?: string };
  if (id === undefined) return;
  const inside = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(id)) !== undefined;
  const { Workspace, Global } = vscode.ConfigurationTarget;
  await vscode.workspace.getConfiguration('chirality').update('python', id, inside ? Workspace : Global);
  views.engines.refresh();
}

/** Installs the requirements of the torch engine in a terminal, after asking about the download. */
export async function setUpTorch({ program, views }: App): Promise<void> {
  const detail =
    'Chirality creates a separate Python environment with PyTorch and transformers in its cache folder. The environment needs several gigabytes.';
  const ask = vscode.window.showInformationMessage;
  if (!(await confirm('Set up the torch engine?', detail, 'Set Up', ask))) return;
  await reportErrors('Cannot set up the torch engine', async () => {
    const task = await programTask(
      program,
      ['engine', 'setup', 'torch'],
      'Set up the torch engine',
      vscode.TaskScope.Workspace,
    );
    task.isBackground = false;
    const running = await vscode.tasks.executeTask(task);
    const ended = vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      if (execution !== running) return;
      ended.dispose();
      views.engines.refresh();
      // On failure, the terminal shows the reason.
      if (exitCode === 0)
        void offer(vscode.window.showInformationMessage, 'The torch engine is set up.', {
          'Test Torch Engine': () => vscode.commands.executeCommand('chirality.engines.proveTorch'),
          'Open Playground': () => vscode.commands.executeCommand('chirality.openPlayground'),
        });
    });
  });
}

/** Tests all parts of the torch engine, and opens the test report as a document that the user can save. */
export async function proveTorch({ program }: App): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'chirality-prove-'));
  const report = join(cwd, 'proof.md');
  await reportErrors('Cannot test the torch engine', async () => {
    const fault = await withProgress('Testing the torch engine', ({ signal, onLine }) =>
      program
        .run(['engine', 'prove', '-o', report], {
          cwd,
          signal,
          onLine: (line) => line.startsWith('… ') && onLine(line.slice(2)),
        })
        .then(
          () => null,
          (error: unknown) => {
            if (error instanceof ProgramError) return error;
            throw error;
          },
        ),
    );
    const content = await readFile(report, 'utf8').catch(() => {
      throw fault ?? new Error('The test wrote no report.');
    });
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ language: 'markdown', content }),
    );
    if (fault)
      void vscode.window.showWarningMessage(
        'The torch engine failed its test. See the report for the reason.',
      );
    else void vscode.window.showInformationMessage('The torch engine works on this machine.');
  });
  await rm(cwd, { recursive: true, force: true });
}
