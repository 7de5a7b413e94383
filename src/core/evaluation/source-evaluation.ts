import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { MIRROR, PAIR, type PairView } from '../../rows/view-list.ts';
import {
  evaluationRowSchema,
  measuredRow,
  readEvaluationRow,
  segmentSchema,
  type AnswerSegment,
  type EvaluationRow,
  type MeasuredRow,
} from './evaluation-row.ts';
import type { EvaluationResult } from './results.ts';
import { groupBy } from './scored-row.ts';

/** One completion of an external evaluation: an `EvaluationRow`, with null for unknown values. */
export interface SourceRow extends Omit<EvaluationRow, 'answer' | 'segments' | 'score'> {
  view: PairView;
  completion_index: number;
  answer: string | null;
  segments: [Omit<AnswerSegment, 'stop_reason'> & { stop_reason: AnswerSegment['stop_reason'] | null }];
  /** All fields that the external program wrote about the completion. */
  score: { by_source: Record<string, unknown> };
}

/** An evaluation that an external program made. */
export interface SourceEvaluation {
  model: string | null;
  /** Step of the checkpoint that was evaluated; null if unknown. */
  step: number | null;
  rows: readonly SourceRow[];
  /** Metrics that the external program computed itself. */
  figures: readonly EvaluationResult[];
}

/** Schema of `SourceRow`, as `chirality import` writes it. */
const sourceRowSchema = evaluationRowSchema.extend({
  view: z.enum(PAIR),
  completion_index: z.int().min(0),
  answer: z.string().nullable(),
  segments: z.tuple([segmentSchema.extend({ stop_reason: segmentSchema.shape.stop_reason.nullable() })]),
  score: z.object({ by_source: z.record(z.string(), z.unknown()) }),
}) as unknown as z.ZodType<SourceRow>;

/** Whether a parsed line of `rows.jsonl` comes from an external program. */
export const isSourceRow = (value: unknown): value is SourceRow =>
  isRecord(value) && isRecord(value.score) && isRecord(value.score.by_source);

/** Reads a row of a Chirality or external evaluation. @throws RecordError with file, line and field */
export const readAnyRow = (value: unknown, source: RecordSource): EvaluationRow | SourceRow =>
  isSourceRow(value) ? checkRecord(sourceRowSchema, value, source) : readEvaluationRow(value, source);

/**
 * Converts a row for metrics. A row of an external program has the score of that program, never a score by Chirality's
 * rules. Without a score by that program, the row is not scored.
 */
export function judgedRow(row: EvaluationRow | SourceRow): MeasuredRow {
  if (!isSourceRow(row)) return measuredRow(row);
  const { right, answer, segments } = row;
  const [{ text, stop_reason, stage }] = segments;
  const about = {
    format_ok: true,
    answer_text: text.trim(),
    path: 'whole',
    answer_text_strict: null,
  } as const;
  return measuredRow({
    ...row,
    right,
    answer: answer ?? '',
    segments: [{ stage, text, stop_reason: stop_reason ?? 'end' }],
    score:
      right === null
        ? { task: 'untyped', correct: null, bleu1: 0, bleu2: 0, ...about }
        : { task: 'mcq', parsed: text, gt_parsed: answer, correct: right, ...about },
  });
}

/** Two evaluation sets of one evaluation; the second set contains the mirrors of the first set's questions. */
export interface MirrorSets {
  original: string;
  mirror: string;
}

/** Groups all answers to a question, the original view first: some programs repeat all questions in turn. */
export const byQuestion = (rows: readonly SourceRow[]): SourceRow[] =>
  [...groupBy(rows, ({ set, id }) => JSON.stringify([set, id])).values()].flatMap((ofQuestion) =>
    PAIR.flatMap((view) => ofQuestion.filter((row) => row.view === view)),
  );

/** Converts rows of one set to mirrors of another set's rows, matched by id. Rows without a partner are unchanged. */
export function withMirrors(rows: readonly SourceRow[], { original, mirror }: MirrorSets): SourceRow[] {
  const ids = new Set(rows.flatMap(({ set, id }) => (set === original ? [id] : [])));
  return rows.map((row) =>
    row.set === mirror && ids.has(row.id) ? { ...row, set: original, view: MIRROR } : row,
  );
}
