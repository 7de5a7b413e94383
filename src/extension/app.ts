import type { SecretStorage } from 'vscode';
import type { AnnotationEditor } from './annotate/editor.ts';
import type { ConfigLanguage } from './config-language/language.ts';
import type { DataRoots, OwnPrograms } from './consent.ts';
import type { DataPanels } from './panels/data-set.ts';
import type { Program } from './launch/program.ts';
import type { PairPanels } from './panels/pair.ts';
import type { LoadedModels } from './playground/loaded-models.ts';
import type { Playground } from './panels/playground.ts';
import type { Problems } from './problems.ts';
import type { AcuityPanels } from './panels/acuity.ts';
import type { InsidePanels } from './panels/inside.ts';
import type { ReportPanels } from './panels/report.ts';
import type { RunPanels } from './panels/run.ts';
import type { RunsPanels } from './panels/runs-table.ts';
import type { Interpretations } from './commands/interpret-run.ts';
import type { RunList } from './run-list/run-list.ts';
import type { Service } from './service-client.ts';
import type { TablePanels } from './panels/table.ts';
import type { TracePanels } from './panels/trace.ts';
import type { DataSetsView } from './views/data-sets.ts';
import type { EnginesView } from './views/engines.ts';
import type { RunsView } from './views/runs-view.ts';

/** The parts of the extension that commands work with. */
export interface App {
  readonly annotation: AnnotationEditor;
  readonly configs: ConfigLanguage;
  readonly problems: Problems;
  readonly playground: Playground;
  readonly models: LoadedModels;
  readonly runs: RunList;
  readonly interpretations: Interpretations;
  readonly panels: {
    readonly dataSets: DataPanels;
    readonly pair: PairPanels;
    readonly acuity: AcuityPanels;
    readonly inside: InsidePanels;
    readonly reports: ReportPanels;
    readonly runs: RunPanels;
    readonly runsTable: RunsPanels;
    readonly tables: TablePanels;
    readonly traces: TracePanels;
  };
  readonly views: { readonly runs: RunsView; readonly dataSets: DataSetsView; readonly engines: EnginesView };
  readonly program: Program;
  readonly roots: DataRoots;
  readonly ownPrograms: OwnPrograms;
  /** Stores the keys of endpoints. */
  readonly secrets: SecretStorage;
  /** Shows the program's output if it is too long for a message. */
  readonly showLog: (text: string) => void;
  readonly service: Service;
}

export type Command = (app: App, ...args: unknown[]) => unknown;
