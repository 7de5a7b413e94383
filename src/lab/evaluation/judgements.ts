import { linesText } from '../../base/json.ts';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Audit } from '../../core/metrics/audit/audit.ts';
import { Audited } from '../../core/metrics/audit/audited.ts';
import { readJudgement, type Judgement } from '../../core/evaluation/judgement.ts';
import type { MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { recordsIn } from '../files/record-lines.ts';
import { openToAppend } from '../files/regular.ts';
import { mayBeForeign } from '../foreign/known.ts';

export type LeaveOut = (why: Error) => void;

/**
 * Returns the file of human ratings: in an evaluation's folder, or next to the folder of another program's evaluation,
 * because Chirality writes nothing to other programs' folders.
 */
export const auditFile = (dir: string): string =>
  mayBeForeign(dir) ? `${dir}.audit.jsonl` : join(dir, 'audit.jsonl');

/** Hashes the texts that a person rates. A rating does not apply to other texts. */
export function judgedHash({
  question = '',
  answer,
  choices,
  text,
}: {
  question?: string | undefined;
  answer?: unknown;
  choices?: readonly string[] | undefined;
  /** Answer that the rules extracted. */
  text: string;
}): string {
  const judged = JSON.stringify([question, answer ?? null, choices ?? [], text]);
  return createHash('sha256').update(judged).digest('hex').slice(0, 16);
}

/** Reads the human ratings of an evaluation, in chronological order. Empty without a file. */
export async function readJudgements(
  dir: string,
  leaveOut: LeaveOut = () => undefined,
): Promise<Judgement[]> {
  const judgements: Judgement[] = [];
  for await (const judgement of recordsIn(auditFile(dir), readJudgement, leaveOut))
    judgements.push(judgement);
  return judgements;
}

/** Appends ratings as whole lines in one write, so that several people can write to one file. */
export async function appendJudgements(dir: string, judgements: readonly Judgement[]): Promise<void> {
  const file = await openToAppend(auditFile(dir));
  try {
    await file.appendFile(linesText(judgements));
  } finally {
    await file.close();
  }
}

/** Combines rows of evaluations with human ratings. @param rows rows of each evaluation, in the order of ratings */
export const auditedOf = (
  rows: readonly (readonly MeasuredRow[])[],
  judgements: readonly (readonly Judgement[])[],
): Audited =>
  new Audited(rows, judgements, ({ question, answer, choices, score }) =>
    judgedHash({ question, answer, choices, text: score.answer_text }),
  );

/** Estimates metrics from the human ratings in a folder. Null without ratings. @param rows rows of the evaluation */
export async function readAudit(
  dir: string,
  rows: readonly MeasuredRow[],
  leaveOut: LeaveOut,
): Promise<Audit | null> {
  const judgements = await readJudgements(dir, leaveOut);
  if (judgements.length === 0) return null;
  const audit = auditedOf([rows], [judgements]).audit();
  return audit.judged === 0 ? null : audit;
}
