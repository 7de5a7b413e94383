import type { EvaluationResult } from '../metrics/results.ts';
import type { SeriesSummary } from '../run-data/series/summary.ts';
import type { Call } from '../call.ts';
import type { RunStateSummary } from './runs.ts';

/** The horizontal axis of a chart. Time is that of the steps themselves in seconds, without pauses between sessions. */
export type XAxis = 'step' | 'time' | 'tokens';

/** One setting of a run as it was resolved, with what the schema says of it. */
export interface ConfigField {
  path: string;
  value: string;
  /** What it would be if nobody had set it; null where somebody must. */
  fallback: string | null;
  differs: boolean;
  description: string;
  /** What the papers state, or "not in paper"; null where they have nothing to say. */
  paper: string | null;
  tradeoff: string | null;
}

/** What does not change while a run lasts. */
export interface RunFacts {
  recipe: string | null;
  /** The program that wrote it, where that is another one: "TRL 1.16.0". Such a run can only be looked at. */
  program?: string;
  /** When it was copied from that program's folder, ISO; absent for a run that is read in its own place. */
  imported?: string;
  config: ConfigField[];
  /** Why run.yaml cannot be read. */
  configError: string | null;
}

/** A point in the course of a run, on every axis. */
export type AxisPoint = Record<XAxis, number>;

/** Something that happened: a line of events.jsonl. */
export interface RunEvent {
  place: AxisPoint;
  time: string;
  kind: string;
  message: string;
  /** Which alarm, for events of the kind `alarm`. */
  alarm: string | null;
}

/** An evaluation and the figures that it found. */
export interface EvaluationPoint {
  id: string;
  place: AxisPoint;
  figures: EvaluationResult[];
}

/** The state that changes during a run; sent as a whole when any of it changes. */
export interface RunUpdate {
  state: RunStateSummary | null;
  /** Steps that are recorded. */
  rows: number;
  /** Every figure that has a value somewhere. */
  metrics: string[];
  /** Means over the last ten values of each figure. */
  recent: Record<string, number>;
  /** Where the curves start and end. */
  start: AxisPoint;
  end: AxisPoint;
  events: RunEvent[];
  evaluations: EvaluationPoint[];
  /** The steps with traces, ascending. */
  traced: Uint32Array;
  /** Means over the last steps; null before the first. */
  secondsPerStep: number | null;
  /** What the manifest says of data, engine and sizes; empty before there is one. */
  about: [name: string, value: string][];
  /** How many times a line of the run's files, or a part of one, was left out; what the first was and why. */
  leftOut: number;
  firstLeftOut: string | null;
}

/** A run in the panel. */
export type ShownRun = { dir: string; name: string } & (
  | { kind: 'loading'; share: number }
  | { kind: 'missing'; why: string }
  | { kind: 'run'; facts: RunFacts; news: RunUpdate }
);

/** What a chart asks for. */
export interface SeriesQuery {
  dir: string;
  x: XAxis;
  metrics: string[];
  /** Null: from end to end. */
  range: [from: number, to: number] | null;
  /** Pixels to the right. */
  columns: number;
  /** Weight of the past in the smoothed curves, in [0, 1); 0: none are wanted. */
  smoothing: number;
}

/** Rows of a run by figure. NaN is a gap. */
export interface SeriesAnswer {
  x: Float64Array;
  steps: Float64Array;
  values: Float64Array[];
  /** Empty where no smoothing was asked for. */
  smooth: Float64Array[];
  /** Of each figure over the range, with steps in the place of rows; null without values. */
  summaries: (SeriesSummary | null)[];
  /** Rows in the range; more than there are here where peaks stand for the rest. */
  rows: number;
}

/** How single values are spread: a column for each traced step. */
export interface SpreadAnswer {
  x: Float64Array;
  steps: Float64Array;
  low: number;
  high: number;
  bins: number;
  /** Share of the values in each bin, by column, from the lowest bin. */
  shares: Float32Array;
  /** Of each column: the values below which 10, 50 and 90 % lie. */
  percentiles: Float32Array;
}

/** Rewards of completions, deviations of groups, or Δ of pairs. */
export type SpreadOf = 'reward' | 'group_std' | 'delta';

export interface SpreadQuery {
  dir: string;
  x: XAxis;
  of: SpreadOf;
}

/** What the service thread offers for the curves of a run. */
export interface RunService {
  /**
   * Reads the run in a folder and keeps it at hand under a number. Reports the share that is read, 0–1.
   * Throws where there is no run.
   * @param args.run the number that the run has already, from a thread that stopped.
   */
  runOpen(
    args: { dir: string; run?: number },
    call: Call<number>,
  ): Promise<{ run: number; facts: RunFacts; news: RunUpdate }>;
  /** Reads on. Null while nothing has changed. */
  runUpdate(args: { run: number }): Promise<RunUpdate | null>;
  runSeries(args: { run: number; query: SeriesQuery }): Promise<SeriesAnswer>;
  /** Null where no step was traced. */
  runSpread(args: { run: number; query: SpreadQuery }): Promise<SpreadAnswer | null>;
  runClose(args: { run: number }): void;
}

/** What a person can do with a run from its panel. */
export type RunAction =
  | 'stop'
  | 'resume'
  | 'attach'
  | 'evaluate'
  | 'openLog'
  | 'openConfig'
  | 'compare'
  | 'showDiverging'
  | 'remove';

/** What the page asks of the host. */
export interface RunPanelHost {
  ready(args: null): void;
  series(args: SeriesQuery): Promise<SeriesAnswer>;
  spread(args: SpreadQuery): Promise<SpreadAnswer | null>;
  act(args: { action: RunAction; dir: string }): void;
  openTraces(args: { dir: string; step: number }): void;
}

/** What the host tells the page. */
export interface RunPanelPage {
  show(args: { runs: ShownRun[] }): void;
  news(args: { dir: string; news: RunUpdate }): void;
}

/** What survives a reload of the window. */
export interface RunPanelMemory {
  dirs: string[];
  x: XAxis;
  smoothing: number;
  log: boolean;
  /** Sections and charts that are folded or shown as tables, lines that are hidden. */
  folded: string[];
  tables: string[];
  hidden: string[];
  /** The widths of the window in which the config is shown. */
  configAt: ('wide' | 'narrow')[];
  /** Several runs as their mean, with a band from the lowest to the highest. */
  mean: boolean;
  range: [number, number] | null;
  scroll: number;
}
