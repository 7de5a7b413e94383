import type { Sample } from '../sample.ts';
import { exchangedNames, readRelation, replaced, unworded, worded } from './relation.ts';
import type { ViewVariant } from './variant.ts';

/** Turns "Is A left of B?" into "Is B right of A?": the same fact, so the same answer. */
export function converseSample(sample: Sample): ViewVariant {
  const relation = readRelation(sample);
  if (typeof relation === 'string') return unworded(sample, 'no_relation', relation);
  const { question } = sample;
  const { subject, phrase, other, opposite } = relation;
  return worded(sample, 'converse', {
    question: replaced(question, [
      ...exchangedNames(question, subject, other),
      ...(opposite === null ? [] : [{ ...phrase, by: opposite }]),
    ]),
  });
}
