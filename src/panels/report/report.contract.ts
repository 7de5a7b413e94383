import * as z from 'zod/mini';
import { SAID, type Said } from '../../core/evaluation/said-verdict.ts';
import { OUTCOMES } from '../../core/metrics/outcome.ts';
import type { ComparedRow } from '../../core/metrics/outcomes.ts';
import { PAIRINGS } from '../../core/metrics/pairing.ts';
import type { ViewRow } from '../../core/metrics/view-pairings.ts';
import type { ReportDocument, Section } from '../../core/reports/document.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../core/reports/published/table.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import {
  answers,
  copied,
  count,
  nothing,
  saved,
  text,
  type HostOf,
  type ReadonlyDeep,
} from '../calls.contract.ts';

const choices = z.object({
  checkpoints: z.enum(['last', 'best', 'all']),
  metric: z.nullable(text),
  base: z.nullable(text),
  published: z.boolean(),
  /** Published set for each of the user's sets; "" for a user's set that only has the name of a published set. */
  map: z.record(text, z.enum([...(Object.keys(PUBLISHED_SETS) as PublishedSet[]), ''])),
  /** Keys of the two evaluations to compare row by row; null lets the program choose, "" disables the comparison. */
  compare: z.nullable(z.tuple([text, text])),
});
export type ReportChoices = ReadonlyDeep<z.output<typeof choices>>;

export interface ReportSource {
  runs: readonly string[];
  /** Folders of runs. The report includes evaluations of endpoints next to these folders. */
  roots: string[];
}

/** Comparison of two evaluations, row by row. */
export interface ReportComparison {
  section: Section;
  /** Difference estimated from human ratings; null if there are too few ratings. */
  judged: Section | null;
  counts: Record<ComparedRow['outcome'], number>;
  /** Whether rows have several answers each. */
  several: boolean;
}

const viewRows = z.object({
  cell: z.object({ key: text, set: text, views: z.tuple([text, text]) }),
  pairing: z.enum(PAIRINGS),
  from: count,
  count,
});
export type ViewRowsQuery = ReadonlyDeep<z.output<typeof viewRows>>;

export interface ViewRowsAnswer {
  counts: Record<ViewRow['pairing'], number>;
  rows: ViewRow[];
}

/** Answer to rate, without the results of rules or a judge. */
export interface AuditTurnView {
  question: string;
  choices: readonly string[];
  view: string;
  reference: string;
  answer: string;
  completion: string;
  /** Images of the row in the view of the answer. */
  images: PairImage[];
  /** Clip with the times of its frames in seconds, if known; undefined if the images are not a clip. */
  clip?: { times_s?: number[] | undefined };
  /** Person's rating; null before the person rates the answer. */
  said: Said | null;
}

export interface AuditSheet extends AuditOutcome {
  /** Names of the evaluations in the sample: one, or two for a comparison. */
  names: readonly string[];
  person: string;
  /** Size of the sample, and number of answers outside the sample. */
  answers: number;
  left: number;
  turns: AuditTurnView[];
  /** Files that contain the ratings. */
  files: readonly string[];
}

/** Results of the ratings so far, as lines of text. */
export interface AuditOutcome {
  lines: readonly string[];
}

export interface ReportAnswer {
  document: ReportDocument;
  /** Evaluations. `ownSets`: names of renamed sets (core/evaluation/shared-sets.ts) in the evaluation's files. */
  evaluations: { key: string; name: string; ownSets?: (readonly [set: string, own: string])[] }[];
  sets: string[];
  /** Published set for each of the user's sets: the set with the same name, or the user's choice. */
  map: Record<string, PublishedSet>;
  /** Metrics by which the user can compare checkpoints; empty if no subject has several checkpoints. */
  metrics: string[];
  /** Names of the runs and models in the report. */
  subjects: string[];
  comparison: ReportComparison | null;
  /** Keys of the two evaluations in `comparison`. */
  compare: [string, string] | null;
  /** Messages about unreadable evaluations. */
  problems: string[];
  /** Whether all runs in the report are external. Checkpoints of external runs cannot be evaluated. */
  ofOthers: boolean;
}

export const reportCalls = {
  ready: nothing,
  choose: choices,
  chooseRuns: nothing,
  evaluate: nothing,
  /** Shows the completions of a run in the Trace panel. If there are several runs, the user chooses one. */
  showTraces: nothing,
  /** Opens the Playground, where the user can ask a model behind an endpoint. */
  ask: nothing,
  rows: answers<ComparedRow[]>()(z.object({ outcome: z.enum(OUTCOMES), from: count, count })),
  viewRows: answers<ViewRowsAnswer>()(viewRows),
  /** Shows the pairs in which the compared evaluations differ, in the difference grid. */
  showWall: nothing,
  /** Shows the rows of an evaluation in the Trace panel, at `row` if the field is set. */
  open: z.object({ key: text, row: z.exactOptional(z.object({ set: text, view: text, id: text })) }),
  /** Lets the user choose one or two evaluations, and draws a sample of answers to rate; null if the user cancels. */
  auditBegin: answers<AuditSheet | null>()(z.object({ answers: count })),
  /** Resumes the rating of the current sample, also after a reload. `more`: number of additional answers. */
  auditGoOn: answers<AuditSheet>()(z.object({ more: count })),
  /** Ends the rating, and returns to the report. */
  auditEnd: nothing,
  /** Stores the rating of an answer; null withdraws the rating. */
  auditSay: answers<AuditOutcome>()(z.object({ turn: count, said: z.nullable(z.enum(SAID)) })),
  auditImage: answers<ImageBytes>()(z.object({ turn: count, image: count })),
  /** Saves a file. Resolves when the file is written or the user has cancelled. */
  save: saved,
  copy: copied,
};
export type ReportHost = HostOf<typeof reportCalls>;

/** Current state of the panel, which the host sends again whenever the page restarts. */
export type ReportState = ReportMemory &
  (
    | { kind: 'reading' }
    | { kind: 'failed'; why: string }
    | { kind: 'report'; answer: ReportAnswer }
    | { kind: 'sweep'; document: ReportDocument }
  );

/** Stored state, which survives a reload of the window. */
export const reportMemory = z.looseObject({
  /** Run folders that the report covers; null for all runs of the workspace. */
  runs: z.nullable(z.array(text)),
  choices,
  /** Folder of the sweep whose comparison replaces the report; null without a sweep. */
  sweep: z.nullable(text),
  /** Sample that a person is rating: keys of its evaluations, and sample size; null if no rating is in progress. */
  judging: z._default(z.nullable(z.object({ keys: z.array(text), answers: count })), null),
});
export type ReportMemory = ReadonlyDeep<
  Pick<z.output<typeof reportMemory>, 'runs' | 'choices' | 'sweep' | 'judging'>
>;

export interface ReportPage {
  show(args: ReportState): void;
  /** Starts a new rating or, if `begun`, resumes the rating in progress. */
  judge(args: { begun: boolean }): void;
}
