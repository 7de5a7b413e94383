import { parseJudge } from '../../core/answers/yes-no.ts';
import { scoredText } from '../../core/answers/score-row.ts';
import type { Task } from '../../core/answers/score.ts';
import { fillPromptFile, type JudgePrompt, type PromptFile } from '../../core/prompts/prompt-file.ts';
import type { Prompt } from '../../core/prompts/message.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import { TEXT_TASKS } from '../../core/metrics/summary.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';

/** The model that judges answers, and its prompts. */
export interface Judge {
  sampler: Sampler;
  /** For yes/no questions [B-46], and for open ones [B-43, R41]. */
  prompts: { yesno: JudgePrompt; open: JudgePrompt };
  /** Sent after a verdict that cannot be parsed. */
  repair: PromptFile<never>;
}

const PROMPTS: Partial<Record<Task, keyof Judge['prompts']>> = {
  yesno: 'yesno',
  open: 'open',
  untyped: 'open',
  side: 'open',
  choice: 'open',
  name: 'open',
};

const BATCH = 64;
/** A verdict is a digit; some models think first. */
const MAX_TOKENS = 1024;

/**
 * Asks a judge about answers to yes/no and open questions, greedily, and once more if its verdict cannot be parsed; if
 * that fails too, there is no verdict. Earlier verdicts of the same judge are kept.
 * @param signal aborts the calls, which then throw.
 * @returns the rows with `score.judge`, and how many the judge's endpoint failed to answer; the next call asks those
 * again.
 */
export async function judgeRows(
  rows: readonly EvaluationRow[],
  { sampler, prompts, repair }: Judge,
  signal?: AbortSignal,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<{ rows: EvaluationRow[]; failed: number }> {
  const { model } = sampler.info();
  const out = [...rows];
  const pending = rows.flatMap((row, place) => {
    const prompt = prompts[PROMPTS[row.score.task] ?? 'open'];
    const known = row.judge?.model === model && row.judge.prompt === prompt.name;
    const answered = row.segments.every(({ stop_reason: reason }) => reason !== 'failed');
    const judged = answered && PROMPTS[row.score.task] !== undefined && row.score.problem === undefined;
    return judged && !(known && row.score.judge !== undefined) ? [{ row, place, prompt }] : [];
  });
  const greedy = { n: 1, temperature: 0, topP: 1, maxTokens: MAX_TOKENS, ...(signal && { signal }) };
  const ask = async (asked: Prompt[]) => (await sampler.complete(asked, greedy)).flat();
  let failed = 0;
  for (let at = 0; at < pending.length; at += BATCH) {
    signal?.throwIfAborted();
    const batch = pending.slice(at, at + BATCH);
    const first = batch.map(({ row, prompt }) => requestFor(row, prompt));
    const answers = await ask(first);
    const texts = answers.map(({ text }) => [text]);
    const unread = answers.flatMap(({ text, stopReason }, i) =>
      stopReason !== 'failed' && parseJudge(text) === null ? [i] : [],
    );
    const again = await ask(
      unread.map((i) => [
        ...first[i]!,
        { role: 'assistant', content: [texts[i]![0]!] },
        { role: 'user', content: [repair.text] },
      ]),
    );
    unread.forEach((i, k) => {
      answers[i] = again[k]!;
      texts[i]!.push(again[k]!.text);
    });
    batch.forEach(({ row, place, prompt }, i) => {
      if (answers[i]!.stopReason === 'failed') failed += 1;
      else
        out[place] = {
          ...row,
          score: { ...row.score, judge: parseJudge(answers[i]!.text) },
          judge: { model, prompt: prompt.name, texts: texts[i]! },
        };
    });
    onProgress(at + batch.length, pending.length);
  }
  return { rows: out, failed };
}

/** The prompt for a row: the extracted answer beside the reference. */
function requestFor(row: EvaluationRow, prompt: JudgePrompt): Prompt {
  const slots = { question: row.question, pred: scoredText(row.score), gt: row.answer };
  return [{ role: 'user', content: [fillPromptFile(prompt, slots)] }];
}

/** Adds `score.sbert` to rows whose answers are sentences: the cosine of answer and reference [B-42]. */
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
