import { fixed } from '../../base/format.ts';
import type { ReadCompletion } from '../answers/extract.ts';
import { acceptedAnswers, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { Extraction } from '../answers/score.ts';
import { isRight } from '../answers/verdict.ts';
import { normalise } from '../answers/plain-text.ts';
import type { AnswerScore } from '../answers/score-schema.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { agreementOf, type OtherAnswers } from './agreement.ts';
import type { RewardName, RewardPart } from './rewards.ts';

/** Fields of a completion that the rewards use. */
interface Completed {
  sample: Sample;
  /** Whether reasoning and answer are inside their tags. */
  format_ok: boolean;
  /** Text that the rewards use as the answer; null if the completion has none. */
  answer: string | null;
  /** Score of the answer by the rules of the row's task. */
  score: AnswerScore;
  right: boolean;
  /** Returns the cosine of the answer with the reference answer, from an encoder that ran earlier. */
  similarity: (answer: string, reference: string) => number;
  /** Answers to the other view of the row; null if answers to both views cannot be compared. */
  others: OtherAnswers | null;
}

const PARTS: Record<RewardName, (completed: Completed) => RewardPart> = {
  format: ({ format_ok }) => formatPart(format_ok),
  semantic: ({ answer, sample, similarity }) =>
    answer === null
      ? NO_ANSWER
      : mostSimilar(acceptedAnswers(sample), (reference) => ({
          value: similarity(answer, reference),
          why: `cosine of "${answer}" and "${reference}"`,
        })),
  accuracy: (completed) => (completed.answer === null ? NO_ANSWER : accuracyPart(completed)),
  exact_match: ({ answer, sample }) =>
    mostSimilar(acceptedAnswers(sample), (reference) =>
      exactMatchPart(normalise(answer ?? ''), normalise(reference)),
    ),
  numeric: ({ score }) => numericPart(score),
  iou: ({ score }) => iouPart(score),
  agreement: ({ answer, others }) => (answer === null ? NO_ANSWER : agreementPart(answer, others)),
};

/** Returns the reward part for the accepted answer with the highest value. */
function mostSimilar(references: readonly string[], partOf: (reference: string) => RewardPart): RewardPart {
  const parts = references.map(partOf);
  return parts.reduce((best, part) => (part.value > best.value ? part : best));
}

/**
 * Returns the text that the rewards use as the answer; null if the completion has none. Strict: only a closed answer
 * block after the reasoning counts. Lenient: the answer is extracted as in evaluations.
 */
export const answerOf = ({ strict, lenient }: ReadCompletion, extraction: Extraction): string | null =>
  extraction === 'strict' ? strict : lenient.text;

interface ScoredReading {
  /** Text that the rewards use as the answer; null if the completion has none. */
  answer_text: string | null;
  /** Whether the leniently extracted answer is right by its task; open answers must equal the reference answer. */
  right: boolean;
  rewards: Record<string, RewardPart>;
}

/**
 * Returns a function that scores completions of one row. The task is determined once, and equal completions, which are
 * frequent in a group, are scored once.
 * @param names names of the reward parts to compute.
 * @param similarity returns the cosine of an answer with the reference answer, from an encoder that ran earlier.
 * @param others answers to the row's other view, for the agreement; null if the answers cannot be compared.
 */
export function scorerOf(
  sample: Sample,
  names: readonly RewardName[],
  extraction: Extraction,
  similarity: (answer: string, reference: string) => number,
  others: OtherAnswers | null = null,
): (reading: ReadCompletion) => ScoredReading {
  const task = taskOf(sample);
  const wanted = acceptedAnswers(sample).map(normalise);
  const judge = (answer: string) => {
    const score = scoreAnswer(answer, sample, task);
    return { score, right: isRight(score) ?? wanted.includes(normalise(answer)) };
  };
  const score = ({ format_ok, answer, lenient }: RewardedText): ScoredReading => {
    const evaluated = judge(lenient);
    // All reward parts use the same answer, so text outside the extracted answer earns no reward.
    const judged = (answer ?? '') === lenient ? evaluated : judge(answer ?? '');
    const completed: Completed = { sample, format_ok, answer, ...judged, similarity, others };
    const rewards = Object.fromEntries(names.map((name) => [name, PARTS[name](completed)]));
    return { answer_text: answer, right: evaluated.right, rewards };
  };
  const scores = new Map<string, ScoredReading>();
  return (reading) => {
    const read: RewardedText = {
      format_ok: reading.format_ok,
      answer: answerOf(reading, extraction),
      lenient: reading.lenient.text,
    };
    const key = JSON.stringify(read);
    const scored = scores.get(key) ?? score(read);
    scores.set(key, scored);
    return scored;
  };
}

/**
 * All fields of a completion that rewards use. Completions with equal fields are scored once, so a field that a new
 * reward uses must be added to this type.
 */
interface RewardedText {
  format_ok: boolean;
  /** Text that the rewards use as the answer; null if the completion has none. */
  answer: string | null;
  /** Answer as the lenient extraction of evaluations returns it. */
  lenient: string;
}

const NO_ANSWER: RewardPart = { value: 0, why: 'no answer block' };

const formatPart = (ok: boolean): RewardPart =>
  ok
    ? { value: 1, why: 'think and answer tags, each once' }
    : { value: 0, why: 'not one <think>…</think> followed by one <answer>…</answer>' };

const accuracyPart = ({ score, right }: Completed): RewardPart => ({
  value: Number(right),
  why: `${right ? 'right' : 'wrong'} as ${score.task}: ${parsedText(score)}`,
});

/** Returns paper A's released reward: 1 for an equal text, 0 for a different text, −0.2 for a missing text. */
function exactMatchPart(got: string, wanted: string): RewardPart {
  if (got === '') return { value: -0.2, why: 'empty answer' };
  return got === wanted
    ? { value: 1, why: `"${got}" is the reference` }
    : { value: 0, why: `"${got}" is not "${wanted}"` };
}

/** Returns 1 − relative error of a distance, area or count, at least 0 [B-18]. */
function numericPart(score: AnswerScore): RewardPart {
  const [got, wanted] =
    score.task === 'distance'
      ? [score.parsed_m, score.gt_m]
      : score.task === 'area'
        ? [score.parsed_m2, score.gt_m2]
        : score.task === 'count'
          ? [score.parsed, score.gt_parsed]
          : [null, null];
  if (wanted === null) return { value: 0, why: 'the reference is not a number' };
  if (got === null) return { value: 0, why: 'no number found' };
  const error = wanted === 0 ? Number(got !== 0) : Math.abs(got - wanted) / Math.abs(wanted);
  return { value: Math.max(0, 1 - error), why: `${got} against ${wanted}` };
}

function iouPart(score: AnswerScore): RewardPart {
  if (score.task !== 'bbox') return { value: 0, why: 'the reference is not a box' };
  return score.completed
    ? { value: score.iou, why: `IoU ${fixed(score.iou, 3)}` }
    : { value: 0, why: 'no box found' };
}

/** Returns the share of the other view's completions that agree with an answer, independent of the right answer. */
function agreementPart(answer: string, others: OtherAnswers | null): RewardPart {
  const share = others && agreementOf(others.compare, [answer], others.answers);
  if (!others || share === null) return { value: 0, why: 'no partner view to compare with' };
  const { length } = others.answers;
  return {
    value: share,
    why: `${Math.round(share * length)} of ${length} completions of the other view agree`,
  };
}

const withUnit = (value: number | null, unit: string): string =>
  value === null ? 'none' : `${value} ${unit}`;

/** Describes how the answer was parsed, for people. */
function parsedText(score: AnswerScore): string {
  switch (score.task) {
    case 'distance':
      return `${withUnit(score.parsed_m, 'm')} against ${withUnit(score.gt_m, 'm')}`;
    case 'area':
      return `${withUnit(score.parsed_m2, 'm²')} against ${withUnit(score.gt_m2, 'm²')}`;
    case 'yesno':
    case 'mcq':
    case 'count':
    case 'number':
    case 'side':
    case 'choice':
    case 'name':
      return `${score.parsed ?? 'unparsed'} against ${score.gt_parsed ?? 'unparsed'}`;
    case 'bbox':
      return `IoU ${fixed(score.iou, 3)}`;
    case 'point':
      return score.inside === undefined ? 'no reference region' : score.inside ? 'inside' : 'outside';
    default:
      return 'comparison of the normalised texts';
  }
}
