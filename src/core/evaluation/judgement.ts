import * as z from 'zod';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { viewOfRow } from '../../rows/view-list.ts';
import { SAID, type Said } from './said-verdict.ts';

const judgement = z.object({
  id: z.string(),
  set: z.string(),
  view: viewIdSchema,
  /** Index from 0; absent if each row has one completion. */
  completion_index: z.int().min(0).optional(),
  person: z.string(),
  /** Null withdraws the person's earlier rating of this answer. */
  verdict: z.enum(SAID).nullable(),
  /** Hash of the rated content: question, reference, choices and the answer's text. */
  hash: z.string(),
  /** Seed of the order in which answers were drawn. */
  seed: z.int().min(0),
  time: z.string(),
});
/** One person's rating of one answer: a line of `audit.jsonl`. Among several lines, the last one counts. */
export type Judgement = z.infer<typeof judgement>;

/** @throws RecordError with file, line and field */
export const readJudgement = (value: unknown, source: RecordSource): Judgement =>
  checkRecord(judgement.loose() as unknown as z.ZodType<Judgement>, value, source);

export type AnswerName = Pick<Judgement, 'id'> & { set?: string; view?: string; completion_index?: unknown };

/** Returns the key of an answer within its evaluation: set, view, id and index of the completion. */
export const answerKey = (row: AnswerName): string =>
  JSON.stringify([row.set ?? '', viewOfRow(row), row.id, Number(row.completion_index ?? 0)]);

/** Returns the ratings by answer, then by person. Only the last rating of each person counts. */
export function saidOf(judgements: readonly Judgement[]): Map<string, Map<string, Said>> {
  const words = new Map<string, Map<string, Said>>();
  for (const judged of judgements) {
    const key = answerKey(judged);
    const people = words.get(key) ?? new Map<string, Said>();
    words.set(key, people);
    if (judged.verdict === null) people.delete(judged.person);
    else people.set(judged.person, judged.verdict);
    if (people.size === 0) words.delete(key);
  }
  return words;
}

/**
 * Returns the majority rating among people who could decide: right or wrong; null if nobody could decide, or on a tie.
 */
export function majorityOf(people: ReadonlyMap<string, Said>): boolean | null {
  const words = [...people.values()];
  const more =
    words.filter((word) => word === 'right').length - words.filter((word) => word === 'wrong').length;
  return more === 0 ? null : more > 0;
}
