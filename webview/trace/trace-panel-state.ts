import type {
  OpenedPair,
  TraceList,
  TraceMemory,
  TraceOptions,
  TraceRow,
  TraceSubject,
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

/** Pair with its row and its other steps. */
export interface ShownPair {
  id: PairId;
  pair: OpenedPair;
  /** Row of the data file: boxes, graph, choices. Null until it is loaded, and if there is none. */
  row: TraceRow | null;
  /** Reason why there is no row, or why it is not used. */
  rowProblem: string | null;
  /** All pairs of the same sample, by step. */
  along: ListedPair[];
}

export interface ChosenCompletion {
  view: number;
  completion: number;
}

/** State of the page. */
export interface TracePanelState {
  subject: TraceSubject | null;
  message: { title: string; detail: string } | null;
  sources: TraceSourceInfo[];
  query: TraceQuery;
  list: TraceList | null;
  listError: string | null;
  /** Whether a narrow window shows the list instead of the pair. */
  listed: boolean;
  /** Share of the traces that has been read; null when complete. */
  reading: number | null;
  /** Requested pair; `opened` is still the previous one while it loads. */
  id: PairId | null;
  opened: ShownPair | null;
  openError: string | null;
  chosen: ChosenCompletion | null;
  stage: string;
  /** All pairs of the list, while the grid is shown; those of the previous list until they are loaded. */
  wall: { list: TraceList; wall: Wall } | null;
  /** Pairs selected in the grid. */
  selection: Selection;
  /** Whether the mirror replaces the original. */
  swapped: boolean;
  showKeys: boolean;
  options: TraceOptions;
  config: WhatIfConfig | null;
  changes: Changes;
  /** All pairs of the opened pair's step, for What if. */
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

/** Returns the state of the page before anything is loaded. */
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
  step: null,
});
