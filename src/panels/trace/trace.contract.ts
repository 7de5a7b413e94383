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

/** Answer to a query, with the number of rows. The call `rows` returns the rows in pages. */
export interface TraceList {
  /** Number of this list. The call `rows` rejects outdated numbers. */
  list: number;
  total: number;
  inSource: number;
  /** Number of pairs that are also in the second evaluation of a comparison; null without a comparison. */
  compared: number | null;
  /** Kind of the originals' partners: only mirrors, also other views, or null (all pairs are single rows). */
  partners: Partners;
  /** Numbers of the steps with traces, ascending. */
  steps: number[];
  /** Number of unreadable lines. The next field has messages about the first unreadable lines, with file and line. */
  broken: number;
  problems: string[];
  /** Names of custom rewards and metrics. They are also properties of pairs and columns of the list. */
  own?: string[];
  /** Properties without a value in any pair. The page hides them and does not suggest them. */
  unknown: string[];
  /** Values of the pairs, "null" included, of each property that is a choice. The page suggests no others. */
  occurring: Record<string, string[]>;
  /** For an external run: the reason why the program's files lack a property, by property of pairs and completions. */
  missing?: Record<string, string>;
  /** Mapping of an external run that is read in place. */
  interpretation?: ShownInterpretation;
}

const source = z.optional(text);
const pairId = z.object({ step: count, pair: count });
const query = z.object({
  filter: text,
  text,
  sort: z.nullable(z.object({ field: text, descending: z.boolean() })),
});

/** Location of an evaluation in a run's folder; `.` if the folder itself is an evaluation. */
export interface EvaluationPlace {
  run: string;
  source: string;
}

export interface OpenedPair {
  summary: ListedPair;
  traced: RecordedPair;
  /** Stored arrays by `[view][completion][segment]`; null for segments without arrays. */
  arrays: (SegmentArrays | null)[][][];
  /** Reason why the stored arrays are unreadable; null if they are readable. */
  arraysProblem: string | null;
  /** Family of the run's model (core/seen/families.ts); undefined if unknown. */
  sees?: string;
}

export interface TraceSubject extends TraceSource {
  /** Display name of the run. */
  name: string;
  /** Pair to show; null for the pair shown before or, without one, the first pair of the list. */
  id: PairId | null;
  /** Filter for the list. If undefined, the list's filter does not change. */
  filter?: string;
  /** Whether to show the difference grid. */
  wall?: boolean;
  /** Second evaluation, which the panel compares with the first evaluation pair by pair. */
  against?: EvaluationPlace | undefined;
}

/** Display options that the user has chosen. */
export interface TraceOptions {
  boxes: boolean;
  graph: boolean;
  /** Whether to highlight certain words in the reasoning. */
  words: boolean;
  tokens: 'none' | 'logprob' | 'kl' | 'entropy';
  whatIf: boolean;
  /** Width of the list in pixels. */
  list: number;
  /** Columns of the list; null for the default columns. */
  columns: readonly string[] | null;
  /** Whether a grid of images replaces the list and the selected pair. */
  wall: boolean;
}

/** Stored state, which survives a reload of the window. */
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
  whatIfRun: WhatIfOfRun | null;
}

/** Effect of changed settings on all traced steps of a run. */
export interface WhatIfOfRun {
  report: WhatIfReport;
  changes: Changes;
}

export interface TraceRow {
  row: PairRow;
  /** Data file of the row. `line`: the row's line in the file, from 1. */
  path: string;
  line: number;
  /** Choices of the row in each requested view. Views without choices are missing. */
  choices: Partial<Record<ViewId, readonly string[]>>;
  /** Answers that count as correct, for a measured reference answer; null for an exact reference answer. */
  accepted: string | null;
}

export interface ForkSummary {
  step: number;
  /** Changed settings as text: "coupling.eta 1 → 2". */
  changes: string;
  /** Reasons why newer checkpoints are unusable. */
  broken: string[];
}

/** Setting that a fork can change, with the value of the run. */
export interface ForkSetting {
  label: string;
  /** Path of the setting for `fork --set`: `coupling.eta`. */
  path: string;
  value: number | string;
  /** Allowed values; null if the value is a number. */
  choices: string[] | null;
}

const ofRun = { run: text };
const ofSource = { ...ofRun, source };
const ofList = { ...ofSource, list: count };
const ofPair = { ...ofSource, id: pairId };
/** Row from which pairs were made. `set`: evaluation set of the row; null for traces. */
const ofSample = { ...ofSource, sample: text, set: z.nullable(text) };
const pairs = z.object({ ...ofSource, ids: z.array(pairId) });
/** Schema for changed settings, in the form of `fork --set`. */
const settings = z.array(text);

/** Calls about a run's traces. The worker thread answers them, and reads only files in the run's folder. */
export const traceReads = {
  traceSources: answers<TraceSourceInfo[]>()(z.object(ofRun)),
  /** Returns all pairs of a list. If the list is sorted by a field in `WALL_GROUPS`, groups the pairs by that field. */
  traceWall: answers<Wall>()(z.object(ofList)),
  traceRows: answers<ListedPair[]>()(z.object({ ...ofList, from: count, count })),
  /** Returns the index of a pair in a list; −1 if the filter excludes the pair. */
  traceIndex: answers<number>()(z.object({ ...ofList, id: pairId })),
  tracePair: answers<OpenedPair>()(z.object(ofPair)),
  /** Returns every pair of one row, by step. In an evaluation, `set` selects the row, because sets can share ids. */
  traceSample: answers<ListedPair[]>()(z.object(ofSample)),
};

/** Calls about a run under other settings. The worker thread answers them. */
export const whatIfReads = {
  /** Returns the settings that determine advantages from reward parts; null for runs without rewards. */
  whatIfConfig: answers<WhatIfConfig | null>()(z.object(ofRun)),
  /** Returns a sentence with the reason why a what-if analysis of the run is impossible. */
  whyNoWhatIf: answers<string>()(z.object(ofRun)),
  /** Returns the steps of the run's checkpoints, ascending. The user can fork the run from each checkpoint. */
  whatIfCheckpoints: answers<number[]>()(z.object(ofRun)),
  /** Returns the pairs of a step for `assess`, without the pairs' texts. */
  whatIfStep: answers<TracedPair[]>()(z.object({ ...ofRun, step: count })),
  /** Recomputes the whole run under other settings. Reports progress as the completed share, from 0 to 1. */
  whatIfRun: answers<WhatIfReport, number>()(
    z.object({ ...ofRun, changes: z.record(text, z.union([z.number(), text])) }),
  ),
};

/** Calls that read the run's data outside the run's folder. First, the host asks the user to allow the data folders. */
const traceData = {
  /**
   * Returns an image of a pair: reference `image` of view `view` (default: the first view). Rotated views use the
   * original's images; views that render the scene have separate images.
   */
  traceImage: answers<ImageBytes>()(z.object({ ...ofPair, view: z.exactOptional(count), image: count })),
  /**
   * Returns a row by its id; null if the data file no longer contains the row. `views`: views of the displayed pair.
   * @throws if the file is unreadable or not allowed
   */
  traceRow: answers<TraceRow | null>()(z.object({ ...ofSample, views: z.array(text) })),
};

/** Calls that the page makes to its host. They refer only to the panel's run. */
export const traceCalls = {
  ready: nothing,
  ...traceReads,
  ...whatIfReads,
  ...traceData,
  /**
   * Reads new lines, reports the share that has been indexed (0–1), and returns the list. `list`: number that the list
   * had in a thread that stopped.
   * @throws if the filter is invalid; `checkFilter` of core/query finds mistakes, with their column, beforehand
   */
  traces: answers<TraceList, number>()(z.object({ ...ofSource, query, list: z.exactOptional(count) })),
  /** Lets the user choose a second evaluation for a comparison; null ends the comparison. */
  compare: z.object({ source: z.nullable(text) }),
  annotate: pairs,
  /** Asks the user for a part of the run's mapping, such as the reward that marks correct completions. */
  interpret: z.object({ what: interpretationField }),
  /** Saves the data-file rows of pairs in a file that the user chooses. */
  saveRows: pairs,
  /** Reports to the host that the page shows another source or pair. */
  moved: z.object({ source, id: z.nullable(pairId) }),
  openRow: z.object({ path: text, line: count }),
  openKeybindings: nothing,
  /** Shows the user the reason why the page cannot run a command. */
  refuse: z.object({ why: text }),
  /** Writes and opens a run config with the changed settings. */
  startWith: z.object({ ...ofRun, set: settings }),
  /** Starts a run with other settings from the last checkpoint at or before a step. */
  fork: z.object({ ...ofRun, step: count, set: settings }),
  copy: copied,
  /** Saves a file. Answers when the file is written or the user has cancelled. */
  save: saved,
};
export type TraceHost = HostOf<typeof traceCalls>;

/** Arguments of a call, with the allowed data folders that the host adds. */
export type Allowed<Name extends keyof TraceHost> = Args<TraceHost[Name]> & { allowed: string[] };

/** Commands for keys and the command palette, by the last part of their ids: `chirality.trace.<name>`. */
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

export interface TracePage {
  /**
   * Shows a subject. The host calls this whenever the page starts, and when another part of the extension shows a pair.
   * @param args.pair pair to show, if the host has read the pair during the page's start
   */
  show(args: { subject: TraceSubject; pair?: OpenedPair }): void;
  command(args: { name: TraceCommand }): void;
  /** Reports to the page that the run's files changed. */
  changed(args: null): void;
  /** Shows a message because the run has no pairs to show. */
  message(args: { title: string; detail: string }): void;
}
