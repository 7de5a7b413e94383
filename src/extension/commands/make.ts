import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { newConfig } from '../launch/new-config.ts';
import { isDataSource, newDataSet } from '../launch/new-data-set.ts';
import { reportErrors } from '../launch/report.ts';

/** Makes a run config from a preset and data, and shows it. @param rows to train on, if that is decided */
export const newRunConfig = (app: App, rows?: unknown): Promise<void> =>
  reportErrors('The config was not made', () =>
    newConfig(app, rows instanceof vscode.Uri && rows.path.endsWith('.qa.jsonl') ? rows : undefined),
  );

/** Makes a data set, or finds one, and shows it. @param source how to get its rows, if that is decided */
export const makeDataSet = (app: App, source?: unknown): Promise<void> =>
  reportErrors('The data set was not made', async () => {
    const uri = await newDataSet(app, isDataSource(source) ? source : undefined);
    if (!uri) return;
    app.views.dataSets.refresh();
    await app.panels.dataSets.open({ uri: uri.toString() });
  });

/** Shows the walkthrough. */
export const getStarted = (): Thenable<unknown> =>
  vscode.commands.executeCommand('workbench.action.openWalkthrough', 'chirality.chirality#start');
