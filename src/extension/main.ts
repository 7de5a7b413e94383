import { join } from 'node:path';
import * as vscode from 'vscode';
import { AnnotationEditor } from './annotate/editor.ts';
import type { App } from './app.ts';
import { commands } from './commands.ts';
import { Previews } from './commands/preview-strategy.ts';
import { ConfigLanguage } from './config-language/language.ts';
import { Lenses } from './lenses.ts';
import { DataRoots, OwnPrograms } from './consent.ts';
import { dataPanels } from './panels/data-set.ts';
import { Program } from './launch/program.ts';
import { registerTasks } from './launch/tasks.ts';
import { offerInTerminals } from './launch/node.ts';
import { pairPanels } from './panels/pair.ts';
import { LoadedModels, Looking } from './playground/loaded-models.ts';
import { Playground } from './panels/playground.ts';
import { Problems } from './problems.ts';
import { acuityPanels } from './panels/acuity.ts';
import { insidePanels } from './panels/inside.ts';
import { reportPanels } from './panels/report.ts';
import { runPanels } from './panels/run.ts';
import { runsPanels } from './panels/runs-table.ts';
import { RunEnds } from './run-list/ends.ts';
import { Interpretations } from './commands/interpret-run.ts';
import { RunList } from './run-list/run-list.ts';
import { Service } from './service-client.ts';
import { RunStatusBar } from './status-bar.ts';
import { tablePanels } from './panels/table.ts';
import { tracePanels } from './panels/trace.ts';
import { DataSetsView } from './views/data-sets.ts';
import { EnginesView } from './views/engines.ts';
import { RunsView } from './views/runs-view.ts';

/** How long the status bar says that the service stopped, in ms. */
const STOPPED_MS = 10_000;

/** Registers everything that package.json contributes. Nothing is read or started until it is needed. */
export function activate(context: vscode.ExtensionContext): void {
  const { extensionUri, secrets, subscriptions, workspaceState } = context;
  const file = (...path: string[]) => join(extensionUri.fsPath, ...path);
  const service = new Service(file('dist', 'service.cjs'), (why) =>
    vscode.window.setStatusBarMessage(`${why} It starts again; nothing is lost.`, STOPPED_MS),
  );
  const ownPrograms = new OwnPrograms(workspaceState);
  const program = new Program(file('dist', 'cli.js'), ownPrograms);
  const problems = new Problems(service);
  const annotation = new AnnotationEditor(extensionUri, service);
  const runs = new RunList(service);
  const roots = new DataRoots(workspaceState);
  const interpretations = new Interpretations(workspaceState, service);
  const traces = tracePanels(context, service, roots);
  const home = extensionUri.fsPath;
  const models = new LoadedModels({ program, runs, service, secrets, home });
  const playground = new Playground(context, {
    service,
    runs,
    models,
    secrets,
    storage: context.storageUri ?? context.globalStorageUri,
  });
  const panels = {
    dataSets: dataPanels(context, { service, list: runs, annotation }),
    pair: pairPanels(context, service, new Looking({ service, runs, models, secrets })),
    acuity: acuityPanels(context, { service, program }),
    inside: insidePanels(context, { service, roots, models }),
    reports: reportPanels(context, { service, list: runs, traces }),
    playground: playground.panels,
    runs: runPanels(context, service, roots),
    runsTable: runsPanels(context, { service, list: runs }),
    tables: tablePanels(context, { service, program }),
    traces,
  };
  const configs = new ConfigLanguage(extensionUri.fsPath, service);
  const views = {
    runs: new RunsView(runs, workspaceState),
    dataSets: new DataSetsView(service),
    engines: new EnginesView({ program, home, secrets }, models),
  };
  subscriptions.push(service, annotation, program, problems, runs, models);
  subscriptions.push(...Object.values(views), new RunStatusBar(runs, service), new RunEnds(runs));
  subscriptions.push(configs, new Lenses(runs));
  subscriptions.push(registerTasks(program, runs));
  subscriptions.push(
    vscode.workspace.registerTextDocumentContentProvider(Previews.scheme, new Previews(program)),
  );
  subscriptions.push(offerInTerminals(context.environmentVariableCollection, file('bin')));
  for (const set of Object.values(panels)) {
    const serializer = set as vscode.WebviewPanelSerializer & vscode.Disposable;
    subscriptions.push(set, vscode.window.registerWebviewPanelSerializer(set.viewType, serializer));
  }
  subscriptions.push(vscode.window.registerCustomEditorProvider(AnnotationEditor.viewType, annotation));
  const app: App = {
    annotation,
    configs,
    problems,
    runs,
    interpretations,
    panels,
    views,
    playground,
    models,
    program,
    service,
    secrets,
    ownPrograms,
    roots,
    showLog: logIn(subscriptions),
  };
  for (const [id, run] of Object.entries(commands)) {
    subscriptions.push(vscode.commands.registerCommand(id, (...args) => run(app, ...(args as unknown[]))));
  }
}

/** Shows a text in the output channel, which is created on first use. */
function logIn(subscriptions: vscode.Disposable[]): App['showLog'] {
  let channel: vscode.OutputChannel | undefined;
  return (text) => {
    if (!channel) subscriptions.push((channel = vscode.window.createOutputChannel('Chirality')));
    channel.replace(text);
    channel.show();
  };
}
