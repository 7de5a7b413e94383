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
  /** Program that wrote the run, if not Chirality: "TRL 1.16.0". Such a run is read-only. */
  program?: string;
  /** Time of the import from that program's folder, ISO 8601; absent for a run that is read in place. */
  imported?: string;
  config: ConfigField[];
  /** Reason why run.yaml cannot be read; null if it can. */
  configError: string | null;
  /** Parent of a fork, in the same folder, with the step of the checkpoint and the changed settings in words. */
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
  /** Kind of alarm, for events of the kind `alarm`; null for other events. */
  alarm: string | null;
}

export interface EvaluationPoint {
  id: string;
  place: AxisPoint;
  /** Version of the rules that scored the answers; null for external evaluations. */
  rules: number | null;
  figures: EvaluationResult[];
}

/** Part of a run's state that changes; sent completely after any change. */
export interface RunUpdate {
  state: RunStateSummary | null;
  /** Number of recorded steps; while a large run is being read, the number of sampled steps. */
  rows: number;
  /**
   * Share of a large run's files that has been read, 0–1, while the curves show only a sample of its steps; else null.
   */
  readShare: number | null;
  /** Number of steps whose minimum and maximum the curves keep as two rows; 1 if they keep all values. */
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
  /** Mean over the last steps, in seconds; null before the first step. */
  secondsPerStep: number | null;
  /** Data, engine and sizes from the manifest; empty if there is no manifest yet. */
  about: [name: string, value: string][];
  /** Number of lines or parts of lines that were skipped, and the first skipped line with the reason. */
  leftOut: number;
  firstLeftOut: string | null;
  /** Mapping of an external run that is read in place and contains completions. */
  interpretation?: ShownInterpretation;
  /** For an external run: the original name of each metric, with its file. */
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
  /** Number of rows in the range; more than the returned ones if only peaks were returned. */
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
/** Horizontal axis of a chart. Time is in seconds and excludes the pauses between sessions. */
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
  /** First and last value on the axis; null for the whole run. */
  range: z.nullable(z.tuple([z.number(), z.number()])),
  /** Width in pixels. */
  columns: z.number(),
  /** Weight of the past in the smoothed curves, in [0, 1); 0 for no smoothing. */
  smoothing: z.number(),
});
/** A chart's request for data. */
export type SeriesQuery = ReadonlyDeep<z.output<typeof series>>;

/** Rewards of completions, standard deviations of groups, or Δ of pairs. */
const spread = z.object({ dir: text, x: axis, of: z.enum(['reward', 'group_std', 'delta']) });
export type SpreadQuery = z.output<typeof spread>;
export type SpreadOf = SpreadQuery['of'];

/** Answer of a model to a row in one view. */
export interface WatchedAnswer {
  text: string;
  right: boolean;
  /** For a group of completions: number of correct completions `right`, of `n`. */
  group?: { right: number; n: number };
}

/** Course of a pair through training: both views right at every step, at no step, or at some steps. */
export type Course = 'right' | 'changes' | 'wrong';

/** View of a pair, with its answer at each step. */
interface WatchedView {
  view: ViewId;
  question: string;
  answer: string;
  /** Its image, the frames of its clip, or empty. */
  images: readonly ImageRef[];
  /** Time of each frame in seconds, if known. */
  times?: readonly number[];
  said: WatchedAnswer[];
}

/** Pair of an evaluation set or of training. */
export interface WatchedPair {
  id: string;
  /** Null for a pair of training. */
  set: string | null;
  /** Name of the newest evaluation, null in training. */
  evaluation: string | null;
  course: Course;
  /** The original, then its partner: the mirror or, if there is none, another evaluated view. */
  views: WatchedView[];
}

/** Pairs that show how a model's answers change during training. */
export interface Watched {
  /** Steps of the evaluations, ascending. */
  steps: number[];
  pairs: WatchedPair[];
  /** Number of pairs from which these were chosen. */
  candidates: number;
  /** True for pairs of training, which differ at every step. */
  training?: true;
}

/** Actions on a run in its panel. */
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
  /** Pairs whose answers change, or stay, over the evaluations; before the first evaluation, pairs of a step. */
  watched: answers<Watched>()(z.object({ dir: text })),
  /** Acuity measured during the training; null if it was not measured. */
  acuity: answers<ReportDocument | null>()(z.object({ dir: text })),
  /** @throws with a message if the image is unreadable or its folder is not allowed */
  watchedImage: answers<ImageBytes>()(watchedImage),
  act: z.object({ action, dir: text }),
  /** Asks the user for a part of the mapping, such as the reward that means right. */
  interpret: z.object({ what: interpretationField, dir: text }),
  openTraces: z.object({ dir: text, step: count }),
  /** Opens a watched pair with all its answers, in an evaluation or, without one, at a training step. */
  openPair: z.object({
    dir: text,
    evaluation: z.nullable(text),
    step: count,
    set: z.nullable(text),
    id: text,
  }),
  /** Analyses of the run's model, newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** Opens the analyses of all runs of the panel. */
  openInside: nothing,
};
export type RunPanelHost = HostOf<typeof runCalls>;

/** Calls that the host makes to the page. */
export interface RunPanelPage {
  show(args: { runs: ShownRun[] }): void;
  news(args: { dir: string; news: RunUpdate }): void;
  /** Shows the config at the current width of the panel. */
  showConfig(): void;
}

/** Survives a reload of the window. */
export const runMemory = z.looseObject({ dirs: z.array(text) });
export interface RunPanelMemory {
  dirs: string[];
  x: XAxis;
  smoothing: number;
  log: boolean;
  /** Folded sections, charts shown as tables, and hidden lines. */
  folded: string[];
  tables: string[];
  hidden: string[];
  /** Charts before all others, and charts at full panel width. */
  pinned: string[];
  large: string[];
  /** Text that the titles or metrics of the shown charts contain; empty for all charts. */
  find: string;
  /** Window widths at which the config is shown; null until the user chooses. */
  configAt: ('wide' | 'narrow')[] | null;
  /** Whether several runs are shown as their mean, with a band from minimum to maximum. */
  mean: boolean;
  range: [number, number] | null;
  scroll: number;
}
