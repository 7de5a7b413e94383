import type { EvaluationResult } from '../../core/evaluation/results.ts';
import * as z from 'zod/mini';
import type { ReportDocument } from '../../core/reports/document.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import {
  answers,
  count,
  imageRef,
  nothing,
  text,
  type HostOf,
  type ReadonlyDeep,
} from '../calls.contract.ts';
import { interpretationField, type ShownInterpretation } from './interpretation.contract.ts';
import type { InsightEntry } from '../inside/inside.contract.ts';
import type { ImageBytes } from '../pair/pair.contract.ts';
import type { RunStateSummary } from '../runs/runs.contract.ts';

/** Setting of a run's complete config, with its description in the schema. */
export interface ConfigField {
  path: string;
  value: string;
  /** Default; null if the field is required. */
  fallback: string | null;
  differs: boolean;
  description: string;
  /** What the papers state, or "not in paper"; null if the papers do not concern it. */
  paper: string | null;
  tradeoff: string | null;
}

/** Facts about a run that do not change. */
export interface RunFacts {
  recipe: string | null;
  /** The program that wrote it, if not Chirality: "TRL 1.16.0". Such a run can only be viewed. */
  program?: string;
  /** When it was copied from that program's folder, ISO; absent for a run that is read in its own place. */
  imported?: string;
  config: ConfigField[];
  /** Reason why run.yaml cannot be read; null if it can. */
  configError: string | null;
  /** The run next to it that it was forked from, the step of the checkpoint, and the changed settings in words. */
  parent?: { name: string; step: number; changes: string };
}

/** Point in the course of a run, on every axis. */
export type AxisPoint = Record<XAxis, number>;

/** Event of the run: a line of events.jsonl. */
export interface RunEvent {
  place: AxisPoint;
  time: string;
  kind: string;
  message: string;
  /** Kind of alarm, for events of the kind `alarm`. */
  alarm: string | null;
}

export interface EvaluationPoint {
  id: string;
  place: AxisPoint;
  /** Version of the rules that scored the answers; null for external evaluations. */
  rules: number | null;
  figures: EvaluationResult[];
}

/** The part of a run's state that changes; sent as a whole when any of it changes. */
export interface RunUpdate {
  state: RunStateSummary | null;
  /** Number of steps recorded; while a large run is being read, the number of steps shown for them. */
  rows: number;
  /**
   * While the curves show only some steps of a large run: the share of its files that has been read, 0–1. Else null.
   */
  readShare: number | null;
  /** Number of steps of which the curves keep only the lowest and the highest value; 1 if they keep all. */
  foldedSteps: number;
  /** Metrics that have a value at some step. */
  metrics: string[];
  /** Mean of the last ten values of each metric. */
  recent: Record<string, number>;
  /** Metrics that were zero at every step. */
  zero: string[];
  /** Start and end of the curves. */
  start: AxisPoint;
  end: AxisPoint;
  events: RunEvent[];
  evaluations: EvaluationPoint[];
  /** Steps with traces, ascending. */
  traced: Uint32Array;
  /** Mean over the last steps; null before the first step. */
  secondsPerStep: number | null;
  /** Data, engine and sizes as given in the manifest; empty if there is none yet. */
  about: [name: string, value: string][];
  /**
   * How often a line of the run's files, or a part of one, was left out; and what was left out first, with the reason.
   */
  leftOut: number;
  firstLeftOut: string | null;
  /** For an external run that kept completions and is read in its own folder: what the user says about it. */
  interpretation?: ShownInterpretation;
  /** Of an external run: what figures are called in its files, and in which. */
  sources?: Record<string, string>;
}

export type ShownRun = { dir: string; name: string } & (
  | { kind: 'loading'; share: number }
  | { kind: 'missing'; why: string }
  | { kind: 'run'; facts: RunFacts; news: RunUpdate }
);

/** Values of a run by metric. NaN is a gap. */
export interface SeriesAnswer {
  x: Float64Array;
  steps: Float64Array;
  values: Float64Array[];
  /** Empty if no smoothing was requested. */
  smooth: Float64Array[];
  /** Summary of each metric over the range, with steps instead of rows; null if it has no values. */
  summaries: (SeriesSummary | null)[];
  /** Number of rows in the range; more than returned if peaks stand for the rest. */
  rows: number;
}

/** Distribution of single values, with a column for each traced step. */
export interface SpreadAnswer {
  x: Float64Array;
  steps: Float64Array;
  low: number;
  high: number;
  bins: number;
  /** Share of the values in each bin, by column, starting with the lowest bin. */
  shares: Float32Array;
  /** The 10th, 50th and 90th percentile of each column. */
  percentiles: Float32Array;
}

const axis = z.enum(['step', 'time', 'tokens']);
/** The horizontal axis of a chart. Time is in seconds and counts only the steps, not the pauses between sessions. */
export type XAxis = z.output<typeof axis>;

/** A curve summarised in a few numbers. */
export interface SeriesSummary {
  /** The newest value and its row. */
  last: number;
  lastRow: number;
  /** Mean of the newest values. */
  recent: number;
  lowest: number;
  lowestRow: number;
  highest: number;
  highestRow: number;
}

const series = z.object({
  dir: text,
  x: axis,
  metrics: z.array(text),
  /** From, to; null: the whole run. */
  range: z.nullable(z.tuple([z.number(), z.number()])),
  /** Width in pixels. */
  columns: z.number(),
  /** Weight of the past in the smoothed curves, in [0, 1); 0: no smoothed curves. */
  smoothing: z.number(),
});
/** A chart's request for data. */
export type SeriesQuery = ReadonlyDeep<z.output<typeof series>>;

/** Rewards of completions, standard deviations of groups, or Δ of pairs. */
const spread = z.object({ dir: text, x: axis, of: z.enum(['reward', 'group_std', 'delta']) });
export type SpreadQuery = z.output<typeof spread>;
export type SpreadOf = SpreadQuery['of'];

/** What a model answered to a row in one view. */
export interface WatchedAnswer {
  text: string;
  right: boolean;
  /** Of a group of completions: how many are right, of how many. */
  group?: { right: number; n: number };
}

/** How a pair went through training: both views right at every step, at none, or now and now not. */
export type Course = 'right' | 'changes' | 'wrong';

/** A view of a pair, with its answers at each of the steps. */
interface WatchedView {
  view: ViewId;
  question: string;
  answer: string;
  /** Its image, the frames of its clip, or none. */
  images: readonly ImageRef[];
  /** When each frame is seen, in seconds, if that is known. */
  times?: readonly number[];
  said: WatchedAnswer[];
}

/** A pair of an evaluation set, or of training. */
export interface WatchedPair {
  id: string;
  /** Null for a pair of training. */
  set: string | null;
  /** Name of the newest evaluation, null in training. */
  evaluation: string | null;
  course: Course;
  /** The original, then its partner: the mirror or, if there is none, another view that was asked. */
  views: WatchedView[];
}

/** The pairs that show how a model's answers change while it learns. */
export interface Watched {
  /** Steps of the evaluations, ascending. */
  steps: number[];
  pairs: WatchedPair[];
  /** From how many pairs they were chosen. */
  candidates: number;
  /** Whether they are pairs of training, which are others at every step. */
  training?: true;
}

/** The actions on a run that its panel offers. */
const action = z.enum([
  'stop',
  'resume',
  'attach',
  'evaluate',
  'openInside',
  'openLog',
  'openConfig',
  'compare',
  'showDiverging',
  'showDiffering',
  'showParent',
  'remove',
]);
export type RunAction = z.output<typeof action>;

const watchedImage = z.object({
  dir: text,
  evaluation: z.nullable(text),
  set: z.nullable(text),
  ref: imageRef,
});
export type WatchedImage = z.output<typeof watchedImage>;

/** Calls that the page makes to the host. */
export const runCalls = {
  ready: nothing,
  series: answers<SeriesAnswer>()(series),
  /** Null if no step was traced. */
  spread: answers<SpreadAnswer | null>()(spread),
  /** Pairs whose answers change, or do not, from evaluation to evaluation; before the first, those of the newest step. */
  watched: answers<Watched>()(z.object({ dir: text })),
  /** What was measured of acuity while it was trained; null if nothing. */
  acuity: answers<ReportDocument | null>()(z.object({ dir: text })),
  /** @throws in words, if the image cannot be read or is in a folder that nobody has allowed */
  watchedImage: answers<ImageBytes>()(watchedImage),
  act: z.object({ action, dir: text }),
  /** Lets the user say what the files of a run do not: which reward means right, where its data are, … */
  interpret: z.object({ what: interpretationField, dir: text }),
  openTraces: z.object({ dir: text, step: count }),
  /** Opens a watched pair with all that was answered to it, in an evaluation or, without one, at a step of training. */
  openPair: z.object({
    dir: text,
    evaluation: z.nullable(text),
    step: count,
    set: z.nullable(text),
    id: text,
  }),
  /** What was found inside the run's model, the newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** Shows it, of all runs of the panel. */
  openInside: nothing,
};
export type RunPanelHost = HostOf<typeof runCalls>;

/** Calls that the host makes to the page. */
export interface RunPanelPage {
  show(args: { runs: ShownRun[] }): void;
  news(args: { dir: string; news: RunUpdate }): void;
  /** Shows the config at the width that the panel has. */
  showConfig(): void;
}

/** Survives a reload of the window. */
export const runMemory = z.looseObject({ dirs: z.array(text) });
export interface RunPanelMemory {
  dirs: string[];
  x: XAxis;
  smoothing: number;
  log: boolean;
  /** Sections that are folded, charts shown as tables, and lines that are hidden. */
  folded: string[];
  tables: string[];
  hidden: string[];
  /** Charts that stand before all others, and charts that are as wide as the panel. */
  pinned: string[];
  large: string[];
  /** What the titles or figures of the shown charts contain; empty for all. */
  find: string;
  /** The window widths at which the config is shown; null until the user chooses. */
  configAt: ('wide' | 'narrow')[] | null;
  /** True if several runs are shown as their mean, with a band from lowest to highest. */
  mean: boolean;
  range: [number, number] | null;
  scroll: number;
}
