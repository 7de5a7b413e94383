import type {
  OpenedPair,
  TraceList,
  TraceMemory,
  TraceOptions,
  TraceRow,
  TraceSubject,
  WhatIfOfRun,
} from '../../src/panels/trace/trace.contract.ts';
import type {
  PairId,
  TraceQuery,
  TraceSourceInfo,
  ListedPair,
} from '../../src/core/run-data/trace-summary.ts';
import type { TracedPair } from '../../src/core/run-data/trace.ts';
import type { Wall } from '../../src/panels/trace/wall.contract.ts';
import type { Changes, WhatIfConfig } from '../../src/core/run-data/what-if-settings.ts';
import type { Selection } from './wall/selection.ts';

/** Opened pair with its data-file row, and all pairs of the same row at other steps. */
export interface ShownPair {
  id: PairId;
  pair: OpenedPair;
  /** Row in the data file: boxes, graph, choices. Null until the row is loaded, or without a row. */
  row: TraceRow | null;
  /** Reason why the row is missing, or why the page does not use the row; otherwise null. */
  rowProblem: string | null;
  /** All pairs of the same row, by step. */
  along: ListedPair[];
}

export interface ChosenCompletion {
  view: number;
  completion: number;
}

export interface TracePanelState {
  subject: TraceSubject | null;
  message: { title: string; detail: string } | null;
  sources: TraceSourceInfo[];
  query: TraceQuery;
  list: TraceList | null;
  listError: string | null;
  /** Whether a narrow window shows the list instead of the opened pair. */
  listed: boolean;
  /** Share of the traces that has been read; null when all traces are read. */
  reading: number | null;
  /** Requested pair. While it loads, `opened` is the previous pair. */
  id: PairId | null;
  opened: ShownPair | null;
  openError: string | null;
  chosen: ChosenCompletion | null;
  stage: string;
  /** All pairs of the list, while the grid is shown. Until the list's pairs are loaded, pairs of the previous list. */
  wall: { list: TraceList; wall: Wall } | null;
  /** Pairs that the user has selected in the grid. */
  selection: Selection;
  /** Whether the mirror replaces the original in the same place. */
  swapped: boolean;
  showKeys: boolean;
  options: TraceOptions;
  config: WhatIfConfig | null;
  changes: Changes;
  whatIfRun: WhatIfOfRun | null;
  /** All pairs in the step of the opened pair, for the what-if analysis. */
  step: { step: number; pairs: TracedPair[] } | null;
}

const DEFAULTS: TraceOptions = {
  boxes: true,
  graph: false,
  words: false,
  tokens: 'none',
  whatIf: false,
  list: 320,
  columns: null,
  wall: false,
};

export const ALL: TraceQuery = { filter: '', text: '', sort: null };

/** Returns the state of the page before the host has sent data. */
export const firstState = (remembered: TraceMemory | null): TracePanelState => ({
  subject: null,
  message: null,
  sources: [],
  query: remembered?.query ?? ALL,
  list: null,
  listError: null,
  listed: false,
  reading: null,
  id: null,
  opened: null,
  openError: null,
  wall: null,
  selection: new Map(),
  chosen: null,
  stage: 'answer',
  swapped: false,
  showKeys: false,
  options: { ...DEFAULTS, ...remembered?.options },
  config: null,
  changes: remembered?.changes ?? {},
  whatIfRun: remembered?.whatIfRun ?? null,
  step: null,
});
