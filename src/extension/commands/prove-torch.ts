import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { ProgramError } from '../launch/program.ts';
import { reportErrors, withProgress } from '../launch/report.ts';

/** Tries the torch engine part by part, and opens the report as a document that a person may save. */
export async function proveTorch({ program }: App): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'chirality-prove-'));
  const report = join(cwd, 'proof.md');
  await reportErrors('The torch engine was not tried', async () => {
    const fault = await withProgress('Trying the torch engine', (signal, progress) =>
      program
        .run(['engine', 'prove', '-o', report], {
          cwd,
          signal,
          onLine: (line) => line.startsWith('… ') && progress.report({ message: line.slice(2) }),
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
      throw fault ?? new Error('There is no report.');
    });
    await vscode.window.showTextDocument(
      await vscode.workspace.openTextDocument({ language: 'markdown', content }),
    );
    if (fault)
      void vscode.window.showWarningMessage('The torch engine does not work here: the report says why.');
    else void vscode.window.showInformationMessage('The torch engine works on this machine.');
  });
  await rm(cwd, { recursive: true, force: true });
}
