import type { ComparedRow, Outcome } from '../metrics/outcomes.ts';
import type { Pairing } from '../metrics/pairing.ts';
import type { ViewRow } from '../metrics/view-rows.ts';
import type { CellRows, ReportDocument, Section } from '../reports/document.ts';
import type { ReportOptions } from '../reports/evaluation.ts';
import type { PublishedSet } from '../reports/published/table.ts';

/** What a reader can choose. */
export interface ReportChoices extends Pick<ReportOptions, 'checkpoints' | 'metric' | 'base' | 'published'> {
  /**
   * Which published set each own set corresponds to; "" for one that has a published set's name but is a different set.
   */
  map: Record<string, PublishedSet | ''>;
  /** Keys of the evaluations to compare row by row. */
  compare: [first: string, second: string] | null;
}

export const DEFAULT_CHOICES: ReportChoices = {
  checkpoints: 'last',
  metric: 'accuracy',
  base: null,
  published: false,
  map: {},
  compare: null,
};

/** Which evaluations a report covers. */
export interface ReportSource {
  /** Folders of runs. */
  runs: string[];
  /** Folders that contain runs, for the evaluations of endpoints stored beside them. */
  roots: string[];
}

/** A comparison of two evaluations, row by row. */
export interface ReportComparison {
  section: Section;
  counts: Record<Outcome, number>;
}

/** Selects the rows behind a cell of the view matrix. */
export interface ViewRowsQuery {
  cell: CellRows;
  pairing: Pairing;
  from: number;
  count: number;
}

export interface ViewRowsAnswer {
  /** Number of rows for each pairing. */
  counts: Record<Pairing, number>;
  rows: ViewRow[];
}

export interface ReportAnswer {
  document: ReportDocument;
  evaluations: { key: string; name: string }[];
  sets: string[];
  /** The mapping in use: by name, with the reader's choices. */
  map: Record<string, PublishedSet>;
  /** The metrics by which checkpoints can be compared; empty if no subject has several checkpoints. */
  metrics: string[];
  /** Names of runs and models. */
  subjects: string[];
  comparison: ReportComparison | null;
  /** Messages about evaluations that cannot be read. */
  problems: string[];
}

/** Calls that the service thread handles. */
export interface ReportService {
  /** Changes whenever an evaluation is added, changed or removed. */
  reportVersion(args: ReportSource): Promise<string>;
  report(args: ReportSource & { choices: ReportChoices }): Promise<ReportAnswer>;
  /** Returns rows of the comparison with one outcome. @throws if the evaluations no longer have rows */
  reportRows(args: {
    compare: [first: string, second: string];
    outcome: Outcome;
    from: number;
    count: number;
  }): Promise<ComparedRow[]>;
  /** Returns rows behind a cell of the view matrix. @throws where the evaluation no longer has rows */
  reportViewRows(args: ViewRowsQuery): Promise<ViewRowsAnswer>;
}

/** The same for sweeps. @param args.sweep folder of the sweep */
export interface SweepReports {
  /** Changes whenever a run of the sweep starts, ends or is evaluated. */
  sweepVersion(args: { sweep: string }): Promise<string>;
  sweepReport(args: { sweep: string }): Promise<ReportDocument>;
}

/** Calls that the page makes to the host. */
export interface ReportHost {
  ready(args: null): void;
  choose(args: ReportChoices): void;
  /** Lets the user choose the runs of the report. */
  chooseRuns(args: null): void;
  evaluate(args: null): void;
  rows(args: { outcome: Outcome; from: number; count: number }): Promise<ComparedRow[]>;
  viewRows(args: ViewRowsQuery): Promise<ViewRowsAnswer>;
  /** Shows the pairs in which the compared evaluations differ, on the difference wall. */
  showWall(args: null): Promise<void>;
  /** Shows the rows of an evaluation in the trace panel, at a particular row if one is given. */
  open(args: { key: string; row?: Pick<ComparedRow, 'set' | 'view' | 'id'> }): Promise<void>;
  /** Lets the user choose a file and writes it. Resolves once it is written or the user cancelled. */
  save(args: { name: string; bytes: Uint8Array }): Promise<void>;
  copy(args: { text: string; done: string }): Promise<void>;
}

/** The panel's current state; sent again whenever its page restarts. */
export type ReportState = ReportMemory &
  (
    | { kind: 'reading' }
    | { kind: 'failed'; why: string }
    | { kind: 'report'; answer: ReportAnswer }
    | { kind: 'sweep'; document: ReportDocument }
  );

/** Survives a reload of the window. */
export interface ReportMemory {
  /** Folders of runs; null for all runs of the workspace. */
  runs: string[] | null;
  choices: ReportChoices;
  /** Folder of a sweep whose comparison is shown instead; null for none. */
  sweep: string | null;
}

/** Calls that the host makes to the page. */
export interface ReportPage {
  show(args: ReportState): void;
}
