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
  metric: text,
  base: z.nullable(text),
  published: z.boolean(),
  /**
   * Which published set each own set corresponds to; "" for one that has a published set's name but is a different set.
   */
  map: z.record(text, z.enum([...(Object.keys(PUBLISHED_SETS) as PublishedSet[]), ''])),
  /** Keys of the evaluations to compare row by row; null for those that the program chooses, "" for none. */
  compare: z.nullable(z.tuple([text, text])),
});
/** What a reader can choose. */
export type ReportChoices = ReadonlyDeep<z.output<typeof choices>>;

/** Which evaluations a report covers. */
export interface ReportSource {
  runs: readonly string[];
  /** Folders that contain runs, for the evaluations of endpoints stored next to them. */
  roots: string[];
}

/** A comparison of two evaluations, row by row. */
export interface ReportComparison {
  section: Section;
  /** The difference by what people judged; null if they judged too little. */
  judged: Section | null;
  counts: Record<ComparedRow['outcome'], number>;
  /** Whether rows have several answers. */
  several: boolean;
}

const viewRows = z.object({
  cell: z.object({ key: text, set: text, views: z.tuple([text, text]) }),
  pairing: z.enum(PAIRINGS),
  from: count,
  count,
});
/** Selects the rows behind a cell of the view matrix. */
export type ViewRowsQuery = ReadonlyDeep<z.output<typeof viewRows>>;

export interface ViewRowsAnswer {
  counts: Record<ViewRow['pairing'], number>;
  rows: ViewRow[];
}

/** One answer of a sample that a person judges, without what rules or a judge say of it. */
export interface AuditTurnView {
  question: string;
  choices: readonly string[];
  view: string;
  reference: string;
  answer: string;
  completion: string;
  /** The images of the row, as its view has them. */
  images: PairImage[];
  /** Whether they are the frames of a clip, and when each is seen, if that is known. */
  clip?: { times_s?: number[] | undefined };
  /** What this person said; null before. */
  said: Said | null;
}

/** A sample of answers to judge. */
export interface AuditSheet extends AuditOutcome {
  /** Names of the evaluations: one, or two that are compared. */
  names: readonly string[];
  person: string;
  /** The size of the sample, and how many answers are not in it. */
  answers: number;
  left: number;
  turns: AuditTurnView[];
  /** Where the judgements are written. */
  files: readonly string[];
}

/** What the judgements come to so far, in lines of text. */
export interface AuditOutcome {
  lines: readonly string[];
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
  /** Keys of the evaluations that `comparison` compares. */
  compare: [string, string] | null;
  /** Messages about evaluations that cannot be read. */
  problems: string[];
  /** Whether every run that is covered was made by another program, so that none of ours can be evaluated. */
  ofOthers: boolean;
}

/** Calls that the page makes to the host. */
export const reportCalls = {
  ready: nothing,
  choose: choices,
  chooseRuns: nothing,
  evaluate: nothing,
  /** Shows the completions of a run, which the user chooses if there are several. */
  showTraces: nothing,
  /** Opens the Playground, where a model behind an endpoint is asked. */
  ask: nothing,
  rows: answers<ComparedRow[]>()(z.object({ outcome: z.enum(OUTCOMES), from: count, count })),
  viewRows: answers<ViewRowsAnswer>()(viewRows),
  /** Shows the pairs in which the compared evaluations differ, on the difference grid. */
  showWall: nothing,
  /** Shows the rows of an evaluation in the Trace panel, at a particular row if one is given. */
  open: z.object({ key: text, row: z.exactOptional(z.object({ set: text, view: text, id: text })) }),
  /** Lets the user choose an evaluation of the report, or two, and draws answers to judge; null if cancelled. */
  auditBegin: answers<AuditSheet | null>()(z.object({ answers: count })),
  /** Goes on with the sample that was begun, also after a reload; with so many more answers. */
  auditGoOn: answers<AuditSheet>()(z.object({ more: count })),
  /** The person goes back to the report. */
  auditEnd: nothing,
  /** Writes what the person says of an answer; null withdraws it. */
  auditSay: answers<AuditOutcome>()(z.object({ turn: count, said: z.nullable(z.enum(SAID)) })),
  auditImage: answers<ImageBytes>()(z.object({ turn: count, image: count })),
  /** Answers once the file is written or the user cancelled. */
  save: saved,
  copy: copied,
};
export type ReportHost = HostOf<typeof reportCalls>;

/** The panel's current state; sent again whenever its page restarts. */
export type ReportState = ReportMemory &
  (
    | { kind: 'reading' }
    | { kind: 'failed'; why: string }
    | { kind: 'report'; answer: ReportAnswer }
    | { kind: 'sweep'; document: ReportDocument }
  );

/** Survives a reload of the window. */
export const reportMemory = z.looseObject({
  /** Folders of runs; null for all runs of the workspace. */
  runs: z.nullable(z.array(text)),
  choices,
  /** Folder of a sweep whose comparison is shown instead; null for none. */
  sweep: z.nullable(text),
  /** The sample that a person is judging: keys of evaluations, and its size; null for none. */
  judging: z._default(z.nullable(z.object({ keys: z.array(text), answers: count })), null),
});
export type ReportMemory = ReadonlyDeep<
  Pick<z.output<typeof reportMemory>, 'runs' | 'choices' | 'sweep' | 'judging'>
>;

/** Calls that the host makes to the page. */
export interface ReportPage {
  show(args: ReportState): void;
  /** Begins to judge answers, or goes on with those that were begun. */
  judge(args: { begun: boolean }): void;
}
