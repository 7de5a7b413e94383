import type { RewrittenFields, Sample } from '../sample.ts';
import { nameKey } from '../language/names.ts';
import type { Rewrite } from './rewrite.ts';

/** A mirror under *keep-question*: the question stays, the answer turns. */
export interface KeptQuestion {
  fields: RewrittenFields;
  rule: 'keep.direction' | 'keep.yes' | 'keep.candidates';
}

/**
 * The other correct strategy, where the mirrored answer to the same question is determined: directions and menus,
 * "yes" to a strict comparison of two things, one of two candidates. Null for everything else: "no" says only that
 * the things are not so, and the leftmost of three is not the rightmost of three. `swapped` is the swap-words rewrite.
 */
export function keepQuestion(sample: Sample, swapped: Rewrite): KeptQuestion | null {
  // A thought that argues for the old answer does not argue for the other one.
  const argued = sample.reasoning !== undefined;
  const turned =
    direction(sample, swapped) ?? (argued ? null : (yes(sample, swapped) ?? candidates(sample, swapped)));
  if (!turned) return null;
  const { question, choices } = sample;
  return {
    rule: turned.rule,
    fields: { ...swapped.fields, ...(choices && { choices }), question, answer: turned.answer },
  };
}

type Turned = { answer: string; rule: KeptQuestion['rule'] } | null;

/** "Where is the cup?", "Is the cup left or right of the plate?", or options of which the mirrored one is offered. */
function direction(sample: Sample, { texts, fields }: Rewrite): Turned {
  const { changes } = texts.question!;
  const words = changes.map((change) => change.from.toLowerCase()).sort();
  const symmetric =
    words.length === 2 &&
    changes.every((change) => change.rule === 'side.menu') &&
    words.join() === 'left,right';
  if (changes.length > 0 && !symmetric) return null;
  if (!sample.choices) {
    return fields.answer === sample.answer ? null : { answer: fields.answer, rule: 'keep.direction' };
  }
  const letter = /^\W*([A-H])\W*$/.exec(sample.answer)?.[1];
  const index = letter ? letter.charCodeAt(0) - 65 : sample.choices.indexOf(sample.answer);
  const partner = sample.choices.indexOf(fields.choices?.[index] ?? '');
  if (partner < 0 || partner === index) return null;
  const moved = letter && sample.answer.replace(letter, String.fromCharCode(65 + partner));
  return { answer: moved ?? sample.choices[partner]!, rule: 'keep.direction' };
}

const SIDE = '(?:(?:further |farther |more )?(?:to|on) the (?:left|right)(?:[- ]hand)?(?: side)?|left|right)';
/**
 * The side must be the whole predicate. "Is the cup to the left of the plate red?" asks for a colour; one noun after
 * *the*, a viewer's perspective or a verb of place rules that out.
 */
const STRICT = [
  new RegExp(`^(?:is|are) the [\\w -]+? ${SIDE} of the \\w+\\?$`, 'i'),
  new RegExp(`^(?:is|are) the [\\w -]+? ${SIDE} of the [\\w -]+ from the viewer's perspective\\?$`, 'i'),
  new RegExp(
    `^(?:is|are) the [\\w -]+? (?:located|positioned|placed|situated) ${SIDE} of the [\\w -]+\\?$`,
    'i',
  ),
];
const NOT_STRICT = /\b(?:not|any|some|all|only|either|neither|both|and|or|that|which|who|left|right)\b/gi;

function yes({ question, answer }: Sample, { texts, fields }: Rewrite): Turned {
  const sides = question.match(NOT_STRICT) ?? [];
  if (sides.length !== 1 || !STRICT.some((pattern) => pattern.test(question.trim().replace(/’/g, "'"))))
    return null;
  const match = /^(yes)(\W*$|, )/i.exec(answer);
  if (!match || /\b(?:not|but)\b|n't/i.test(answer)) return null;
  const rest = match[2] === ', ';
  if (rest && texts.answer!.changes.length === 0) return null;
  const no = match[1]![0] === 'Y' ? 'No' : 'no';
  return { answer: no + fields.answer.slice(3), rule: 'keep.yes' };
}

const TWO =
  /^(?:which|who|what)(?: (?:object|one|item|thing|person|animal|of (?:these|them|the two)))?(?: is| appears| sits| stands| lies)(?: located| positioned| placed)? (?:further |farther |more )?(?:(?:to|on) the )?(?:left|right)(?:[- ]?most)?(?: side)?(?: in the (?:image|picture|photo))?\s?[,:]\s*([\w -]+?),? or ([\w -]+)\?$/i;

function candidates({ question, answer, choices }: Sample, { texts }: Rewrite): Turned {
  const match = TWO.exec(question.trim());
  if (!match || choices || texts.question!.changes.length !== 1 || texts.answer!.changes.length > 0)
    return null;
  const names = [match[1]!, match[2]!];
  const at = names.findIndex((name) => nameKey(name) === nameKey(answer));
  if (at < 0 || nameKey(names[0]!) === nameKey(names[1]!) || / or /i.test(match[1]!)) return null;
  const other = names[1 - at]!;
  const start = /^\p{Lu}/u.test(answer) ? other[0]!.toUpperCase() + other.slice(1) : other;
  const article = /^(?:the|an?)\s/i.test(answer) ? start : start.replace(/^(?:the|an?)\s+/i, '');
  return { answer: article + (/[.!]$/.exec(answer)?.[0] ?? ''), rule: 'keep.candidates' };
}
