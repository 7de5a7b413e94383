import type { CallOptions } from '../base/call.ts';
import { several, thousands } from '../base/format.ts';
import { askDepthRange } from '../panels/host/usable-files.host.ts';
import { imageFolders, isDataFile, nameOf, openDocument } from '../panels/host/data-files.host.ts';
import { isAbort, offer, withProgress } from '../panels/host/report-errors.host.ts';
import type { PairPanels } from '../panels/pair/pair.host.ts';
import type { Service } from '../panels/service.host.ts';
import type { CheckResult, RowProblem } from '../panels/problems.reads.ts';
import * as vscode from 'vscode';
import { commandFiles } from './command-arguments.ts';

/** Delay between the last edit of a document and its check, in ms. */
const REST_MS = 300;

/** Updates the Problems panel for data files: open files while the user types, unopened files after a command. */
export class Problems implements vscode.Disposable {
  private readonly shown = vscode.languages.createDiagnosticCollection('chirality');
  /** Files that a command checked. Their problems remain listed without an open editor. */
  private readonly kept = new Set<string>();
  /** Scheduled or running check of each file. A newer check of the file replaces it. */
  private readonly due = new Map<string, AbortController>();
  private readonly subscriptions: vscode.Disposable[];
  private watched = false;

  constructor(readonly service: Service) {
    const { workspace } = vscode;
    this.subscriptions = [
      this.shown,
      workspace.onDidOpenTextDocument((document) => isDataFile(document) && this.refresh(document.uri, 0)),
      workspace.onDidChangeTextDocument(
        ({ document }) => isDataFile(document) && this.refresh(document.uri, REST_MS),
      ),
      workspace.onDidCloseTextDocument((document) => isDataFile(document) && this.closed(document.uri)),
    ];
    for (const document of workspace.textDocuments) if (isDataFile(document)) this.refresh(document.uri, 0);
  }

  /** Checks a file for a command. Reports progress as a share from 0 to 1. @throws if the file is unreadable */
  async check(uri: vscode.Uri, options: CallOptions<number>): Promise<CheckResult> {
    const result = await this.run(uri, options);
    this.watch();
    this.kept.add(uri.toString());
    return result;
  }

  dispose(): void {
    for (const due of this.due.values()) due.abort();
    for (const subscription of this.subscriptions) subscription.dispose();
  }

  /**
   * Starts watching files only when a file that is not open is checked, because watchers are the most expensive part of
   * activation.
   */
  private watch(): void {
    if (this.watched) return;
    this.watched = true;
    const watcher = vscode.workspace.createFileSystemWatcher('**/*.qa.jsonl', true);
    this.subscriptions.push(
      watcher,
      watcher.onDidChange((uri) => {
        if (this.kept.has(uri.toString()) && !openDocument(uri)) this.refresh(uri, REST_MS);
      }),
      watcher.onDidDelete((uri) => this.forget(uri)),
    );
  }

  private closed(uri: vscode.Uri): void {
    if (this.kept.has(uri.toString()))
      this.refresh(uri, 0); // The user closed the file, so its unsaved edits are gone.
    else this.forget(uri);
  }

  private forget(uri: vscode.Uri): void {
    this.due.get(uri.toString())?.abort();
    this.kept.delete(uri.toString());
    this.shown.delete(uri);
  }

  /** Checks a file after a pause, unless its text changes again during the pause. */
  private refresh(uri: vscode.Uri, rest: number): void {
    const key = uri.toString();
    this.due.get(key)?.abort();
    const due = new AbortController();
    const { signal } = due;
    this.due.set(key, due);
    const timer = setTimeout(() => {
      this.run(uri, { signal })
        .catch(() => {
          // An unreadable file has no rows to mark. The command that checks the file reports the reason.
          if (!signal.aborted) this.shown.delete(uri);
        })
        .finally(() => {
          if (this.due.get(key) === due) this.due.delete(key);
        });
    }, rest);
    signal.addEventListener('abort', () => clearTimeout(timer));
  }

  private async run(uri: vscode.Uri, options: CallOptions<number>): Promise<CheckResult> {
    const { signal } = options;
    const document = openDocument(uri);
    const place = imageFolders(uri);
    const result = document
      ? await this.service.call(
          'checkText',
          { name: nameOf(uri), text: document.getText(), place },
          { signal },
        )
      : await this.service.call('checkFile', { path: uri.fsPath, place }, options);
    this.shown.set(uri, result.problems.map(diagnosticOf));
    return result;
  }
}

const diagnosticOf = (problem: RowProblem): vscode.Diagnostic => {
  const { line, from, to, message, fix } = problem;
  const range = new vscode.Range(line - 1, from, line - 1, to);
  return diagnosticAt(range, problem, fix ? `${message} ${fix}` : message);
};

/** Returns an entry of the Problems panel for a mistake in a document. */
export function diagnosticAt(
  range: vscode.Range,
  { severity, code }: { severity: 'error' | 'warning'; code: string },
  message: string,
): vscode.Diagnostic {
  const { Error, Warning } = vscode.DiagnosticSeverity;
  const diagnostic = new vscode.Diagnostic(range, message, severity === 'error' ? Error : Warning);
  diagnostic.source = 'chirality';
  diagnostic.code = code;
  return diagnostic;
}

/** Checks files of any size, with progress. Shows errors in the Problems panel. */
export async function checkFile(
  { problems, panels }: { problems: Problems; panels: { pair: PairPanels } },
  ...args: unknown[]
): Promise<void> {
  const files = commandFiles(args);
  const shown = panels.pair.all[0]?.file;
  if (files.length === 0 && shown) files.push(shown);
  for (const uri of files) {
    const name = nameOf(uri);
    try {
      const result = await withProgress(`Checking ${name}`, ({ signal }, progress) => {
        let percent = 0;
        return problems.check(uri, {
          signal,
          onProgress: (share) => {
            const now = Math.floor(100 * share);
            if (now > percent) progress.report({ increment: now - percent, message: `${now}%` });
            percent = Math.max(now, percent);
          },
        });
      });
      const isBad = result.errors + result.warnings > 0;
      void offer(
        isBad ? vscode.window.showWarningMessage : vscode.window.showInformationMessage,
        `${name}: ${summarise(result)}`,
        isBad ? SHOW_PROBLEMS : {},
      );
      const place = imageFolders(uri);
      const { service } = problems;
      const usable = place && (await service.call('usableRows', { path: uri.fsPath, place }));
      if (usable) await askDepthRange({ service }, uri, usable);
    } catch (error) {
      if (isAbort(error)) return;
      void vscode.window.showErrorMessage(`Cannot check ${name}: ${(error as Error).message}`);
    }
  }
}

/** Button that opens the Problems panel, for messages about problems. */
export const SHOW_PROBLEMS = {
  'Show Problems': () => vscode.commands.executeCommand('workbench.actions.view.problems'),
};

/** Returns the result of a check in one or two sentences. */
export function summarise({ rows, badRows, errors, warnings, pictures, problems }: CheckResult): string {
  if (rows === 0) return 'the file has no rows.';
  const looked = pictures
    ? ' Chirality did not decode images. To decode images, run chirality data check --images.'
    : ' Chirality did not check images, because the file is not on disk.';
  if (badRows === 0) return `${several(rows, 'row')}, no problems.${looked}`;
  const counts = [errors > 0 && several(errors, 'error'), warnings > 0 && several(warnings, 'warning')];
  const listed = problems.length;
  const rest = listed < errors + warnings ? ` The Problems view lists the first ${thousands(listed)}.` : '';
  return `${counts.filter(Boolean).join(' and ')} in ${thousands(badRows)} of ${several(rows, 'row')}.${rest}${looked}`;
}
