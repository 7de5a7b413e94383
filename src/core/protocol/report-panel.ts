import type { ComparedRow, Outcome } from '../metrics/outcomes.ts';
import type { ReportDocument, Section } from '../reports/document.ts';
import type { ReportOptions } from '../reports/evaluation.ts';
import type { PublishedSet } from '../reports/published/table.ts';

/** What a reader can choose. */
export interface ReportChoices extends Pick<ReportOptions, 'checkpoints' | 'metric' | 'base'> {
  /** Own sets that are sets of the papers; "" for one that is none although it is called like one. */
  map: Record<string, PublishedSet | ''>;
  /** The evaluations that are compared row by row, by their keys. */
  compare: [first: string, second: string] | null;
}

export const FIRST_CHOICES: ReportChoices = {
  checkpoints: 'last',
  metric: 'accuracy',
  base: null,
  map: {},
  compare: null,
};

/** Which evaluations a report is of. */
export interface ReportSource {
  /** Folders of runs. */
  runs: string[];
  /** Folders that hold runs, for the evaluations of endpoints beside them. */
  roots: string[];
}

/** Two evaluations, row by row. */
export interface ReportComparison {
  section: Section;
  counts: Record<Outcome, number>;
}

export interface ReportAnswer {
  document: ReportDocument;
  evaluations: { key: string; name: string }[];
  sets: string[];
  /** The mapping in use: by name, and as the reader chose. */
  map: Record<string, PublishedSet>;
  /** By which checkpoints can be compared; none where no subject has several. */
  metrics: string[];
  /** Runs and models. */
  subjects: string[];
  comparison: ReportComparison | null;
  /** Evaluations that cannot be read, in words. */
  problems: string[];
}

/** What the service thread offers. */
export interface ReportService {
  /** Changes whenever an evaluation comes, changes or goes. */
  reportVersion(args: ReportSource): Promise<string>;
  report(args: ReportSource & { choices: ReportChoices }): Promise<ReportAnswer>;
  /** Rows of the comparison with one outcome. @throws where the evaluations hold no rows any more */
  reportRows(args: {
    compare: [first: string, second: string];
    outcome: Outcome;
    from: number;
    count: number;
  }): Promise<ComparedRow[]>;
}

/** The same for sweeps. @param args.sweep the folder of one */
export interface SweepReports {
  /** Changes whenever a run of it is evaluated, or begins or ends. */
  sweepVersion(args: { sweep: string }): Promise<string>;
  sweepReport(args: { sweep: string }): Promise<ReportDocument>;
}

/** What the page asks of the host. */
export interface ReportHost {
  ready(args: null): void;
  choose(args: ReportChoices): void;
  /** Asks which runs the report is of. */
  chooseRuns(args: null): void;
  evaluate(args: null): void;
  rows(args: { outcome: Outcome; from: number; count: number }): Promise<ComparedRow[]>;
  /** Shows the rows of an evaluation in the trace panel, at one of them where it is named. */
  open(args: { key: string; row?: Pick<ComparedRow, 'set' | 'view' | 'id'> }): Promise<void>;
  /** Asks where to, and writes. Resolves when it is written, or nobody wanted it. */
  save(args: { name: string; bytes: Uint8Array }): Promise<void>;
  copy(args: { text: string; done: string }): Promise<void>;
}

/** The latest state of the panel; sent again whenever its page starts anew. */
export type ReportState = ReportMemory &
  (
    | { kind: 'reading' }
    | { kind: 'failed'; why: string }
    | { kind: 'report'; answer: ReportAnswer }
    | { kind: 'sweep'; document: ReportDocument }
  );

/** What survives a reload of the window. */
export interface ReportMemory {
  /** Folders; null for all runs of the workspace. */
  runs: string[] | null;
  choices: ReportChoices;
  /** The folder of a sweep, whose comparison is shown instead; null for none. */
  sweep: string | null;
}

/** What the host tells the page. */
export interface ReportPage {
  show(args: ReportState): void;
}
