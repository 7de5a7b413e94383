import type { EvaluationRow, MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { join } from 'node:path';
import { readCompletion } from '../../core/answers/extract.ts';
import type { Audit } from '../../core/metrics/audit/audit.ts';
import { answerKey } from '../../core/evaluation/judgement.ts';
import { readAnyRow, type SourceRow } from '../../core/evaluation/source-evaluation.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { recordsIn } from '../files/record-lines.ts';
import { readInPlace } from '../foreign/known.ts';
import { readScoredRows } from './evaluation-folders.ts';
import type { Audited } from '../../core/metrics/audit/audited.ts';
import { auditedOf, judgedHash, readJudgements, type LeaveOut } from './judgements.ts';

/** Reads one evaluation, or two to compare, with human ratings. @param set name of the only set to read */
export async function readAudited(
  dirs: readonly string[],
  leaveOut: LeaveOut = () => undefined,
  set?: string,
): Promise<Audited> {
  const rows: MeasuredRow[][] = [];
  for (const dir of dirs) {
    const all = await readScoredRows(dir, leaveOut);
    rows.push(set === undefined ? all : all.filter((row) => row.set === set));
  }
  const judgements = await Promise.all(dirs.map((dir) => readJudgements(dir, leaveOut)));
  return auditedOf(rows, judgements);
}

/**
 * Estimates the difference of two evaluations from human ratings. Null if too few answers are rated. Reads rows only if
 * both evaluations have ratings.
 */
export async function readDifference(first: string, second: string): Promise<Audit | null> {
  const judgements = await Promise.all([first, second].map((dir) => readJudgements(dir)));
  if (judgements.some((ofSide) => ofSide.length === 0)) return null;
  const rows = [await readScoredRows(first), await readScoredRows(second)];
  const audit = auditedOf(rows, judgements).audit();
  return audit.figures.some(({ metric, estimate }) => metric === 'difference' && estimate) ? audit : null;
}

/** An answer in the form that the rating person sees. */
export interface ShownAnswer {
  key: string;
  id: string;
  set: string;
  view: string;
  completion_index?: number;
  question: string;
  choices?: readonly string[];
  images: readonly ImageRef[];
  /** Clip data. Present if the images are frames of a clip. */
  clip?: EvaluationRow['clip'];
  reference: string;
  answer: string;
  completion: string;
  hash: string;
}

/** Reads answers with their full texts. The keys identify the answers. */
export async function readAnswers(dir: string, keys: ReadonlySet<string>): Promise<Map<string, ShownAnswer>> {
  const byKey = new Map<string, ShownAnswer>();
  const take = (row: EvaluationRow | SourceRow) => {
    const key = answerKey(row);
    if (!keys.has(key)) return;
    const completion = row.segments.at(-1)!.text;
    // In rows of other programs, the hash covers the whole text.
    const [answer, text] =
      'answer_text' in row.score
        ? [row.score.answer_text, row.score.answer_text]
        : [readCompletion(completion).lenient.text, completion.trim()];
    byKey.set(key, {
      key,
      id: row.id,
      set: row.set,
      view: row.view,
      ...(row.completion_index !== undefined && { completion_index: row.completion_index }),
      question: row.question,
      ...(row.choices && { choices: row.choices }),
      images: row.images,
      ...('clip' in row && row.clip && { clip: row.clip }),
      reference: row.answer ?? '',
      answer,
      completion,
      hash: judgedHash({ question: row.question, answer: row.answer ?? '', choices: row.choices, text }),
    });
  };
  const theirs = await readInPlace(dir);
  if (theirs) {
    for (const row of theirs.evaluation?.rows ?? []) take(row);
    return byKey;
  }
  for await (const row of recordsIn(join(dir, 'rows.jsonl'), readAnyRow)) take(row);
  return byKey;
}
