import { extractLenient, extractStrict, isFormatOk } from '../answers/extract.ts';
import { isRight, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { AnswerScore } from '../answers/score.ts';
import type { Sample } from '../spatial/sample.ts';
import type { RewardPart } from './reward.ts';

export type RewardName = 'format' | 'semantic' | 'accuracy' | 'exact_match' | 'numeric' | 'iou';

/** What rewards read as the answer. Strict: a closed block after the thought, else null. Lenient: as evaluation does. */
export function answerOf(completion: string, extraction: 'strict' | 'lenient'): string | null {
  return extraction === 'strict' ? extractStrict(completion) : extractLenient(completion).text;
}

/** Scores answers to one sample. */
export type Judge = (answer: string) => AnswerScore;

/** The judge of a sample: its task is settled once, and equal answers, which groups are full of, are read once. */
export function judgeOf(sample: Sample): Judge {
  const task = taskOf(sample);
  const known = new Map<string, AnswerScore>();
  return (answer) => {
    const score = known.get(answer) ?? scoreAnswer(answer, sample, task);
    known.set(answer, score);
    return score;
  };
}

/** Whether a completion is right by the rules of its task; for open answers, whether it is the reference's text. */
export function isRightAnswer(completion: string, sample: Sample, judge: Judge = judgeOf(sample)): boolean {
  const { text } = extractLenient(completion);
  return isRight(judge(text)) ?? normalise(text) === normalise(sample.answer);
}

/**
 * The parts of one completion's reward, each with its value and the reason.
 * @param names the parts that are asked for.
 * @param similarity cosine of the answer with the reference's, from an encoder that the caller asked beforehand.
 * @param judge the sample's, where the caller scores several completions of it.
 */
export function rewardParts(
  names: readonly RewardName[],
  completion: string,
  sample: Sample,
  extraction: 'strict' | 'lenient',
  similarity: (answer: string, reference: string) => number,
  judge: Judge = judgeOf(sample),
): Record<string, RewardPart> {
  const answer = answerOf(completion, extraction);
  // Every rule reads the same answer: what extraction leaves out earns nothing.
  const score = judge(answer ?? '');
  const parts: Record<RewardName, () => RewardPart> = {
    format: () =>
      isFormatOk(completion)
        ? { value: 1, why: 'think and answer tags, each once' }
        : { value: 0, why: 'not one <think>…</think> followed by one <answer>…</answer>' },
    semantic: () =>
      answer === null
        ? { value: 0, why: 'no answer block' }
        : { value: similarity(answer, sample.answer), why: `cosine of "${answer}" and "${sample.answer}"` },
    accuracy: () => accuracyPart(answer, sample, score),
    exact_match: () => exactMatchPart(answer ?? '', sample.answer),
    numeric: () => numericPart(score),
    iou: () => iouPart(score),
  };
  return Object.fromEntries(names.map((name) => [name, parts[name]()]));
}

/** The text pairs whose similarity `rewardParts` will ask for. */
export function semanticPair(
  completion: string,
  sample: Sample,
  extraction: 'strict' | 'lenient',
): [answer: string, reference: string] | null {
  const answer = answerOf(completion, extraction);
  return answer === null ? null : [answer, sample.answer];
}

function accuracyPart(answer: string | null, sample: Sample, score: AnswerScore): RewardPart {
  if (answer === null) return { value: 0, why: 'no answer block' };
  const right = isRight(score) ?? normalise(answer) === normalise(sample.answer);
  return { value: Number(right), why: `${right ? 'right' : 'wrong'} as ${score.task}: ${parsedText(score)}` };
}

/** Paper A's released reward: 1 for the same text, 0 for another, −0.2 for none. */
function exactMatchPart(answer: string, reference: string): RewardPart {
  const [got, wanted] = [normalise(answer), normalise(reference)];
  if (got === '') return { value: -0.2, why: 'empty answer' };
  return got === wanted
    ? { value: 1, why: `"${got}" is the reference` }
    : { value: 0, why: `"${got}" is not "${wanted}"` };
}

/** Without `( ) . , -`, case and surplus space, on both sides (R38). */
function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/[().,-]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** 1 − relative error for distances and counts, at least 0 [B-18]. */
function numericPart(score: AnswerScore): RewardPart {
  const [got, wanted] =
    score.task === 'distance'
      ? [score.parsed_m, score.gt_m]
      : score.task === 'count'
        ? [score.parsed, score.gt_parsed]
        : [null, null];
  if (wanted === null) return { value: 0, why: 'the reference is no number' };
  if (got === null) return { value: 0, why: 'no number found' };
  const error = wanted === 0 ? Number(got !== 0) : Math.abs(got - wanted) / Math.abs(wanted);
  return { value: Math.max(0, 1 - error), why: `${got} against ${wanted}` };
}

function iouPart(score: AnswerScore): RewardPart {
  if (score.task !== 'bbox') return { value: 0, why: 'the reference is no box' };
  return score.completed
    ? { value: score.iou, why: `IoU ${score.iou.toFixed(3)}` }
    : { value: 0, why: 'no box found' };
}

/** What was understood, for people. */
function parsedText(score: AnswerScore): string {
  switch (score.task) {
    case 'distance':
      return `${score.parsed_m ?? 'no length'} m against ${score.gt_m ?? 'no length'} m`;
    case 'yesno':
    case 'mcq':
    case 'count':
      return `${score.parsed ?? 'unparsed'} against ${score.gt_parsed ?? 'unparsed'}`;
    case 'bbox':
      return `IoU ${score.iou.toFixed(3)}`;
    case 'point':
      return score.inside === undefined ? 'no reference region' : score.inside ? 'inside' : 'outside';
    default:
      return 'same text or not';
  }
}
