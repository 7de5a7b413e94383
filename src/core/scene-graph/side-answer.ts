import { nameKey } from '../read/names.ts';
import { RELATIONS } from '../read/words/signs.ts';
import { factsOf, type Facts } from './facts.ts';
import type { SceneGraph } from './scene-graph.ts';

/** A question which of two sides a thing is on, and the side that its answer gives. */
interface SideAnswer {
  subject: string;
  reference: string;
  said: 'left' | 'right';
}

const SIDE = '(?:(?:to|on) )?(?:the )?(?:left|right)(?:[- ]hand)?(?: side)?';

/** Which forms ask for a side; in the first one, a thing with a front of its own may have sides of its own. */
const FORMS = [
  {
    pattern:
      /^\W*(?:(?:on|to|at) )?(?:which|what) side of (?<reference>.{1,80}?) (?:is|are) (?<subject>.{1,80}?)(?: (?:on|at|located|positioned|placed|situated|standing|lying))*(?:[,:]? (?:on |to )?(?:the )?(?:left|right)(?: side)? or (?:on |to )?(?:the )?(?:left|right)(?: side)?)?\s*\?\s*$/i,
    ownSides: true,
  },
  {
    pattern: new RegExp(
      String.raw`^\W*(?:is|are) (?<subject>.{1,80}?) ${SIDE}(?: of it)? or ${SIDE} of (?<reference>.{1,80}?)\s*\?\s*$`,
      'i',
    ),
    ownSides: false,
  },
  {
    pattern:
      /^\W*where (?:is|are) (?<subject>.{1,80}?) (?:in relation to|relative to|with respect to) (?<reference>.{1,80}?)\s*\?\s*$/i,
    ownSides: false,
  },
];

/** "left", "On the left.", "It is to the left of the cup." */
const ANSWER = new RegExp(
  String.raw`^\W*(?:(?<subject>.{1,80}?) (?:is|are) )?(?:(?:to|on|at) )?(?:the |its )?(?<side>left|right)(?:[- ]hand)?(?: side)?(?: of (?<reference>.{1,80}?))?\W*$`,
  'i',
);

function sideAnswer(question: string, answer: string): SideAnswer | null {
  for (const { pattern, ownSides } of FORMS) {
    const groups = pattern.exec(question)?.groups;
    if (!groups) continue;
    const [subject, reference] = [groups.subject!, groups.reference!];
    if (ownSides && !RELATIONS.frontless.test(reference)) return null;
    const given = ANSWER.exec(answer)?.groups;
    const names = (text: string | undefined, name: string) =>
      text === undefined || /^(?:it|they|them)$/i.test(text) || nameKey(text) === nameKey(name);
    if (!given || !names(given.subject, subject) || !names(given.reference, reference)) return null;
    return { subject, reference, said: given.side!.toLowerCase() as 'left' | 'right' };
  }
  return null;
}

/**
 * Checks an answer that gives the side of one thing on which another one is. Null if the question is another one, the
 * answer says more, or nothing is known of the two.
 */
export function sideCheck(
  question: string,
  answer: string,
  graph: SceneGraph | undefined,
  facts: Facts,
): { agrees: boolean; reason: string } | null {
  const read = sideAnswer(question, answer);
  if (!read) return null;
  const { subject, reference, said } = read;
  const compared = ({ compare }: Facts) => compare('left_right', subject, reference, '');
  const sign = compared(facts);
  if (!sign) return null;
  const side = sign < 0 ? 'left' : 'right';
  const boxes = graph && compared(factsOf({ ...graph, relations: [] }, undefined)) === sign;
  const reason = `${boxes ? 'Boxes put' : 'The row puts'} ${subject} ${side} of ${reference}; the answer says ${said}.`;
  return { agrees: side === said, reason };
}
