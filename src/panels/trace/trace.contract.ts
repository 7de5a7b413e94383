import * as z from 'zod/mini';
import type {
  PairId,
  TraceQuery,
  TraceSource,
  TraceSourceInfo,
  ListedPair,
} from '../../core/run-data/trace-summary.ts';
import type { Partners, Wall } from './wall.contract.ts';
import type { RecordedPair, SegmentArrays, TracedPair } from '../../core/run-data/trace.ts';
import type { WhatIfReport } from '../../core/run-data/what-if.ts';
import type { Changes, WhatIfConfig } from '../../core/run-data/what-if-settings.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { answers, copied, count, nothing, saved, text, type HostOf } from '../calls.contract.ts';
import type { Args } from '../../base/channel.ts';
import type { ImageBytes, PairRow } from '../pair/pair.contract.ts';
import { interpretationField, type ShownInterpretation } from '../run/interpretation.contract.ts';

/** The answer to a query: the number of rows; `rows` returns them in pages. */
export interface TraceList {
  /** Number of this result; `rows` refuses outdated ones. */
  list: number;
  total: number;
  inSource: number;
  /** If a second evaluation is compared: how many of the pairs it has too. */
  compared: number | null;
  /** With what originals are paired: their mirrors, also other views, or nothing; then all are single rows. */
  partners: Partners;
  /** Steps with traces, ascending. */
  steps: number[];
  /** How many lines cannot be read, and messages for the first of them with file and line. */
  broken: number;
  problems: string[];
  /** Names of rewards and metrics beyond the known ones: properties and columns, too. */
  own?: string[];
  /** For an external run: the properties that no pair has, which are neither shown nor offered. */
  unknown?: string[];
  /** For such a run: why its program's files do not have a property of pairs and completions, by its name. */
  missing?: Record<string, string>;
  /** For an external run that is read in its own folder: what the user says about it. */
  interpretation?: ShownInterpretation;
}

const source = z.optional(text);
const pairId = z.object({ step: count, pair: count });
const query = z.object({
  filter: text,
  text,
  sort: z.nullable(z.object({ field: text, descending: z.boolean() })),
});

/** An evaluation in the folder of a run; `.` if the folder is itself an evaluation. */
export interface EvaluationPlace {
  run: string;
  source: string;
}

export interface OpenedPair {
  summary: ListedPair;
  traced: RecordedPair;
  /** `[view][completion][segment]`; null if the arrays were not kept. */
  arrays: (SegmentArrays | null)[][][];
  /** Why stored arrays cannot be read; null if they can. */
  arraysProblem: string | null;
  /** The family of the run's model (core/seen/families.ts); absent if it is not known. */
  sees?: string;
}

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
  tokens: 'none' | 'logprob' | 'kl' | 'entropy';
  whatIf: boolean;
  /** Width of the list in pixels. */
  list: number;
  /** Columns of the list; null: the default ones. */
  columns: readonly string[] | null;
  /** Whether all pairs are shown as a grid of images in place of the list and one pair. */
  wall: boolean;
}

/** Survives a reload of the window. */
export const traceMemory = z.looseObject({
  run: text,
  source,
  name: text,
  id: z.nullable(pairId),
  filter: z.exactOptional(text),
  against: z.optional(z.object({ run: text, source: text })),
});
export interface TraceMemory extends TraceSubject {
  query: TraceQuery;
  options: TraceOptions;
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

export interface ForkSummary {
  step: number;
  /** The settings that differ: "coupling.eta 1 → 2". */
  changes: string;
  /** Why newer checkpoints are not taken. */
  broken: string[];
}

/** A setting that a fork can change, with the run's value. */
export interface ForkSetting {
  label: string;
  /** As `fork --set` takes it: `coupling.eta`. */
  path: string;
  value: number | string;
  /** Null: a number. */
  choices: string[] | null;
}

const ofRun = { run: text };
const ofSource = { ...ofRun, source };
const ofList = { ...ofSource, list: count };
const ofPair = { ...ofSource, id: pairId };
/** A sample that pairs were made from. `set`: of an evaluation; null for traces. */
const ofSample = { ...ofSource, sample: text, set: z.nullable(text) };
const pairs = z.object({ ...ofSource, ids: z.array(pairId) });
/** Settings as `fork --set` takes them. */
const settings = z.array(text);

/** Calls that the service thread answers about the traces of a run. It only reads paths in the run's folder. */
export const traceReads = {
  traceSources: answers<TraceSourceInfo[]>()(z.object(ofRun)),
  /** Returns all pairs of a list, grouped by the field that it is sorted by if that is one of `WALL_GROUPS`. */
  traceWall: answers<Wall>()(z.object(ofList)),
  traceRows: answers<ListedPair[]>()(z.object({ ...ofList, from: count, count })),
  /** Returns the index of a pair in a list; −1 if the filter hides it. */
  traceIndex: answers<number>()(z.object({ ...ofList, id: pairId })),
  tracePair: answers<OpenedPair>()(z.object(ofPair)),
  /**
   * Returns every pair of one sample, by step; in an evaluation, of the sample of `set`, as other sets may use its id.
   */
  traceSample: answers<ListedPair[]>()(z.object(ofSample)),
};

/** Calls that the service thread answers about other settings. */
export const whatIfReads = {
  /** Returns the settings that determine advantages from reward parts; null for runs without rewards. */
  whatIfConfig: answers<WhatIfConfig | null>()(z.object(ofRun)),
  /** Returns why there are none, in a sentence. */
  whyNoWhatIf: answers<string>()(z.object(ofRun)),
  /** Returns the steps of the run's checkpoints, from which it can be forked, ascending. */
  whatIfCheckpoints: answers<number[]>()(z.object(ofRun)),
  /** Returns the pairs of a step without their texts, for `assess`. */
  whatIfStep: answers<TracedPair[]>()(z.object({ ...ofRun, step: count })),
  /** Recomputes the whole run under other settings. Reports the share that is done, 0–1. */
  whatIfRun: answers<WhatIfReport, number>()(
    z.object({ ...ofRun, changes: z.record(text, z.union([z.number(), text])) }),
  ),
};

/** Calls that read the run's data outside its folder: the host first asks the person which folders may be read. */
const traceData = {
  /**
   * An image of a pair: the `image`-th of the references of its `view`-th view, the first by default. Turned views use
   * the original's images; a view that draws the scene has its own.
   */
  traceImage: answers<ImageBytes>()(z.object({ ...ofPair, view: z.exactOptional(count), image: count })),
  /**
   * Returns the row of a sample; null if its file no longer has it. `views`: those of the pair that is shown.
   * @throws if the file cannot or may not be read.
   */
  traceRow: answers<TraceRow | null>()(z.object({ ...ofSample, views: z.array(text) })),
};

/** Calls that the page makes to the host. It may only ask for the run that the panel was opened for. */
export const traceCalls = {
  ready: nothing,
  ...traceReads,
  ...whatIfReads,
  ...traceData,
  /**
   * Reads what is new, reports the share that has been indexed (0–1), and returns the list.
   * `list`: the list's existing number, given by a thread that stopped.
   * @throws if the filter has a mistake; `checkFilter` of core/query finds mistakes, with their column, beforehand.
   */
  traces: answers<TraceList, number>()(z.object({ ...ofSource, query, list: z.exactOptional(count) })),
  /** Lets the user choose a second evaluation to compare with, or ends comparing. */
  compare: z.object({ source: z.nullable(text) }),
  /** Opens the rows of pairs in the annotation editor. */
  annotate: pairs,
  /** Lets the user say what the files of a run do not: which reward means right, where its data are, … */
  interpret: z.object({ what: interpretationField }),
  /** Lets the user choose a file, and saves the rows of pairs in it. */
  saveRows: pairs,
  /** Called when the page shows another source or pair. */
  moved: z.object({ source, id: z.nullable(pairId) }),
  openRow: z.object({ path: text, line: count }),
  openKeybindings: nothing,
  /** Says why a command can do nothing here. */
  refuse: z.object({ why: text }),
  /** Writes a run config with the settings, and opens it. */
  startWith: z.object({ ...ofRun, set: settings }),
  /** Starts a run with the settings from the last checkpoint at or before a step. */
  fork: z.object({ ...ofRun, step: count, set: settings }),
  copy: copied,
  /** Answers once the file is written or the user cancelled. */
  save: saved,
};
export type TraceHost = HostOf<typeof traceCalls>;

/** A call's argument, to which the host adds the folders with data that may be read. */
export type Allowed<Name extends keyof TraceHost> = Args<TraceHost[Name]> & { allowed: string[] };

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
