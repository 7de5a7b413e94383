import { several } from '../../base/format.ts';
import { manifestOf, nameOf } from '../../panels/host/data-files.host.ts';
import { ProgramError } from '../../panels/host/cli-program.host.ts';
import { offer, reportErrors, withProgress } from '../../panels/host/report-errors.host.ts';
import { usableFiles } from '../../panels/host/usable-files.host.ts';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { App } from '../app.ts';
import { commandFiles } from '../command-arguments.ts';

const TITLE = 'Freeze Dataset';

const manifestSchema = z.object({
  version: z.string(),
  sha256: z.string(),
  files: z.array(z.object({ rows: z.int() })),
  images: z.array(z.unknown()),
});

/** Writes a manifest next to the first data file, with a version and checksums of rows and images. */
export async function freezeDataSet({ program, service }: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot freeze the dataset', async () => {
    const given = commandFiles(args).filter(
      ({ scheme, path }) => scheme === 'file' && path.endsWith('.qa.jsonl'),
    );
    if (given.length === 0) return;
    // Save unsaved changes from any editor first.
    for (const file of given) await vscode.workspace.save(file);
    const files = await usableFiles({ service }, given, { refusal: 'Not frozen: ' });
    const [first] = files ?? [];
    if (!files || !first) return;
    const release = await vscode.window.showInputBox({
      title: TITLE,
      prompt: `Enter a version for ${files.map(nameOf).join(', ')}. Freezing writes ${nameOf(manifestOf(first))} with checksums of all rows and images, so that anyone can check whether the data has changed.`,
      value: '1.0',
      ignoreFocusOut: true,
      validateInput: (text) => (text.trim() === '' ? 'Enter a version, for example 1.0.' : null),
    });
    if (!release) return;
    const paths = files.map(({ fsPath }) => fsPath);
    const command = ['data', 'freeze', ...paths, '--release', release.trim(), '--json'];
    const cwd = vscode.Uri.joinPath(first, '..').fsPath;
    const set = await withProgress(`Freezing ${nameOf(first)}`, ({ signal }) =>
      program.answer(manifestSchema, command, { cwd, signal }),
    );
    const rows = set.files.reduce((sum, file) => sum + file.rows, 0);
    void offer(
      vscode.window.showInformationMessage,
      `Froze version ${set.version}: ${several(rows, 'row')}, ${several(set.images.length, 'image')}, SHA-256 ${set.sha256.slice(0, 12)}…`,
      {
        'Open Manifest': () => vscode.commands.executeCommand('vscode.open', manifestOf(first)),
        'Copy Hash': () => vscode.env.clipboard.writeText(set.sha256),
      },
    );
  });
}

/** Checks whether a frozen set has changed. For a data file, uses the manifest next to the file. */
export async function checkFrozenSet({ program, showLog }: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot check the frozen dataset', async () => {
    const [file] = commandFiles(args);
    if (file?.scheme !== 'file') return;
    const manifest = file.path.endsWith('.qa.jsonl') ? manifestOf(file) : file;
    const lines: string[] = [];
    const cwd = vscode.Uri.joinPath(manifest, '..').fsPath;
    try {
      const text = await withProgress(`Checking ${nameOf(manifest)}`, ({ signal }) =>
        program.run(['data', 'check', manifest.fsPath], { cwd, signal, onLine: (line) => lines.push(line) }),
      );
      const [, verdict = text] = /: (version .*)/.exec(text) ?? [];
      void vscode.window.showInformationMessage(`${nameOf(manifest)}: ${verdict.trim()}`);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      void offer(
        vscode.window.showWarningMessage,
        `${nameOf(manifest)} no longer matches its frozen version.`,
        { 'Show Log': () => showLog(lines.join('\n')) },
      );
    }
  });
}
