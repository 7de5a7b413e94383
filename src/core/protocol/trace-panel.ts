import type { TracedPair } from '../run-data/trace.ts';
import type { WhatIfReport } from '../run-data/what-if/report.ts';
import type { Changes, WhatIfConfig } from '../run-data/what-if/settings.ts';
import type { Call } from '../call.ts';
import type { PairRow } from './pair.ts';
import type { PairId, TraceQuery, TraceSource } from '../run-data/summary.ts';
import type { TraceService } from './traces.ts';

/** Where the panel stands. */
export interface TraceSubject extends TraceSource {
  /** The run's name, as people know it. */
  name: string;
  /** The pair to show; null: the one that was shown, else the first of the list. */
  id: PairId | null;
  /** What the list is to be filtered by now; as it was where nothing is said. */
  filter?: string;
}

/** What the reader has chosen to see. */
export interface TraceOptions {
  boxes: boolean;
  graph: boolean;
  /** Reasoning words are marked. */
  words: boolean;
  /** What tokens are coloured by. */
  tokens: 'none' | 'logprob' | 'kl' | 'entropy';
  whatIf: boolean;
  /** Width of the list in pixels. */
  list: number;
  /** Columns of the list; null: the usual ones. */
  columns: readonly string[] | null;
}

/** What survives a reload of the window. */
export interface TraceMemory extends TraceSubject {
  query: TraceQuery;
  options: TraceOptions;
  /** Settings that are tried. */
  changes: Changes;
}

/** The row of a data file that a traced pair was made of. */
export interface TraceRow {
  row: PairRow;
  /** The file, and the line on which the row stands. */
  path: string;
  line: number;
}

/** The part of the service that this panel alone needs. */
export interface TracePanelService {
  /** The row of a sample, by the evaluation's set; null where its file holds it no longer. @throws when it cannot be read. */
  traceRow(args: TraceSource & { sample: string; set: string | null }): Promise<TraceRow | null>;
  /** The settings between reward parts and advantages; null for runs without rewards. */
  whatIfConfig(args: { run: string }): Promise<WhatIfConfig | null>;
  /** The pairs of a step without their texts, for `recompute`. */
  whatIfStep(args: { run: string; step: number }): Promise<TracedPair[]>;
  /** The whole run under other settings. Reports the share that is done, 0–1. */
  whatIfRun(args: { run: string; changes: Changes }, call: Call<number>): Promise<WhatIfReport>;
}

/** What the page asks of the host. It may ask only for the run that the panel was opened for. */
export interface TraceHost extends TraceService, TracePanelService {
  ready(args: null): void;
  /** The page shows another source or pair. */
  moved(args: { source: string | undefined; id: PairId | null }): void;
  openRow(args: { path: string; line: number }): void;
  openKeybindings(args: null): void;
  /** To the clipboard; `done` is said afterwards. */
  copy(args: { text: string; done: string }): Promise<void>;
  /** Asks where to, and writes. Resolves when it is written, or nobody wanted it. */
  save(args: { name: string; bytes: Uint8Array }): Promise<void>;
}

/** What keys and the palette do, by the last part of the commands' ids: `chirality.trace.<name>`. */
export const TRACE_COMMANDS = [
  'next',
  'previous',
  'nextStep',
  'previousStep',
  'swap',
  'toggleBoxes',
  'toggleGraph',
  'toggleWords',
  'toggleWhatIf',
  'search',
  'copy',
  'exportPng',
  'exportHtml',
  'showKeys',
] as const;
export type TraceCommand = (typeof TRACE_COMMANDS)[number];

/** What the host tells the page. */
export interface TracePage {
  /** At every start of the page, and when the panel is asked for a pair. */
  show(args: { subject: TraceSubject }): void;
  command(args: { name: TraceCommand }): void;
  /** The run has written more. */
  changed(args: null): void;
  /** There is nothing that could be shown. */
  message(args: { title: string; detail: string }): void;
}
