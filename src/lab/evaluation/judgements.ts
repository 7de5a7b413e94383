import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Audit } from '../../core/metrics/audit/audit.ts';
import { Audited } from '../../core/metrics/audit/audited.ts';
import { readJudgement, type Judgement } from '../../core/evaluation/judgement.ts';
import type { MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { parseLine, RecordError } from '../../base/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { lines } from '../files/lines.ts';
import { openToAppend, streamFile } from '../files/regular.ts';
import { mayBeForeign } from '../foreign/known.ts';

export type LeaveOut = (why: Error) => void;

/**
 * The file of people's judgements: in the folder of an evaluation; for one of another program next to it, since nothing is
 * written to a stranger's folder.
 */
export const auditFile = (dir: string): string =>
  mayBeForeign(dir) ? `${dir}.audit.jsonl` : join(dir, 'audit.jsonl');

/** A hash of what a person judges: of other words, the judgement says nothing. */
export function judgedHash({
  question = '',
  answer,
  choices,
  text,
}: {
  question?: string | undefined;
  answer?: unknown;
  choices?: readonly string[] | undefined;
  /** The answer as extracted. */
  text: string;
}): string {
  const judged = JSON.stringify([question, answer ?? null, choices ?? [], text]);
  return createHash('sha256').update(judged).digest('hex').slice(0, 16);
}

/** The judgements of an evaluation, in the order in which they were made; none if there is no file. */
export async function readJudgements(
  dir: string,
  leaveOut: LeaveOut = () => undefined,
): Promise<Judgement[]> {
  const file = auditFile(dir);
  if (!(await stat(file).catch(ifMissing(null)))) return [];
  const judgements: Judgement[] = [];
  for await (const { number: line, text } of lines(await streamFile(file))) {
    if (text === null) leaveOut(new RecordError({ file, line }, 'the line is longer than 64 MiB.'));
    else if (text.trim() !== '') judgements.push(...parseLine(text, { file, line }, readJudgement, leaveOut));
  }
  return judgements;
}

/** Appends judgements as whole lines, at once, so that several people's programs may write to one file. */
export async function appendJudgements(dir: string, judgements: readonly Judgement[]): Promise<void> {
  const file = await openToAppend(auditFile(dir));
  try {
    await file.appendFile(judgements.map((judgement) => `${JSON.stringify(judgement)}\n`).join(''));
  } finally {
    await file.close();
  }
}

/** Brings rows and judgements together. @param rows of each side, as its judgements */
export const auditedOf = (
  rows: readonly (readonly MeasuredRow[])[],
  judgements: readonly (readonly Judgement[])[],
): Audited =>
  new Audited(rows, judgements, ({ question, answer, choices, score }) =>
    judgedHash({ question, answer, choices, text: score.answer_text }),
  );

/** What the judgements in an evaluation's folder come to; null if there are none. @param rows of the evaluation */
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
