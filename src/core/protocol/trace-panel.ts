import type {
  EvaluationPlace,
  OpenedPair,
  PairId,
  TraceQuery,
  TraceSource,
  TraceSourceInfo,
  TraceSummary,
} from '../run-data/trace-summary.ts';
import type { Partners, Wall } from '../run-data/wall.ts';
import type { Call } from '../call.ts';
import type { TracedPair } from '../run-data/trace.ts';
import type { WhatIfReport } from '../run-data/what-if/recompute.ts';
import type { Changes, WhatIfConfig } from '../run-data/what-if/settings.ts';
import type { ViewId } from '../views/list.ts';
import type { ImageBytes, PairRow } from './pair.ts';
import type { Interpretation, ShownInterpretation } from '../run-data/foreign/interpretation.ts';

/** The answer to a query: the number of rows; `rows` returns them in pages. */
export interface TraceList {
  /** Number of this result; `rows` refuses outdated ones. */
  list: number;
  total: number;
  /** Number of all pairs in the source. */
  of: number;
  /** If a second evaluation is compared: how many of the pairs it has too. */
  compared: number | null;
  /** With what originals are paired: their mirrors, also other views, or nothing; then all are single rows. */
  partners: Partners;
  /** Steps with traces, ascending. */
  steps: number[];
  /** How many lines cannot be read, and messages for the first of them with file and line. */
  broken: number;
  problems: string[];
  /** For a run of another program: the properties that no pair has, which are neither shown nor offered. */
  unknown?: string[];
  /** For such a run: why its program's files do not have a property of pairs and completions, by its name. */
  missing?: Record<string, string>;
  /** For a run of another program that is read in its own folder: what a person says about it. */
  interpretation?: ShownInterpretation;
}

/** Calls that the service thread handles for the traces of a run. It only reads paths in the run's folder. */
export interface TraceService {
  traceSources(args: { run: string }): Promise<TraceSourceInfo[]>;
  /**
   * Reads what is new, reports the share that has been indexed (0–1), and returns the list.
   * @param args.list the list's existing number, given by a thread that stopped.
   * @param args.against a second evaluation, which the host adds.
   * @param args.allowed folders with data that may be read, which the host adds.
   * @throws if the filter has a mistake; `checkFilter` of core/query finds mistakes, with their column, beforehand.
   */
  traces(
    args: TraceSource & {
      query: TraceQuery;
      list?: number;
      against?: EvaluationPlace | undefined;
      allowed?: string[];
    },
    call: Call<number>,
  ): Promise<TraceList>;
  /** Returns all pairs of a list, grouped by the field that it is sorted by if that is one of `WALL_GROUPS`. */
  traceWall(args: TraceSource & { list: number }): Promise<Wall>;
  traceRows(args: TraceSource & { list: number; from: number; count: number }): Promise<TraceSummary[]>;
  /** Returns the index of a pair in a list; −1 if the filter hides it. */
  traceIndex(args: TraceSource & { list: number; id: PairId }): Promise<number>;
  tracePair(args: TraceSource & { id: PairId }): Promise<OpenedPair>;
  /**
   * Returns every pair of one sample, by step; in an evaluation, of the sample of `set`, as other sets may use its id.
   */
  traceSample(args: TraceSource & { sample: string; set: string | null }): Promise<TraceSummary[]>;
}

/** What the panel shows. */
export interface TraceSubject extends TraceSource {
  /** The run's name, as shown to people. */
  name: string;
  /** The pair to show; null: the one shown before, else the first of the list. */
  id: PairId | null;
  /** The filter for the list; if absent, the filter stays as it is. */
  filter?: string;
  /** True: show the wall. */
  wall?: boolean;
  /** A second evaluation, with which an evaluation is compared pair by pair. */
  against?: EvaluationPlace | undefined;
}

/** The reader's display options. */
export interface TraceOptions {
  boxes: boolean;
  graph: boolean;
  /** Whether reasoning words are marked. */
  words: boolean;
  /** The value that tokens are coloured by. */
  tokens: 'none' | 'logprob' | 'kl' | 'entropy';
  whatIf: boolean;
  /** Width of the list in pixels. */
  list: number;
  /** Columns of the list; null: the default ones. */
  columns: readonly string[] | null;
  /** Whether all pairs are shown as a wall of pictures in place of the list and one pair. */
  wall: boolean;
}

/** Survives a reload of the window. */
export interface TraceMemory extends TraceSubject {
  query: TraceQuery;
  options: TraceOptions;
  /** The settings of the what-if. */
  changes: Changes;
}

/** The row of a data file from which a traced pair was made. */
export interface TraceRow {
  row: PairRow;
  /** The file, and the line on which the row stands. */
  path: string;
  line: number;
  /** Its choices in each of the views asked for, without views in which it has none. */
  choices: Partial<Record<ViewId, readonly string[]>>;
}

/**
 * A picture of a pair: the `image`-th of the references of its `view`-th view, the first by default. Turned views use
 * the original's pictures; a view that draws the scene has its own.
 */
export type TraceImage = TraceSource & { id: PairId; view?: number; image: number };

/**
 * The part of the service that reads data of a run outside the run's folder: a person decides which folders it may
 * read.
 */
export interface TraceData {
  /** Returns the folders of the run's data that are not inside an `allowed` one. */
  foldersToAllow(args: TraceSource & { allowed: string[] }): Promise<string[]>;
  traceImage(args: TraceImage & { allowed: string[] }): Promise<ImageBytes>;
  /**
   * Returns the row of a sample; null if its file no longer has it. @throws if the file cannot or may not be read.
   * @param args.views the views of the pair that is shown
   */
  traceRow(args: TraceSample & { views: readonly ViewId[]; allowed: string[] }): Promise<TraceRow | null>;
  /** Returns the rows of data files from which pairs were made, and how many were not found. */
  rowsOfPairs(args: TraceSource & { ids: readonly PairId[]; allowed: string[] }): Promise<RowsOfPairs>;
  /** Writes these rows to a file, with their pictures relative to its folder. @throws if none was found. */
  saveRowsOfPairs(
    args: TraceSource & { ids: readonly PairId[]; allowed: string[]; path: string },
  ): Promise<{ rows: number; missing: number }>;
}

interface RowsOfPairs {
  files: { path: string; ids: string[] }[];
  missing: number;
}

/** A sample that pairs were made from. `set`: of an evaluation; null for traces. */
type TraceSample = TraceSource & { sample: string; set: string | null };

/** The part of the service that only this panel needs. */
export interface TracePanelService {
  /** Returns the settings that determine advantages from reward parts; null for runs without rewards. */
  whatIfConfig(args: { run: string }): Promise<WhatIfConfig | null>;
  /** Returns the pairs of a step without their texts, for `recompute`. */
  whatIfStep(args: { run: string; step: number }): Promise<TracedPair[]>;
  /** Recomputes the whole run under other settings. Reports the share that is done, 0–1. */
  whatIfRun(args: { run: string; changes: Changes }, call: Call<number>): Promise<WhatIfReport>;
}

/** What the service says of configs with other settings (`set`: entries such as `coupling.eta=2`), and of forks. */
export interface ForkService {
  /**
   * A run's config with other values, for a file in a folder: paths inside the folder are relative to it.
   * @throws in words where the values do not fit.
   */
  configWith(args: { run: string; set: readonly string[]; folder: string }): Promise<string>;
  /** What a fork would begin with. @throws in words where there can be none. */
  forkPlan(args: { run: string; step: number; set: readonly string[] }): Promise<ForkSummary>;
}

/** What a fork begins with. */
export interface ForkSummary {
  /** The step of its checkpoint. */
  step: number;
  /** The settings that differ: "coupling.eta 1 → 2". */
  changes: string;
  /** Why newer checkpoints are not taken. */
  broken: string[];
}

/** Calls that the page makes to the host. It may only ask for the run that the panel was opened for. */
export interface TraceHost extends TraceService, TracePanelService {
  ready(args: null): void;
  traces(args: TraceSource & { query: TraceQuery; list?: number }, call: Call<number>): Promise<TraceList>;
  /** Lets the user choose a second evaluation to compare with, or ends comparing. */
  compare(args: { source: string | null }): void;
  /** Opens the rows of pairs in the annotation editor. */
  annotate(args: TraceSource & { ids: readonly PairId[] }): Promise<void>;
  /** Lets the user say which reward of another program's run means right, or which data set has its questions. */
  interpret(args: { what: keyof Interpretation }): void;
  /** Lets the user choose a file, and saves the rows of pairs in it. */
  saveRows(args: TraceSource & { ids: readonly PairId[] }): Promise<void>;
  /** This and `traceRow` ask the person before they read outside the workspace and the run. */
  traceImage(args: TraceImage): Promise<ImageBytes>;
  traceRow(args: TraceSample & { views: readonly ViewId[] }): Promise<TraceRow | null>;
  /** Called when the page shows another source or pair. */
  moved(args: { source: string | undefined; id: PairId | null }): void;
  openRow(args: { path: string; line: number }): void;
  openKeybindings(args: null): void;
  /** Writes a run config with the settings, and opens it. */
  startWith(args: { run: string; set: readonly string[] }): void;
  /** Starts a run with the settings from the last checkpoint at or before a step. */
  fork(args: { run: string; step: number; set: readonly string[] }): void;
  /** Copies a text to the clipboard and then shows the message `done`. */
  copy(args: { text: string; done: string }): Promise<void>;
  /** Lets the user choose a file and writes it. Resolves once it is written or the user cancelled. */
  save(args: { name: string; bytes: Uint8Array }): Promise<void>;
}

/** Commands for keys and the palette, by the last part of their ids: `chirality.trace.<name>`. */
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
  'toggleWall',
  'selectAll',
  'search',
  'copy',
  'exportPng',
  'exportHtml',
  'showKeys',
] as const;
export type TraceCommand = (typeof TRACE_COMMANDS)[number];

/** Calls that the host makes to the page. */
export interface TracePage {
  /**
   * Called whenever the page starts, and when the panel is asked to show a pair.
   * @param args.pair the pair to show, if it was read while the page started
   */
  show(args: { subject: TraceSubject; pair?: OpenedPair }): void;
  command(args: { name: TraceCommand }): void;
  /** Called when the run has written more. */
  changed(args: null): void;
  /** Called when there is nothing to show. */
  message(args: { title: string; detail: string }): void;
}
