import { OPEN_TASKS, type Task } from '../answers/score.ts';
import { isMajorityRight, pairVerdict, type Verdict } from '../answers/pair-verdict.ts';
import { scoreAnswer } from '../answers/score-row.ts';
import { isNotJudged, isRight } from '../answers/verdict.ts';
import { isSameText } from '../answers/plain-text.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { inView, type ViewedSample } from '../../rows/views/view.ts';
import { MIRROR } from '../../rows/view-list.ts';

export interface Majority {
  /** Most frequent answer among the completions; null if no completion contains an answer. */
  answer: string | null;
  count: number;
  of: number;
}

/**
 * Whether the answers to both views agree if the right answer is unknown. The answer to the mirror is compared with the
 * rewritten answer to the original. `undecided`: the rules defer, or cannot compare a free text.
 */
export type Agreement = 'agree' | 'disagree' | 'undecided';

export interface Assessment {
  majorities: Majority[];
  /** Whether each completion is right, by view; null if the right answer is unknown, or the rules cannot score it. */
  right: (boolean | null)[][];
  /** Outcome of the pair of views; null if the right answer in one view is unknown. */
  verdict: Verdict | null;
  agreement: Agreement | null;
}

/**
 * Assesses the answers to the views of a question. @param answers extracted answers by view and completion; '' for no
 * answer
 */
export function assess(views: readonly ViewedSample[], answers: readonly (readonly string[])[]): Assessment {
  const right = views.map(({ sample }, f) => answers[f]!.map((answer) => isRightAnswer(answer, sample)));
  const majorities = views.map(({ sample }, f) => majorityOf(answers[f]!, sample));
  const [original, mirror] = right.map((rights) =>
    rights.length > 0 && rights.every((known) => known !== null) ? isMajorityRight(rights) : null,
  );
  const isComplete = original != null && mirror != null;
  return {
    majorities,
    right,
    verdict: isComplete ? pairVerdict(original, mirror) : null,
    agreement: views.length === 2 ? agreementOf(views, majorities) : null,
  };
}

const isFree = (task: Task) => OPEN_TASKS.some((open) => open === task);

const isRightAnswer = (answer: string, sample: Sample): boolean | null =>
  sample.answer === '' || isNotJudged(scoreAnswer(answer, sample)) ? null : isAnswer(answer, sample);

/** Scores answers as evaluations do: by the metric of the task, open answers by equality of text. */
const isAnswer = (answer: string, sample: Sample): boolean =>
  isRight(scoreAnswer(answer, sample)) ?? isSameText(answer, sample.answer);

/** Whether two answers are the same: each is right with the other one as reference answer. */
const isSame = (a: string, b: string, sample: Sample): boolean =>
  isSameText(a, b) || (isAnswer(a, { ...sample, answer: b }) && isAnswer(b, { ...sample, answer: a }));

function majorityOf(answers: readonly string[], sample: Sample): Majority {
  const counts = answers.map((answer) =>
    answer === '' ? 0 : answers.filter((other) => other !== '' && isSame(answer, other, sample)).length,
  );
  const count = Math.max(0, ...counts);
  return { answer: count > 0 ? answers[counts.indexOf(count)]! : null, count, of: answers.length };
}

function agreementOf(views: readonly ViewedSample[], majorities: readonly Majority[]): Agreement {
  const [original, mirror] = [views[0]!.sample, views[1]!.sample];
  const [ofOriginal, saidOfMirror] = majorities.map(({ answer }) => answer);
  if (ofOriginal == null || saidOfMirror == null) return 'undecided';
  const { id, question, choices, images, box_format } = original;
  const claim: Sample = {
    id,
    question,
    answer: ofOriginal,
    images,
    ...(choices && { choices }),
    ...(box_format && { box_format }),
  };
  const expected = inView(claim, MIRROR);
  // With the model's answer as the reference answer, the rules could interpret the question differently.
  if (!expected || expected.question !== mirror.question) return 'undecided';
  const score = scoreAnswer(saidOfMirror, { ...mirror, answer: expected.answer });
  const isUnread = isFree(score.task) && 'parsed' in score && score.parsed === null;
  const judged = isUnread ? null : isRight(score);
  if (judged ?? isSameText(saidOfMirror, expected.answer)) return 'agree';
  // A free text can express the mirrored answer in other words. An unchanged text cannot, if the rules would change it.
  return judged === false || isSameText(saidOfMirror, ofOriginal) ? 'disagree' : 'undecided';
}
