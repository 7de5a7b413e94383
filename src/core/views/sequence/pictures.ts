import { inCaseOf } from '../../read/tokens.ts';
import { verdictOf } from '../../read/verdict.ts';
import { discard } from '../view-variant.ts';
import { answerWith, CLIP, givenAnswer, PICTURE, isTimeless, turnsRound, type Reader } from './reader.ts';

/* Questions about one of the pictures: which one, or what it shows. */

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ');
const ORDINAL = `${ORDINALS.join('|')}|last`;
const ANCHOR = `(?:at the (?:start|beginning|end)(?: of (?:the|this) ${CLIP})?|in the (?:${ORDINAL}) ${PICTURE})`;
const ANCHORED = new RegExp(`^${ANCHOR}, (.+)$`, 'is');
const ANCHORED_LAST = new RegExp(
  `^(.+) (?:at the (?:start|beginning|end) of (?:the|this) ${CLIP}|in the (?:${ORDINAL}) ${PICTURE})\\s*\\?\\s*$`,
  'is',
);
const ANCHOR_WORD = new RegExp(
  `\\b(at the )(start|beginning|end)\\b|\\b(in the )(${ORDINAL})(?= ${PICTURE}\\b)`,
  'i',
);
const ASKS_STATE = /^(?:is|are|was|were|which|what|who|where|how)\b/i;
const WHICH_PICTURE = new RegExp(
  `^(?:in )?(?:which|what) ${PICTURE} (?:is|are|was|were|shows|has|contains) (.+?)(, (?:in )?the first or (?:in )?the second(?: one| ${PICTURE})?)?(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
/** "Is the cup larger in the first or the second image?" */
const FIRST_OR_SECOND = new RegExp(
  `^(?:is|are|was|were) (.+?)( in the (?:first or (?:in )?(?:the )?second|second or (?:in )?(?:the )?first)(?: one| ${PICTURE}))(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
/** "Was the first image taken before or after the second?" */
const TAKEN = new RegExp(
  `^((?:was|is) the (?:${ORDINAL}) ${PICTURE} (?:taken |shot |captured )?)(before|after)( or (?:before|after))?( the (?:${ORDINAL})(?: one| ${PICTURE})?\\s*\\?\\s*)$`,
  'is',
);
const OTHER_TIME: Record<string, string> = { before: 'after', after: 'before' };
/** One of several pictures that is neither the first nor the last. */
const MIDDLE = new RegExp(`\\b(?:${ORDINALS.slice(1).join('|')})\\b`, 'i');
/** "Is the cup left of the plate in both images?" */
const THROUGHOUT = new RegExp(
  `^((?:is|are|was|were) .+?) in (both|all)(?: of)?(?: the| these)?(?: two)? ${PICTURE}s(?<!\\s)\\s*\\?\\s*$`,
  'is',
);
const SAID_PICTURE = new RegExp(`^((?:in )?(?:the )?)(${ORDINAL})((?: (?:one|${PICTURE}))?\\.?)$`, 'i');
const NUMBERED_PICTURE = new RegExp(`^(${PICTURE} )?(\\d+)(\\.?)$`, 'i');

/** "In which image is the cup larger?" */
export const ofWhichPicture: Reader = (sample, one) => {
  const match = WHICH_PICTURE.exec(sample.question) ?? FIRST_OR_SECOND.exec(sample.question);
  const given = givenAnswer(sample);
  // Of more than two, the first and the second are others in reverse.
  if (
    !match ||
    (match[2] !== undefined && sample.images.length > 2) ||
    !isTimeless(match[1]!) ||
    given === null
  )
    return null;
  const now = otherPicture(given, sample.images.length);
  if (now === null) return null;
  if (!turnsRound(one)) return discard('frame', 'The pictures have other numbers.');
  const answer = answerWith(sample, now);
  return answer === null ? null : { rule: 'picture', answer };
};

/** "Was the first image taken before or after the second?": in the other order, the other way round. */
export const ofTaken: Reader = (sample, one) => {
  const { question, images } = sample;
  const match = TAKEN.exec(question);
  if (!match || (images.length > 2 && MIDDLE.test(question))) return null;
  if (!turnsRound(one)) return discard('frame', 'The pictures have other numbers.');
  const [, lead, when, menu, rest] = match as unknown as [string, string, string, string?, string?];
  if (!menu)
    return verdictOf(sample.answer)?.explanation.trim() === ''
      ? { rule: 'taken', question: `${lead}${inCaseOf(when, OTHER_TIME[when.toLowerCase()]!)}${rest}` }
      : null;
  const given = givenAnswer(sample)?.trim().replace(/\.$/, '') ?? '';
  const other = OTHER_TIME[given.toLowerCase()];
  const answer = other ? answerWith(sample, inCaseOf(given, other)) : null;
  return answer === null ? null : { rule: 'taken', answer };
};

/** "Is the cup left of the plate in both images?": the same pictures. */
export const ofAllPictures: Reader = ({ question, answer, choices = [] }, one) => {
  const [, rest, which] = THROUGHOUT.exec(question) ?? [];
  if (rest === undefined || one.op === 'every') return null;
  if (![rest, answer, ...choices].every(isTimeless)) return null;
  return one.op === 'repeat' && /both/i.test(which!)
    ? discard('frame', 'There are more than two pictures.')
    : { rule: 'moment' };
};

/** Names the same picture for the reversed order; null if the text names none. */
function otherPicture(text: string, n: number): string | null {
  const numbered = NUMBERED_PICTURE.exec(text.trim());
  if (numbered) {
    const [, noun = '', k, end] = numbered;
    return Number(k) >= 1 && Number(k) <= n ? `${noun}${n + 1 - Number(k)}${end}` : null;
  }
  const match = SAID_PICTURE.exec(text.trim());
  const word = match && otherOrdinal(match[2]!, n);
  return word ? `${match[1]}${inCaseOf(match[2]!, word)}${match[3]}` : null;
}

function otherOrdinal(word: string, n: number): string | null {
  const at = ORDINALS.indexOf(word.toLowerCase());
  if (at < 0) return 'first';
  if (at >= n) return null;
  return n > 2 && at === 0 ? 'last' : (ORDINALS[n - 1 - at] ?? null);
}

/** "At the start, is the cup left of the plate?": the same picture, at the other end. */
export const ofMoment: Reader = ({ question, answer, choices = [], images }, one) => {
  const rest = (ANCHORED.exec(question)?.[1] ?? ANCHORED_LAST.exec(question)?.[1])?.replace(
    /\bappears only$/,
    'is only',
  );
  if (rest === undefined) return null;
  if (!ASKS_STATE.test(rest) || ![rest, answer, ...choices].every(isTimeless)) return null;
  const [, at, end, inThe, ordinal] = ANCHOR_WORD.exec(question)!;
  const isFirst = /^(?:start|beginning|first)$/i.test(end ?? ordinal!);
  if (one.op === 'every' && isFirst) return { rule: 'moment' };
  if (!turnsRound(one)) return discard('frame', 'The picture has another number, or is not there.');
  const word = end ? (isFirst ? 'end' : 'start') : otherOrdinal(ordinal!, images.length);
  return word
    ? {
        rule: 'moment',
        question: question.replace(ANCHOR_WORD, `${at ?? inThe}${inCaseOf(end ?? ordinal!, word)}`),
      }
    : null;
};
