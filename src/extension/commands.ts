import type { SecretStorage } from 'vscode';
import { TRACE_COMMANDS } from '../core/protocol/trace-panel.ts';
import { attachRun } from './commands/attach-run.ts';
import type { AnnotationEditor } from './annotate/editor.ts';
import { annotateCommands } from './commands/annotate.ts';
import { checkFile } from './commands/check-file.ts';
import { compareRuns } from './commands/compare-runs.ts';
import { openDataSet } from './commands/open-data-set.ts';
import { openReport } from './commands/open-report.ts';
import { openRun } from './commands/open-run.ts';
import { openSweepReport } from './commands/open-sweep-report.ts';
import { openTraces } from './commands/open-traces.ts';
import { copyPaths, reveal } from './commands/places.ts';
import { dryRun } from './commands/dry-run.ts';
import { addEndpoint, copyFact, setUpTorch, usePython } from './commands/engines.ts';
import { evaluateRun } from './commands/evaluate-run.ts';
import { checkFrozenSet, freezeDataSet } from './commands/freeze-data-set.ts';
import { mirrorDataSet } from './commands/mirror-data-set.ts';
import { playgroundCommands } from './commands/playground.ts';
import { previewStrategy } from './commands/preview-strategy.ts';
import { resumeRun } from './commands/resume-run.ts';
import { runDemo } from './commands/run-demo.ts';
import { runSweep } from './commands/run-sweep.ts';
import { showPair } from './commands/show-pair.ts';
import { startRun } from './commands/start-run.ts';
import { stopRun } from './commands/stop-run.ts';
import type { DataPanels } from './data-panel/panels.ts';
import type { Program } from './launch/program.ts';
import type { PairPanel } from './pair/panel.ts';
import type { LoadedModels } from './playground/loaded-models.ts';
import type { PlaygroundPanel } from './playground/panel.ts';
import type { Problems } from './problems.ts';
import type { ReportPanels } from './report-panel/panels.ts';
import type { RunPanels } from './run-panel/panels.ts';
import type { RunList } from './runs/watch.ts';
import { showActiveRuns } from './status-bar.ts';
import type { TracePanels } from './trace-panel/panels.ts';
import type { EnginesView } from './views/engines.ts';
import type { DataSetsView } from './views/data-sets.ts';
import type { RunsView } from './views/runs.ts';
import type { Service } from './service/service.ts';

/** What commands work on. */
export interface App {
  readonly annotation: AnnotationEditor;
  readonly dataPanels: DataPanels;
  readonly problems: Problems;
  readonly pair: PairPanel;
  readonly reports: ReportPanels;
  readonly playground: PlaygroundPanel;
  readonly models: LoadedModels;
  readonly runs: RunList;
  readonly runPanels: RunPanels;
  readonly traces: TracePanels;
  readonly views: { readonly runs: RunsView; readonly dataSets: DataSetsView; readonly engines: EnginesView };
  readonly program: Program;
  /** Where keys of endpoints are kept. */
  readonly secrets: SecretStorage;
  /** Shows what the program said, where it is more than a message can hold. */
  readonly showLog: (text: string) => void;
  readonly service: Service;
}

export type Command = (app: App, ...args: unknown[]) => unknown;

/** Every command of package.json, by its id. */
export const commands: Readonly<Record<string, Command>> = {
  'chirality.checkFile': checkFile,
  'chirality.showPair': showPair,
  'chirality.mirrorDataSet': mirrorDataSet,
  'chirality.freezeDataSet': freezeDataSet,
  'chirality.checkFrozenSet': checkFrozenSet,
  'chirality.previewStrategy': previewStrategy,
  'chirality.openDataSet': openDataSet,
  'chirality.openRun': openRun,
  'chirality.compareRuns': compareRuns,
  'chirality.openReport': openReport,
  'chirality.openSweepReport': openSweepReport,
  'chirality.pair.nextRow': ({ pair }) => pair.move(1),
  'chirality.pair.previousRow': ({ pair }) => pair.move(-1),
  'chirality.pair.toggleBoxes': ({ pair }) => pair.tell('toggleBoxes'),
  'chirality.pair.showKeys': ({ pair }) => pair.tell('showKeys'),
  'chirality.pair.openRow': ({ pair }) => pair.openRow(),
  'chirality.openTraces': openTraces,
  ...Object.fromEntries(
    TRACE_COMMANDS.map((name) => [`chirality.trace.${name}`, ({ traces }: App) => traces.command(name)]),
  ),
  'chirality.runs.refresh': ({ views }) => views.runs.refresh(),
  'chirality.runs.groupByFolder': ({ views }) => views.runs.groupBy('folder'),
  'chirality.runs.groupByStatus': ({ views }) => views.runs.groupBy('status'),
  'chirality.dataSets.refresh': ({ views }) => views.dataSets.refresh(),
  'chirality.engines.refresh': ({ views }) => views.engines.refresh(),
  'chirality.engines.addEndpoint': addEndpoint,
  'chirality.engines.copy': copyFact,
  'chirality.engines.usePython': usePython,
  'chirality.engines.setUpTorch': setUpTorch,
  'chirality.reveal': reveal,
  'chirality.copyPath': copyPaths,
  'chirality.showActiveRuns': showActiveRuns,
  'chirality.startRun': startRun,
  'chirality.dryRun': dryRun,
  'chirality.stopRun': stopRun,
  'chirality.resumeRun': resumeRun,
  'chirality.attachRun': attachRun,
  'chirality.evaluateRun': evaluateRun,
  'chirality.runDemo': runDemo,
  'chirality.runSweep': runSweep,
  ...annotateCommands,
  ...playgroundCommands,
};
