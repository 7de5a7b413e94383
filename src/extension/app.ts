import type { SecretStorage } from 'vscode';
import type { AnnotationEditor } from './annotate/editor.ts';
import type { DataPanels } from './data-panel/panels.ts';
import type { Program } from './launch/program.ts';
import type { PairPanel } from './panels/pair.ts';
import type { LoadedModels } from './playground/loaded-models.ts';
import type { PlaygroundPanel } from './panels/playground.ts';
import type { Problems } from './problems.ts';
import type { ReportPanels } from './report-panel/panels.ts';
import type { RunPanels } from './run-panel/panels.ts';
import type { RunList } from './runs/watch.ts';
import type { Service } from './service-client.ts';
import type { TracePanels } from './panels/panel-set.ts';
import type { DataSetsView } from './views/data-sets.ts';
import type { EnginesView } from './views/engines.ts';
import type { RunsView } from './views/runs.ts';

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
