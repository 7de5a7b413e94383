import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { commandFiles, nameOf } from '../data-files.ts';
import { thousands } from '../../core/labels.ts';
import { isAbort, several, withProgress } from '../launch/report.ts';
import type { CheckResult } from '../../service/check.ts';

/** Checks files of any size, with progress, and shows errors in the Problems panel. */
export async function checkFile({ problems, panels }: App, ...args: unknown[]): Promise<void> {
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
            if (now > percent) progress.report({ increment: now - percent, message: `${now} %` });
            percent = Math.max(now, percent);
          },
        });
      });
      void announce(`${name}: ${summarise(result)}`, result.errors + result.warnings > 0);
    } catch (error) {
      if (isAbort(error)) return;
      void vscode.window.showErrorMessage(`${name} could not be checked: ${(error as Error).message}`);
    }
  }
}

async function announce(message: string, bad: boolean): Promise<void> {
  if (!bad) {
    await vscode.window.showInformationMessage(message);
    return;
  }
  const show = 'Show Problems';
  if ((await vscode.window.showWarningMessage(message, show)) === show) {
    await vscode.commands.executeCommand('workbench.actions.view.problems');
  }
}

/** Describes the result of a check in a sentence or two. */
export function summarise({ rows, badRows, errors, warnings, pictures, problems }: CheckResult): string {
  if (rows === 0) return 'the file has no rows.';
  const looked = pictures
    ? ' Pictures were looked for, not decoded: chirality data check --images does that.'
    : ' Pictures were not looked for: the file is not on disk.';
  if (badRows === 0) return `${several(rows, 'row')}, no problems.${looked}`;
  const counts = [errors > 0 && several(errors, 'error'), warnings > 0 && several(warnings, 'warning')];
  const listed = problems.length;
  const rest = listed < errors + warnings ? ` The first ${thousands(listed)} are listed.` : '';
  return `${counts.filter(Boolean).join(' and ')} in ${thousands(badRows)} of ${several(rows, 'row')}.${rest}${looked}`;
}
