import type { Problem } from '../problem.ts';
import { parseSample } from '../spatial/parse-sample.ts';
import { isRecord } from '../json.ts';
import type { ScoreRow } from './score.ts';

export type ParsedRow =
  { row: ScoreRow & { id: string }; problems: Problem[] } | { row: null; problems: Problem[] };

/**
 * Checks the shape of a decoded row with a completion (docs/records.md, Score). Fields shared with samples are checked
 * as in a sample, but question and reference may be missing. A row of an evaluation has `segments` instead of
 * `completion`; the last segment is the answer.
 */
export function parseScoreRow(value: unknown): ParsedRow {
  if (!isRecord(value)) return { row: null, problems: parseSample(value).problems };
  const { question, answer } = value;
  const { sample, problems } = parseSample({ ...value, question: question ?? '-', answer: '-' });
  const segments = Array.isArray(value.segments) ? (value.segments as unknown[]) : [];
  const last = segments.at(-1);
  const completion = value.completion ?? (isRecord(last) ? last.text : undefined);
  if (typeof completion !== 'string') {
    const missing: Problem = {
      severity: 'error',
      code: 'completion',
      path: 'completion',
      message: '"completion" must be the text of a completion.',
      fix: 'Add the text of a model under "completion".',
    };
    return { row: null, problems: [...problems, missing] };
  }
  if (!sample) return { row: null, problems };
  const row: ScoreRow & { id: string } = { ...sample, completion, answer };
  if (question == null) delete row.question;
  return { row, problems };
}
