import { Text } from '../read/tokens.ts';
import { verdictOf } from '../read/clause.ts';
import type { Sample, ViewVariant } from '../sample/sample.ts';
import { SIGNS } from '../read/words/pictures.ts';
import { FUNCTION_WORDS } from '../read/words/lists.ts';
import { discard, refused, reworded } from './view-variant.ts';

/** Puts "In the image as shown, " before the question (docs/views.md, anchoring). */
export function anchoredQuestion(question: string): string {
  const first = new Text(question).tokens[0];
  const opener = first && FUNCTION_WORDS.openers.has(first.lower) && first.start === 0;
  return `In the image as shown, ${opener ? question[0]!.toLowerCase() + question.slice(1) : question}`;
}

const ONE_SIDE = /^\W*(?:\(?[A-H][).:]\s*)?(?:(?:on|to) the )?(?:left|right)(?: side)?\W*$/i;

/** Sides that say where something is, and end there: "to the left of", "on the far right?", "leftmost". */
const PLACES =
  /\b(?:(?:to|on|at|from) the (?:far )?)?(?:left|right)(?:(?= of (?:the|a|an|it|them)\b)|most\b)|\b(?:to|on|at|from) the (?:far )?(?:left|right)(?: side)?(?=\s*(?:[?.,:;)]|$)|\s+(?:of|is|are|was|were|has|have|and|or|in|\p{L}+ing)\b)/giu;
const OWN = ['ownView', 'asksBody', 'imagined'] as const;

/**
 * Whether anchoring leaves the answer unchanged: it does if the row has only sides, in menus, yes/no questions and
 * ranks, or as places, or asks where something is.
 */
export function canAnchor({ question, answer, choices }: Sample): boolean {
  if (SIGNS.lead.test(question) || SIGNS.framed.test(question)) return false;
  const unplaced = question.replace(PLACES, '');
  if (unplaced !== question && !/left|right/i.test(unplaced))
    return OWN.every((sign) => !SIGNS[sign].test(question));
  const menu = /\bleft\b[^?]*\bor\b[^?]*\bright\b|\bright\b[^?]*\bor\b[^?]*\bleft\b/i.test(question);
  const asksSide = choices?.every((choice) => ONE_SIDE.test(choice)) ?? ONE_SIDE.test(answer);
  if (asksSide && /\bwhere\b|\bwhich side\b/i.test(question)) return true;
  return verdictOf(answer) !== null || menu || /most\b|\bfrom the (?:left|right)\b/i.test(question);
}

/**
 * Puts "In the image as shown, " before the question: the original for turned pictures whose sides are anchored in this
 * way. The answer stays, since the sides of an upright picture are the picture's own.
 */
export function anchorQuestion(sample: Sample): ViewVariant {
  const { question, answer, choices = [] } = sample;
  return /\b(?:left|right)/i.test([question, answer, ...choices].join(' ')) && canAnchor(sample)
    ? reworded(sample, 'anchor', { question: anchoredQuestion(question) })
    : refused(sample, discard('no_anchor', 'It has no sides that words can anchor in the picture.'));
}
