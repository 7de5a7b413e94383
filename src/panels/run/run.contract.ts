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

/** Setting in a run's complete config, with its description from the schema. */
export interface ConfigField {
  path: string;
  value: string;
  /** Default value; null for a required field. */
  fallback: string | null;
  differs: boolean;
  description: string;
  /** Statement of the papers, or "not in paper"; null if the papers do not concern the setting. */
  paper: string | null;
  tradeoff: string | null;
}

/** Facts about a run that do not change while it is open. */
export interface RunFacts {
  recipe: string | null;
  /** Program that wrote an external run: "TRL 1.16.0". Undefined for a Chirality run. External runs are read-only. */
  program?: string;
  /** Time of the import from the other program's folder, ISO 8601; undefined for a run that is read in place. */
  imported?: string;
  config: ConfigField[];
  /** Reason why run.yaml is unreadable; null for a readable file. */
  configError: string | null;
  /** Parent of a fork in the same runs folder, with the checkpoint's step and a text about the changed settings. */
  parent?: { name: string; step: number; changes: string };
}

export type AxisPoint = Record<XAxis, number>;

export interface RunEvent {
  place: AxisPoint;
  time: string;
  kind: string;
  message: string;
  /** Kind of alarm, for events of kind `alarm`; null for other events. */
  alarm: string | null;
}

export interface EvaluationPoint {
  id: string;
  place: AxisPoint;
  /** Version of the rules that scored the answers; null for external evaluations. */
  rules: number | null;
  figures: EvaluationResult[];
}

/** Part of a run's state that can change. After any change, the host sends the whole part. */
export interface RunUpdate {
  state: RunStateSummary | null;
  /** Whether the run has no step yet, and the sweep that starts it is active. */
  isQueued?: boolean;
  /** Number of recorded steps, or of sampled steps while a large run is being read. */
  rows: number;
  /**
   * Share of a large run's files that has been read (0–1), while the curves show only a sample of its steps; else null.
   */
  readShare: number | null;
  /** Number of steps whose minimum and maximum the curves keep as two rows; 1 if the curves keep all values. */
  foldedSteps: number;
  metrics: string[];
  /** Mean of the last ten values, by metric. */
  recent: Record<string, number>;
  /** Names of the metrics whose values were zero at every step. */
  zero: string[];
  /** Points at which the curves start and end. */
  start: AxisPoint;
  end: AxisPoint;
  events: RunEvent[];
  evaluations: EvaluationPoint[];
  /** Numbers of the steps with traces, ascending. */
  traced: Uint32Array;
  /** Mean duration of the last steps, in seconds; null before the first step. */
  secondsPerStep: number | null;
  /** Data, engine and sizes from the manifest; empty without a manifest. */
  about: [name: string, value: string][];
  /** Number of skipped lines or parts of lines, and the first skipped line with the reason for skipping. */
  leftOut: number;
  firstLeftOut: string | null;
  /** Mapping of an external run that is read in place and has completions. */
  interpretation?: ShownInterpretation;
  /** For an external run: the original name of each metric, and its file. */
  sources?: Record<string, string>;
}

export type ShownRun = { dir: string; name: string } & (
  | { kind: 'loading'; share: number }
  | { kind: 'missing'; why: string }
  | { kind: 'run'; facts: RunFacts; news: RunUpdate; isOfSweep?: boolean }
);

/** Values of a run by metric. NaN values are gaps. */
export interface SeriesAnswer {
  x: Float64Array;
  steps: Float64Array;
  values: Float64Array[];
  /** Smoothed values by metric; empty if the query requests no smoothing. */
  smooth: Float64Array[];
  /** Summary of each metric over the range, with steps instead of rows; null for a metric without values. */
  summaries: (SeriesSummary | null)[];
  /** Number of rows in the range. The number exceeds that of the returned rows if only peaks were returned. */
  rows: number;
}

/** Distribution of single values, with one column per traced step. */
export interface SpreadAnswer {
  x: Float64Array;
  steps: Float64Array;
  low: number;
  high: number;
  bins: number;
  /** Share of the values in each bin, column by column, from the lowest bin. */
  shares: Float32Array;
  /** Percentiles 10, 50 and 90 of each column. */
  percentiles: Float32Array;
}

const axis = z.enum(['step', 'time', 'tokens']);
/** Horizontal axis of a chart. Time is in seconds, without the pauses between sessions. */
export type XAxis = z.output<typeof axis>;

export interface SeriesSummary {
  /** Newest value, and the row of the value. */
  last: number;
  lastRow: number;
  /** Mean of the newest values of the curve. */
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
  /** First and last value of the range on the axis; null for the whole run. */
  range: z.nullable(z.tuple([z.number(), z.number()])),
  /** Width of the chart in pixels. */
  columns: z.number(),
  /** Weight of past values in the smoothed curves, in [0, 1); 0 for no smoothing. */
  smoothing: z.number(),
});
/** Query for the data of a chart. */
export type SeriesQuery = ReadonlyDeep<z.output<typeof series>>;

/** Values to summarise: rewards of completions, stds of groups, or Δ of pairs. */
const spread = z.object({ dir: text, x: axis, of: z.enum(['reward', 'group_std', 'delta']) });
export type SpreadQuery = z.output<typeof spread>;
export type SpreadOf = SpreadQuery['of'];

/** Answer of a model to a row in one view. */
export interface WatchedAnswer {
  text: string;
  right: boolean;
  /** For a group of `n` completions: the number of correct completions, `right`. */
  group?: { right: number; n: number };
}

/** Course of a pair through training: both views right at every step, at no step, or at some steps. */
export type Course = 'right' | 'changes' | 'wrong';

/** View of a pair, with the model's answer at each step. */
interface WatchedView {
  view: ViewId;
  question: string;
  answer: string;
  /** Images of the view: one image, the frames of a clip, or none. */
  images: readonly ImageRef[];
  /** Time of each frame in seconds, if the times are known. */
  times?: readonly number[];
  said: WatchedAnswer[];
}

/** Pair from an evaluation set or from training. */
export interface WatchedPair {
  id: string;
  /** Name of the evaluation set; null for a pair from training. */
  set: string | null;
  /** Name of the newest evaluation; null for a pair from training. */
  evaluation: string | null;
  course: Course;
  /** Original, then its partner: the mirror or, without a mirror, another evaluated view. */
  views: WatchedView[];
}

/** Pairs that show how a model's answers change during training. */
export interface Watched {
  steps: number[];
  pairs: WatchedPair[];
  /** Number of candidates from which the pairs were chosen. */
  candidates: number;
  /** Number of candidates by course; absent for pairs from training, which are not chosen by course. */
  courses?: Partial<Record<Course, number>>;
  /** True for pairs from training, because each training step has different pairs. */
  training?: true;
}

const action = z.enum([
  'stop',
  'resume',
  'runSweep',
  'attach',
  'evaluate',
  'openInside',
  'openLog',
  'locateImages',
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

export const runCalls = {
  ready: nothing,
  series: answers<SeriesAnswer>()(series),
  /** Returns the distribution of single values; null if no step was traced. */
  spread: answers<SpreadAnswer | null>()(spread),
  /** Returns pairs whose answers change or stay over the evaluations; before any evaluation, of a training step. */
  watched: answers<Watched>()(z.object({ dir: text })),
  /** Returns a report on the acuity during training; null if the run did not measure acuity. */
  acuity: answers<ReportDocument | null>()(z.object({ dir: text })),
  /** @throws with a message if the image is unreadable or the user has not allowed its folder */
  watchedImage: answers<ImageBytes>()(watchedImage),
  act: z.object({ action, dir: text }),
  /** Asks the user for a part of the run's mapping, such as the reward that marks correct completions. */
  interpret: z.object({ what: interpretationField, dir: text }),
  openTraces: z.object({ dir: text, step: count }),
  /** Opens a watched pair with all its answers, in an evaluation or, without an evaluation, in the traces of a step. */
  openPair: z.object({
    dir: text,
    evaluation: z.nullable(text),
    step: count,
    set: z.nullable(text),
    id: text,
  }),
  /** Returns the analyses of the run's model, newest first. */
  insights: answers<InsightEntry[]>()(z.object({ dir: text })),
  /** Opens the analyses of all runs in the panel. */
  openInside: nothing,
};
export type RunPanelHost = HostOf<typeof runCalls>;

export interface RunPanelPage {
  show(args: { runs: ShownRun[] }): void;
  news(args: { dir: string; news: RunUpdate }): void;
  /** Shows the config at the current width of the panel. */
  showConfig(): void;
}

/** Stored state, which survives a reload of the window. */
export const runMemory = z.looseObject({ dirs: z.array(text) });
export interface RunPanelMemory {
  dirs: string[];
  x: XAxis;
  smoothing: number;
  log: boolean;
  /** Titles of folded sections. The next lists contain the charts shown as tables, and the hidden lines. */
  folded: string[];
  tables: string[];
  hidden: string[];
  /** Charts at the top of the panel. The next list contains the charts that span the full panel width. */
  pinned: string[];
  large: string[];
  /** Search text: only charts with this text in the title or the metrics are shown. Empty to show all charts. */
  find: string;
  /** Width classes of the window in which the panel shows the config; null until the user chooses. */
  configAt: ('wide' | 'narrow')[] | null;
  /** Whether the charts show several runs as their mean, with a band from minimum to maximum. */
  mean: boolean;
  range: [number, number] | null;
  scroll: number;
}
