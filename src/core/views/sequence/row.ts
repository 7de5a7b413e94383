import { ORDERS } from '../../read/words/pictures.ts';
import type { Sample, ViewVariant } from '../../sample/sample.ts';
import { comesBack, defer, discard, refused, type Refusal } from '../view-variant.ts';
import { orderOf, writeSequence, type Sequence } from '../../view-parts.ts';
import { ofEvents, ofMotion, ofStamp } from './motion.ts';
import {
  ofAllPictures,
  ofMoment,
  ofTaken,
  ofWhichPicture,
  isTimeless,
  turnsRound,
  type Read,
  metaOf,
  ofAppearance,
  ofClip,
  ofThings,
} from './questions.ts';

/*
 * A row whose pictures come in another order: right or deferred, never wrong (docs/views.md, sequences). What is asked
 * of motion, of the start or the end, of the k-th picture and of what appears first changes with the order; distances,
 * sizes and numbers of things do not; what has a cause has no other order at all.
 */

const textsOf = ({ question, answer, choices = [] }: Sample): string =>
  [question, answer, ...choices].join('\n');

/** Rewrites a row for its pictures in another order. */
export function sequenceSample(sample: Sample, one: Sequence): ViewVariant {
  const { question, answer } = sample;
  const read = refusalOf(sample, one) ?? readRow(sample, one);
  if ('code' in read) return refused(sample, read);
  const seen = inOrder(sample, read, one);
  const again = (row: Sample) => {
    const back = readRow(row, one);
    return 'code' in back ? null : inOrder(row, back, one);
  };
  // "Closer to" would come back as "towards".
  if (turnsRound(one) && !comesBack({ row: sample, seen, undo: again, redo: again }))
    return refused(sample, defer('undecided', 'The other order of the other order does not mean the same.'));
  const isSame = seen.question === question && seen.answer === answer;
  return {
    question: seen.question,
    answer: seen.answer,
    route: 'rules',
    status: isSame ? 'invariant' : 'flipped',
    rules: [`sequence.${read.rule}`],
    checks: { ...(turnsRound(one) && { inverse_returns: 'pass' as const }) },
    image_op: writeSequence(one),
    images: seen.images,
    effect: seen.answer === answer ? 'stays' : 'changes',
    ...(seen.meta && seen.meta !== sample.meta && { meta: seen.meta }),
  };
}

function inOrder(sample: Sample, { question, answer }: Read, one: Sequence): Sample {
  const { images, meta } = sample;
  return {
    ...sample,
    question: question ?? sample.question,
    answer: answer ?? sample.answer,
    images: orderOf(one, images.length).map((i) => images[i]!),
    ...(meta && { meta: metaOf(meta, one) }),
  };
}

function refusalOf(sample: Sample, one: Sequence): Refusal | null {
  const { images, boxes, points, masks, scene_graph: graph, depth_map: depth, reasoning } = sample;
  const n = images.length;
  if (n < 2) return discard('no_sequence', 'It has one picture.');
  if (one.op === 'exchange' && n !== 2)
    return discard('no_sequence', `It has ${n} pictures, and two are exchanged.`);
  if (one.op === 'every' && n <= one.k) return discard('no_sequence', 'One picture would be left.');
  if (turnsRound(one) && (boxes?.length || points?.length || masks?.length || graph || depth))
    return defer(
      'geometry',
      'Boxes, graph and depth map are those of the first picture, which is another one.',
    );
  if (one.op !== 'every' && ORDERS.oneWay.test(textsOf(sample)))
    return discard('arrow_of_time', 'It speaks of something that has only one direction in time.');
  return reasoning !== undefined && (!isTimeless(reasoning) || ORDERS.viewer.test(reasoning))
    ? defer('reasoning', 'Its reasoning may argue with the order of the pictures.')
    : null;
}

/** What question and answer become, or why that is open. */
function readRow(sample: Sample, one: Sequence): Read | Refusal {
  const read =
    ofClip(sample, one) ??
    ofAppearance(sample, one) ??
    ofEvents(sample, one) ??
    ofStamp(sample, one) ??
    ofWhichPicture(sample, one) ??
    ofTaken(sample, one) ??
    ofAllPictures(sample, one) ??
    ofMoment(sample, one) ??
    ofMotion(sample, one) ??
    ofThings(sample, one) ??
    defer('undecided', 'It is open what the order of the pictures does to the answer.');
  const { reasoning } = sample;
  return reasoning !== undefined && 'rule' in read && (read.question ?? read.answer) !== undefined
    ? defer('reasoning', 'Its reasoning argues for the old answer.')
    : read;
}
