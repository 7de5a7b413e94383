import { dirname } from 'node:path';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { parseRecord } from '../../base/record.ts';
import { chooseStrategies } from '../launch/choose-asking.ts';
import type { App } from '../app.ts';
import { nameOf, visibleEditor } from '../../panels/host/data-files.host.ts';
import { reportErrors } from '../../panels/host/report-errors.host.ts';
import { commandFiles } from '../command-arguments.ts';

const SCHEME = 'chirality-prompts';

/** Shows the prompt of each strategy stage for the row under the cursor or the row of the Pair panel in front. */
export async function previewStrategy({ program, panels }: App, ...args: unknown[]): Promise<void> {
  await reportErrors('Cannot preview the prompting strategy', async () => {
    const [file] = commandFiles(args);
    const row = file
      ? { uri: file, line: (visibleEditor(file)?.selection.active.line ?? 0) + 1 }
      : panels.pair.front?.row;
    if (!row || row.uri.scheme !== 'file' || !row.uri.path.endsWith('.qa.jsonl')) {
      void vscode.window.showInformationMessage('Place the cursor on a row of a *.qa.jsonl file first.');
      return;
    }
    const { fsPath } = row.uri;
    const [chosen] =
      (await chooseStrategies(program, dirname(fsPath), { title: 'Preview Strategy' }, [])) ?? [];
    if (!chosen?.strategy) return;
    const uri = vscode.Uri.from({
      scheme: SCHEME,
      // The path must not end in the file's name, because the prompts would then open as JSON lines.
      path: `/${nameOf(row.uri)}, line ${row.line}, ${chosen.label.replaceAll('/', ' ')} prompt`,
      query: JSON.stringify([chosen.strategy, fsPath, row.line]),
    });
    await vscode.window.showTextDocument(uri, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  });
}

const querySchema = z.tuple([z.string(), z.string(), z.int()]);

/** Previews of prompts as read-only documents. If a strategy cannot use a row, the document contains the reason. */
export class Previews implements vscode.TextDocumentContentProvider {
  static readonly scheme = SCHEME;

  constructor(private readonly program: App['program']) {}

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    const [strategy, path, line] = parseRecord(querySchema, query, { file: 'Preview address' });
    const command = ['strategies', 'show', strategy, '--row', `${path}:${line}`];
    return this.program.run(command, { cwd: dirname(path) }).catch((error: Error) => `${error.message}\n`);
  }
}
