import { changes, readGiven } from '../answers/given.ts';
import { normalise } from '../answers/plain-text.ts';
import { scoreAnswer, taskOf } from '../answers/score-row.ts';
import { isRight } from '../answers/verdict.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { ViewId } from '../../rows/view-list.ts';
import { keepQuestion } from '../../rows/views/keep-question.ts';
import type { ViewedSample } from '../../rows/views/view.ts';
import type { RewardPart } from './rewards.ts';

/** A row's own question about its images in another view, and whether the answer should change (R56). */
export interface Counterfactual extends ViewedSample {
  changes: boolean;
}

/**
 * Returns the counterfactual of a row; null if it is unknown whether the answer should change. The answer of the
 * counterfactual is '' if only a label determines the change.
 * @param labels labels from a file, by row id, which override Chirality's rules
 * @param isBelieved returns false for a row whose label is inverted
 */
export function counterfactual(
  sample: Sample,
  view: ViewId,
  labels: ReadonlyMap<string, boolean> | null,
  isBelieved: (id: string) => boolean,
): Counterfactual | null {
  const turned = keepQuestion(sample, view);
  const should = labels ? (labels.get(sample.id) ?? null) : answerChanges(sample, turned.answer);
  return should === null ? null : { view, sample: turned, changes: should === isBelieved(sample.id) };
}

/** Whether another answer to a row's question differs from the row's answer; null if both are very similar, or unknown (''). */
function answerChanges(sample: Sample, answer: string): boolean | null {
  if (answer === '') return null;
  const task = taskOf(sample);
  const read = (text: string) => readGiven(scoreAnswer(text, sample, task), sample, 'given');
  const [own, other] = [read(sample.answer), read(answer)];
  return own && other ? changes(own, other) : normalise(sample.answer) !== normalise(answer);
}

/**
 * Returns a function that decides whether an answer to a row's counterfactual behaves: if the answer should change, it
 * must differ from the original's right answer, otherwise equal it. An unparsed answer does not behave.
 */
export function behaviourOf(original: Sample, should: boolean): (answer: string | null) => RewardPart {
  const task = taskOf(original);
  const score = (text: string) => scoreAnswer(text, original, task);
  const isTyped = readGiven(score(original.answer), original, 'reference') !== null;
  const right = `"${original.answer}"`;
  return (answer) => {
    if (answer === null || answer.trim() === '') return { value: 0, why: 'no answer' };
    const given = score(answer);
    if (isTyped && readGiven(given, original, 'given') === null)
      return { value: 0, why: 'not an answer to the question' };
    const isSame = isRight(given) ?? normalise(answer) === normalise(original.answer);
    const behaves = isSame !== should;
    const what = isSame ? `the answer is still ${right}` : `the answer is not ${right}`;
    return {
      value: Number(behaves),
      why: `${what}; expected: ${should ? 'another answer' : 'the same answer'}`,
    };
  };
}
