import { isMajorityRight, pairVerdict, type Verdict } from '../answers/pair-verdict.ts';
import { isRight, scoreAnswer } from '../answers/score-row.ts';
import { isSameText } from '../rewards/parts.ts';
import { mirrorSample } from '../spatial/mirror/mirror-sample.ts';
import type { Sample } from '../spatial/sample.ts';
import { withVariant } from '../spatial/variant.ts';
import type { ViewedSample } from '../spatial/views/view.ts';

/** The answers to one view: the one that most completions give, and how many do. */
export interface Majority {
  /** Null where no completion gives an answer. */
  answer: string | null;
  count: number;
  of: number;
}

/**
 * How the answers to both views go together where nobody has said which is right: by what the rules make of the
 * original's answer. `undecided`: they hand it on, or a free text cannot be compared.
 */
export type Agreement = 'agree' | 'disagree' | 'undecided';

export interface Assessment {
  majorities: Majority[];
  /** By view and completion; null where no right answer is known. */
  right: (boolean | null)[][];
  /** Of both views; null where no right answer to one of them is known. */
  verdict: Verdict | null;
  agreement: Agreement | null;
}

/** @param answers extracted, by view and completion; '' where there is none. */
export function assess(views: readonly ViewedSample[], answers: readonly (readonly string[])[]): Assessment {
  const right = views.map(({ sample }, f) => answers[f]!.map((answer) => isRightAnswer(answer, sample)));
  const majorities = views.map(({ sample }, f) => majorityOf(answers[f]!, sample));
  const [original, mirror] = right.map((rights) =>
    rights.length > 0 && rights.every((one) => one !== null) ? isMajorityRight(rights) : null,
  );
  const known = original != null && mirror != null;
  return {
    majorities,
    right,
    verdict: known ? pairVerdict(original, mirror) : null,
    agreement: views.length === 2 ? agreementOf(views, majorities) : null,
  };
}

const isRightAnswer = (answer: string, sample: Sample): boolean | null =>
  sample.answer === '' ? null : isAnswer(answer, sample);

/** As evaluations judge it: by the measure of the task; open answers by their text. */
const isAnswer = (answer: string, sample: Sample): boolean =>
  isRight(scoreAnswer(answer, sample)) ?? isSameText(answer, sample.answer);

/** Two answers are one where each would pass for the other. */
const isSame = (a: string, b: string, sample: Sample): boolean =>
  isSameText(a, b) || (isAnswer(a, { ...sample, answer: b }) && isAnswer(b, { ...sample, answer: a }));

function majorityOf(answers: readonly string[], sample: Sample): Majority {
  const counts = answers.map((one) =>
    one === '' ? 0 : answers.filter((other) => other !== '' && isSame(one, other, sample)).length,
  );
  const count = Math.max(0, ...counts);
  return { answer: count > 0 ? answers[counts.indexOf(count)]! : null, count, of: answers.length };
}

function agreementOf(views: readonly ViewedSample[], majorities: readonly Majority[]): Agreement {
  const [original, mirror] = [views[0]!.sample, views[1]!.sample];
  const [said, saidOfMirror] = majorities.map(({ answer }) => answer);
  if (said == null || saidOfMirror == null) return 'undecided';
  const { id, question, choices, images, box_format } = original;
  const claim: Sample = {
    ...{ id, question, answer: said, images },
    ...(choices && { choices }),
    ...(box_format && { box_format }),
  };
  const expected = withVariant({ ...claim, variants: { mirror: mirrorSample(claim) } }, 'mirror');
  // The rules may read the question in another way beside that answer.
  if (!expected || expected.question !== mirror.question) return 'undecided';
  const judged = isRight(scoreAnswer(saidOfMirror, { ...mirror, answer: expected.answer }));
  if (judged ?? isSameText(saidOfMirror, expected.answer)) return 'agree';
  // A free text may say the same in other words; one that stays where the rules change it does not.
  return judged === false || isSameText(saidOfMirror, said) ? 'disagree' : 'undecided';
}
