import { parseJudge } from '../../core/answers/yes-no.ts';
import { scoredText } from '../../core/answers/verdict.ts';
import { TEXT_TASKS, type Task } from '../../core/answers/score.ts';
import { join } from 'node:path';
import { fillPromptFile, type JudgePrompt, type PromptFile } from '../../core/prompts/prompt-file.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import type { Sampler, TextCompletion } from '../../engines/sampler.ts';
import { isAnswered, type EvaluationRow, type MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import { LineWriter } from '../runs/line-writer.ts';
import type { FolderLock } from '../runs/folder-lock.ts';
import { eachAtOnce } from './at-once.ts';
import { JUDGED, type StoredRows } from './stored-rows.ts';

export interface Judge {
  sampler: Sampler;
  /** Prompts for yes/no questions [B-46], and for open questions [B-43, R41]. */
  prompts: { yesno: JudgePrompt; open: JudgePrompt };
  /** Prompt that follows an unparsed reply of the judge. */
  repair: PromptFile<never>;
  rows: JudgedRows;
}

/** Answers that are sent to a judge. `all`: all texts [B-43]; `free`: only yes/no and free text. */
type JudgedRows = 'all' | 'free';

/** Tasks for which a rule scores every parsed answer. */
const MEASURED: readonly Task[] = ['distance', 'bbox'];

/** Number of answers without a judge's score, and the reason for the first such answer, for users. */
export interface Unjudged {
  count: number;
  why: string | undefined;
}

/** Number of concurrent calls of the judge. */
const AT_ONCE = 64;
/** Maximum number of tokens of a reply. The score is a digit, but some models think first. */
const MAX_TOKENS = 1024;

/**
 * Sends text answers to a judge with greedy decoding, and sends an answer again if the judge's reply is unparsed. After
 * two unparsed replies, the answer gets no score. Rows that the same judge has already scored are skipped. By default,
 * rows have the `TEXT_TASKS` of BLEU and SBERT, so that all columns of a table cover the same answers.
 * @param rows rows, which are read twice.
 * @param keep called with each row that gets `judge` and `score.judge`, one call after the other.
 * @param signal aborts the calls, which then reject.
 * @returns the number of rows that the judge's endpoint failed to answer, and the reason for the first failure. The
 * next call retries these rows.
 */
export async function judgeRows(
  rows: AsyncIterable<EvaluationRow>,
  { sampler, prompts, repair, rows: which }: Judge,
  keep: (row: EvaluationRow) => Promise<void>,
  signal?: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Unjudged> {
  const { model } = sampler.info();
  const pending = async function* () {
    for await (const row of rows) {
      const { task } = row.score;
      const prompt = prompts[task === 'yesno' ? 'yesno' : 'open'];
      const isSameJudge = row.judge?.model === model && row.judge.prompt === prompt.name;
      const isAsked = TEXT_TASKS.includes(task) && (which === 'all' || !MEASURED.includes(task));
      if (
        isAsked &&
        isAnswered(row) &&
        row.score.problem === undefined &&
        !(isSameJudge && row.score.judge !== undefined)
      )
        yield { row, prompt };
    }
  };
  let total = 0;
  const counted = pending();
  while (!(await counted.next()).done) total += 1;
  let done = 0;
  const unjudged: Unjudged = { count: 0, why: undefined };
  await eachAtOnce(
    pending(),
    AT_ONCE,
    async ({ row, prompt }, stop) => {
      const ask = async (request: Prompt): Promise<TextCompletion> => {
        const greedy = { n: 1, temperature: 0, topP: 1, maxTokens: MAX_TOKENS, signal: stop };
        return (await sampler.complete([request], greedy))[0]![0]!;
      };
      const request = requestFor(row, prompt);
      const texts: string[] = [];
      let reply = await ask(request);
      texts.push(reply.text);
      if (reply.stopReason !== 'failed' && parseJudge(reply.text) === null) {
        reply = await ask([
          ...request,
          { role: 'assistant', content: [reply.text] },
          { role: 'user', content: [repair.text] },
        ]);
        texts.push(reply.text);
      }
      return reply.stopReason === 'failed'
        ? { error: reply.error }
        : { verdict: parseJudge(reply.text), texts };
    },
    async ({ row, prompt }, said) => {
      if (said.texts) {
        const score = { ...row.score, judge: said.verdict };
        await keep({ ...row, score, judge: { model, prompt: prompt.name, texts: said.texts } });
      } else {
        unjudged.count += 1;
        unjudged.why ??= said.error;
      }
      onProgress(++done, total);
    },
    signal,
  );
  return unjudged;
}

/** Returns the judge's prompt for a row, with extracted answer and reference answer. */
function requestFor(row: EvaluationRow, prompt: JudgePrompt): Prompt {
  const slots = { question: row.question, pred: scoredText(row.score), gt: row.answer };
  return [{ role: 'user', content: [fillPromptFile(prompt, slots)] }];
}

/** Adds `score.sbert` to rows whose answers are sentences: the cosine of answer and reference answer [B-42]. */
export async function withSimilarities(
  rows: readonly EvaluationRow[],
  encoder: Encoder,
): Promise<EvaluationRow[]> {
  const isText = ({ score }: EvaluationRow) => TEXT_TASKS.includes(score.task);
  const values = await similarities(
    encoder,
    rows.filter(isText).map(({ score, answer }) => [scoredText(score), answer] as const),
  );
  let next = 0;
  return rows.map((row) => (isText(row) ? { ...row, score: { ...row.score, sbert: values[next++]! } } : row));
}

/** Scores the rows of a folder with the judge, and stores each score on arrival. */
export async function judgeAll(
  lock: FolderLock,
  stored: () => Promise<StoredRows>,
  judge: Judge,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Unjudged> {
  const rows = await stored();
  const writer = await LineWriter.open(lock, join(lock.dir, JUDGED));
  try {
    return await judgeRows(rows, judge, (row) => writer.append(row), signal, onProgress);
  } finally {
    await writer.close();
    await rows.close();
  }
}

export function judgesOf(rows: readonly MeasuredRow[]): NonNullable<MeasuredRow['judge']>[] {
  const all = rows.flatMap(({ judge }) => judge ?? []);
  return [...new Map(all.map((prompt) => [JSON.stringify(prompt), prompt])).values()];
}
