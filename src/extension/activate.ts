import { join } from 'node:path';
import * as vscode from 'vscode';
import { AnnotationEditor } from '../panels/annotate/annotate.host.ts';
import { makeApp } from './app.ts';
import { commands } from './commands.ts';
import { Lenses } from './lenses.ts';
import { registerTasks } from './launch/tasks.ts';
import { offerInTerminals } from '../panels/host/node.host.ts';
import { tellEnds } from './run-ends.ts';
import { offerToAgents } from './agents/agents.ts';
import { RunStatusBar } from './status-bar.ts';

/** Registers all contributions in package.json. Reads and starts nothing before first use. */
export function activate(context: vscode.ExtensionContext): void {
  const app = makeApp(context);
  const { annotation, configs, models, panels, problems, program, runs, service, views } = app;
  const { subscriptions } = context;
  subscriptions.push(
    ...[service, annotation, program, problems, runs, models, ...Object.values(views), configs],
    new RunStatusBar(runs, service),
    tellEnds(runs, program),
    new Lenses(runs),
    offerToAgents(app),
    registerTasks(program, runs),
    offerInTerminals(context.environmentVariableCollection, join(context.extensionUri.fsPath, 'bin')),
    vscode.window.registerCustomEditorProvider(AnnotationEditor.viewType, annotation),
  );
  for (const set of Object.values(panels)) {
    const serializer = set as vscode.WebviewPanelSerializer & vscode.Disposable;
    subscriptions.push(set, vscode.window.registerWebviewPanelSerializer(set.viewType, serializer));
  }
  for (const [id, run] of Object.entries(commands)) {
    subscriptions.push(vscode.commands.registerCommand(id, (...args) => run(app, ...(args as unknown[]))));
  }
}
