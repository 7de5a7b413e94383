import { join, dirname } from 'node:path';
import * as vscode from 'vscode';
import { AnnotationEditor } from '../panels/annotate/annotate.host.ts';
import { Interpretations } from './commands/interpretations.ts';
import { ConfigLanguage } from './config-language.ts';
import { DataRoots, OwnPrograms } from '../panels/host/consent.host.ts';
import { Program } from '../panels/host/cli-program.host.ts';
import { ownStrategies } from './launch/own-strategies.ts';
import { pickRuns } from './launch/choose-run.ts';
import { drawStimuli, Measurements } from './launch/measurements.ts';
import { Starts } from './launch/starts.ts';
import { acuityPanels } from '../panels/acuity/acuity.host.ts';
import { dataPanels } from '../panels/dataset/dataset.host.ts';
import { insidePanels } from '../panels/inside/inside.host.ts';
import { pairPanels } from '../panels/pair/pair.host.ts';
import { Playground } from '../panels/playground/playground.host.ts';
import { reportPanels } from '../panels/report/report.host.ts';
import { runPanels } from '../panels/run/run.host.ts';
import { runsPanels } from '../panels/runs/runs.host.ts';
import { tablePanels } from '../panels/table/table.host.ts';
import { tracePanels } from '../panels/trace/trace.host.ts';
import { LoadedModels, Looking } from '../panels/playground/loaded-models.host.ts';
import { Problems } from './problems.ts';
import { RunList } from '../panels/host/run-list.host.ts';
import { Service } from '../panels/service.host.ts';
import { DataSetsView } from './views/data-sets.ts';
import { EnginesView } from './views/engines-tree.ts';
import { RunsView } from './views/runs-tree.ts';
import { Turns } from '../base/turns.ts';
import type { ServiceHost } from '../panels/service.reads.ts';

/** Maximum number of videos from which frames are extracted in parallel, because each video starts a process. */
const AT_ONCE = 2;

/** Extracts video frames with the command-line program, because the worker thread cannot start programs. */
function framesBy(program: Program): ServiceHost['takeFrames'] {
  const lanes = Array.from({ length: AT_ONCE }, () => ({ turns: new Turns(), waiting: 0 }));
  return async ({ path, plan: { frames, start_s: from, end_s: to }, folder }) => {
    const lane = lanes.reduce((best, next) => (next.waiting < best.waiting ? next : best));
    lane.waiting += 1;
    const words = ['data', 'frames', '-o', folder, '--frames', `${frames}`];
    if (from !== undefined && from > 0) words.push('--start-s', `${from}`);
    if (to !== undefined) words.push('--end-s', `${to}`);
    try {
      await lane.turns.run(() => program.run([...words, '--', path], { cwd: dirname(path) }));
    } finally {
      lane.waiting -= 1;
    }
  };
}

/** Time for which the status bar shows a message about a stopped service, in ms. */
const STOPPED_MS = 10_000;

export type App = ReturnType<typeof makeApp>;

export type Command = (app: App, ...args: unknown[]) => unknown;

/** Creates the parts of the extension. Reads and starts nothing before first use. */
export function makeApp(context: vscode.ExtensionContext) {
  const { extensionUri, secrets, subscriptions, workspaceState } = context;
  const home = extensionUri.fsPath;
  const ownPrograms = new OwnPrograms(workspaceState);
  const program = new Program(join(home, 'dist/cli.js'), ownPrograms);
  const service = new Service(
    join(home, 'dist/service.cjs'),
    (why) =>
      vscode.window.setStatusBarMessage(
        `${why} Chirality restarts the data reader without data loss.`,
        STOPPED_MS,
      ),
    { takeFrames: framesBy(program) },
  );
  const annotation = new AnnotationEditor(extensionUri, service);
  const runs = new RunList(service);
  const roots = new DataRoots(workspaceState);
  const traces = tracePanels(context, service, roots);
  const models = new LoadedModels({ program, runs, service, secrets, home });
  const measurements = new Measurements();
  const storage = context.storageUri ?? context.globalStorageUri;
  const playground = new Playground(context, { service, runs, models, secrets, storage, ownStrategies });
  return {
    annotation,
    configs: new ConfigLanguage(home, service),
    problems: new Problems(service),
    playground,
    models,
    runs,
    interpretations: new Interpretations(workspaceState, service),
    panels: {
      dataSets: dataPanels(context, { service, list: runs, annotation }),
      pair: pairPanels(context, service, new Looking({ service, runs, models, secrets })),
      acuity: acuityPanels(context, {
        service,
        measurements,
        drawStimuli: (axis) => drawStimuli(program, axis),
      }),
      inside: insidePanels(context, { service, roots, models }),
      reports: reportPanels(context, {
        service,
        list: runs,
        pickRuns: (title, picked) => pickRuns(runs, title, picked),
        traces,
        roots,
      }),
      playground: playground.panels,
      runs: runPanels(context, service, roots),
      runsTable: runsPanels(context, { service, list: runs }),
      tables: tablePanels(context, { service, program }),
      traces,
    },
    views: {
      runs: new RunsView(runs, workspaceState),
      dataSets: new DataSetsView(service),
      engines: new EnginesView({ program, home, secrets }, models),
    },
    program,
    starts: new Starts(),
    measurements,
    roots,
    ownPrograms,
    /** Stores the keys of endpoints. */
    secrets,
    /** Shows program output that is too long for a message. */
    showLog: logIn(subscriptions),
    service,
  };
}

/** Shows a text in the output channel, which is created on first use. */
function logIn(subscriptions: vscode.Disposable[]): (text: string) => void {
  let channel: vscode.OutputChannel | undefined;
  return (text) => {
    if (!channel) subscriptions.push((channel = vscode.window.createOutputChannel('Chirality')));
    channel.replace(text);
    channel.show();
  };
}
