import * as z from 'zod';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { viewOfRow } from '../../rows/view-list.ts';
import { SAID, type Said } from './said-verdict.ts';

const judgement = z.object({
  id: z.string(),
  set: z.string(),
  view: viewIdSchema,
  /** Index of the completion, from 0; absent if each row has one completion. */
  completion_index: z.int().min(0).optional(),
  person: z.string(),
  /** Rating of the answer; null withdraws the person's earlier rating. */
  verdict: z.enum(SAID).nullable(),
  /** Hash of the rated content: question, reference answer, choices and the text of the answer. */
  hash: z.string(),
  /** Seed of the random order in which answers were sampled for rating. */
  seed: z.int().min(0),
  time: z.string(),
});
/** One person's rating of one answer, as one line of `audit.jsonl`. The last line about an answer counts. */
export type Judgement = z.infer<typeof judgement>;

/** Reads a human rating. @throws RecordError with file, line and field */
export const readJudgement = (value: unknown, source: RecordSource): Judgement =>
  checkRecord(judgement.loose() as unknown as z.ZodType<Judgement>, value, source);

export type AnswerName = Pick<Judgement, 'id'> & { set?: string; view?: string; completion_index?: unknown };

/** Returns the key of an answer in its evaluation: set, view, row id and index of the completion. */
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

/** Returns whether most raters rated the answer as right. Null if no rater could decide, or on a tie. */
export function majorityOf(people: ReadonlyMap<string, Said>): boolean | null {
  const words = [...people.values()];
  const more =
    words.filter((word) => word === 'right').length - words.filter((word) => word === 'wrong').length;
  return more === 0 ? null : more > 0;
}
