import * as vscode from 'vscode';
import { ANNOTATE_COMMANDS } from '../panels/annotate/annotate.contract.ts';
import { DATA_COMMANDS } from '../panels/dataset/dataset.contract.ts';
import { PAIR_COMMANDS } from '../panels/pair/pair.contract.ts';
import { PLAYGROUND_COMMANDS } from '../panels/playground/playground.contract.ts';
import { TRACE_COMMANDS } from '../panels/trace/trace.contract.ts';
import type { App, Command } from './app.ts';
import { attachRun, dryRun, resumeRun, startRun, stopRun } from './commands/run-commands.ts';
import {
  annotate,
  compareRuns,
  openDataSet,
  openInside,
  judgeAnswers,
  openReport,
  showConfig,
  openText,
  openRun,
  openSweepReport,
  openDivergingPairs,
  openTraces,
  copyPaths,
  reveal,
  openPlayground,
  stopModel,
  showPair,
} from './commands/open.ts';
import { copyMcpConfiguration } from './agents/agents.ts';
import { checkFile } from './problems.ts';
import { addEndpoint, copyFact, proveTorch, setUpTorch, usePython } from './commands/engine-commands.ts';
import { evaluateRun } from './commands/evaluate-run.ts';
import { forkRun, startWith } from './commands/fork-run.ts';
import { checkFrozenSet, freezeDataSet } from './commands/freeze-data-set.ts';
import { lookInside } from './commands/look-inside.ts';
import { deleteRuns, editNotes, renameRun } from './commands/keep-runs.ts';
import { mirrorDataSet } from './commands/mirror-data-set.ts';
import { runDemo } from './commands/run-demo.ts';
import { useAsDataSet } from './commands/use-as-data-set.ts';
import { runSweep } from './commands/run-sweep.ts';
import { chooseMirror, chooseRight, findPictures, joinDataSet } from './commands/interpret-run.ts';
import { annotateRows, compareEvaluations, openWall } from './commands/wall.ts';
import { measureAcuity } from './launch/measure-acuity.ts';
import { newRunConfig } from './launch/new-config.ts';
import { makeDataSet } from './launch/new-data-set.ts';
import { showActiveRuns } from './status-bar.ts';
import { setTinkerKey } from '../panels/host/endpoint-keys.host.ts';

/** Commands in a page's menu depend on the selection in the page, so the host forwards the commands. */
const ofPage = <Name extends string>(
  names: readonly Name[],
  panel: string,
  tell: (app: App, name: Name, choice: unknown) => unknown,
): Record<string, Command> =>
  Object.fromEntries(
    names.map((name) => [`chirality.${panel}.${name}`, (app, choice) => tell(app, name, choice)]),
  );

const WALKTHROUGH = 'chirality.chirality#start';

/** Handlers of all commands in package.json, by command id. */
export const commands: Readonly<Record<string, Command>> = {
  'chirality.checkFile': checkFile,
  'chirality.showPair': showPair,
  'chirality.mirrorDataSet': mirrorDataSet,
  'chirality.freezeDataSet': freezeDataSet,
  'chirality.checkFrozenSet': checkFrozenSet,
  // VS Code opens the first step that is not done.
  'chirality.getStarted': () =>
    vscode.commands.executeCommand('workbench.action.openWalkthrough', WALKTHROUGH),
  'chirality.newRunConfig': newRunConfig,
  'chirality.newDataSet': makeDataSet,
  'chirality.useAsDataSet': useAsDataSet,
  'chirality.openDataSet': openDataSet,
  'chirality.openText': openText,
  ...ofPage(DATA_COMMANDS, 'dataSet', ({ panels }, name) => panels.dataSets.front?.command(name)),
  'chirality.openRun': openRun,
  'chirality.showConfig': showConfig,
  'chirality.openInside': openInside,
  'chirality.compareRuns': compareRuns,
  'chirality.openRunsTable': ({ panels }) => panels.runsTable.open({}),
  'chirality.openReport': openReport,
  'chirality.openSweepReport': openSweepReport,
  'chirality.judgeAnswers': judgeAnswers,
  'chirality.openAcuity': ({ panels }) => panels.acuity.open({}),
  'chirality.measureAcuity': measureAcuity,
  'chirality.measureMyself': ({ panels }) => panels.acuity.open({ myself: true }),
  ...ofPage(PAIR_COMMANDS, 'pair', ({ panels }, name) => panels.pair.front?.command(name)),
  'chirality.openTraces': openTraces,
  'chirality.openDivergingPairs': openDivergingPairs,
  'chirality.openWall': openWall,
  'chirality.compareEvaluations': compareEvaluations,
  'chirality.annotateRows': annotateRows,
  ...ofPage(TRACE_COMMANDS, 'trace', ({ panels }, name) => panels.traces.front?.command(name)),
  'chirality.runs.refresh': ({ views }) => views.runs.refresh(),
  'chirality.runs.groupByFolder': ({ views }) => views.runs.groupBy('folder'),
  'chirality.runs.groupByStatus': ({ views }) => views.runs.groupBy('status'),
  'chirality.dataSets.refresh': ({ views }) => views.dataSets.refresh(),
  'chirality.engines.refresh': ({ views }) => views.engines.refresh(),
  'chirality.engines.addEndpoint': addEndpoint,
  'chirality.engines.copy': copyFact,
  'chirality.engines.usePython': usePython,
  'chirality.engines.setTinkerKey': setTinkerKey,
  'chirality.engines.setUpTorch': setUpTorch,
  'chirality.engines.proveTorch': proveTorch,
  'chirality.reveal': reveal,
  'chirality.copyMcpConfiguration': copyMcpConfiguration,
  'chirality.copyPath': copyPaths,
  'chirality.showActiveRuns': showActiveRuns,
  'chirality.startRun': startRun,
  'chirality.dryRun': dryRun,
  'chirality.stopRun': stopRun,
  'chirality.resumeRun': resumeRun,
  'chirality.attachRun': attachRun,
  'chirality.forkRun': forkRun,
  'chirality.startWith': startWith,
  'chirality.renameRun': renameRun,
  'chirality.deleteRun': deleteRuns,
  'chirality.editNotes': editNotes,
  'chirality.chooseRight': chooseRight,
  'chirality.joinDataSet': joinDataSet,
  'chirality.findPictures': findPictures,
  'chirality.chooseMirror': chooseMirror,
  'chirality.evaluateRun': evaluateRun,
  'chirality.lookInside': lookInside,
  'chirality.runDemo': runDemo,
  'chirality.runSweep': runSweep,
  'chirality.annotate': annotate,
  ...ofPage(ANNOTATE_COMMANDS, 'annotate', ({ annotation }, name, choice) =>
    annotation.tell(name, typeof choice === 'number' ? choice : undefined),
  ),
  'chirality.openPlayground': openPlayground,
  'chirality.engines.stopModel': stopModel,
  ...ofPage(PLAYGROUND_COMMANDS, 'playground', ({ playground }, name) => playground.command(name)),
};
