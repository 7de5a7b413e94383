import { answerFor, choiceIndex } from '../sample/choices.ts';
import type { Sample } from '../sample/sample.ts';
import { MIRROR, MIRROR_KEEP, viewOf, type ViewId } from '../view-list.ts';
import { orderOf } from './orders.ts';
import { oppositeMotion } from './sequence-views.ts';
import { clipOf } from './sequence-times.ts';
import { withoutReasoning } from './view-variant.ts';
import { inView } from './view.ts';

/**
 * Returns a row with its own question and the images of a view that `turnsPictures`. The answer is '' if the rules
 * cannot determine it. If the view keeps the question, uses the view's answer. If the view would reword it ("Does it
 * move to the left?"), the answer flips instead, provided that the two answers exclude each other.
 */
export const keepQuestion = (sample: Sample, view: ViewId): Sample =>
  answered(sample, view) ?? unanswered(sample, view);

/** Returns a row's question and its answer in a view. Null if the rules cannot determine the answer. */
function answered(sample: Sample, view: ViewId): Sample | null {
  const seen = inView(sample, view);
  if (!seen) return null;
  const { question, choices } = sample;
  const answer =
    (seen.question === question ? amongChoices(sample, seen) : null) ?? turned(sample, view, seen);
  return answer === null ? null : { ...seen, question, answer, ...(choices && { choices }) };
}

/** Returns the answer in a view as a choice of the row, in the row's order. Null if no choice equals the answer. */
function amongChoices({ choices }: Sample, { answer, choices: others }: Sample): string | null {
  if (!choices || !others) return answer;
  const from = choiceIndex(answer, others);
  const to = from === null ? -1 : choices.indexOf(others[from]!);
  return to < 0 ? null : answerFor(answer, from!, to, others, choices);
}

/** Returns the answer to a row's own question for a view that has another question. */
function turned(sample: Sample, view: ViewId, seen: Sample): string | null {
  const opposite = oppositeMotion(sample);
  if (opposite?.question === seen.question && seen.answer === sample.answer) return opposite.answer;
  if (view === MIRROR) return inView(sample, MIRROR_KEEP)?.answer ?? null;
  const { parts } = viewOf(view);
  if (parts.length === 1) return null;
  const bare: Sample | null = { ...withoutReasoning(sample), variants: {} };
  return parts.reduce<Sample | null>((row, { id }) => row && answered(row, id), bare)?.answer ?? null;
}

/** Returns a row's question with its images in a view. The answer is unknown (''). */
function unanswered(sample: Sample, view: ViewId): Sample {
  const order = viewOf(view).parts.find((part) => part.order)?.order;
  const { id, question, choices, task, source, images } = sample;
  const clip = order ? clipOf(sample, order) : sample.clip;
  return {
    id,
    question,
    answer: '',
    ...(choices && { choices }),
    ...(task !== undefined && { task }),
    ...(source !== undefined && { source }),
    ...(clip && { clip }),
    images: order ? orderOf(order, images.length, id).map((i) => images[i]!) : images,
  };
}
