import { sum } from '../numbers.ts';
import { contentWords, isContent, plainWords } from './clauses.ts';
import { parseCount } from './count.ts';
import { parseDistance } from './distance.ts';
import { abstains, namesNothing } from './free-reading.ts';
import { isRivalKind } from './offers.ts';
import { isOpposite, isPole } from './poles.ts';
import { plainText } from './plain-text.ts';
import { asksWhetherThere } from './restated.ts';
import { answerSentences } from './sentences.ts';
import { sidesNamed } from './sides.ts';
import { numbersIn } from './free-numbers.ts';
import { Asked, stemOf, type Verdict, isClosed } from './accounted-words.ts';
import { COLOR, DENIES } from './words.ts';

/** Conditions, other times, other pictures, and sides as somebody else has them. */
const TURNS =
  /\b(?:if (?!(?:you|we|i|one) (?:look|compare|count|zoom)s?\b)|(?:unless|provided|assuming|supposed?|pretend|imagine|whenever|until|formerly|previously|earlier|later|before|mirror(?:ed|ing)?|reflect\w*|flipped|reversed?|rotated|upside|viewpoint|perspective|point of view|vantage|own|driver|passenger|patient|stage|starboard|clockwise|ought|should|except\w*|excluding|besides|apart from|other than|but for|shadow|poster|portrait|sticker|logo|depend\w*)\b)/gi;
/** What takes an answer back, or gives it along with another one: "anything but blue". */
const HEDGES =
  /\b(?:no longer|used to|wrong|false|incorrect|untrue|mistake\w*|contrary|opposite|however|(?:(?:any|every)(?:thing|one|body|where)|(?:any|every)(?: \p{L}+)?|all|nothing|nobody|nowhere|none) (?:but|save)|far from|nowhere near|(?:nothing|anything) like|instead|or|either|maybe|perhaps|possibly|might|could|may|unlike|toy|fake)\b/giu;
/** The same of what a thing is, which may be told beside a yes, a no, or a length: "half as big", "partly hidden". */
const WEAKENS =
  /\b(?:missing|about to|half as|(?:dwarfed|exceeded|surpassed|outsized) by|refus(?:es|ing)|stopped|finished|partly|partially|almost|nearly|hardly|scarcely|barely|semi)\b|^\W*less\b/giu;
/** The parts of a sentence that say one thing each. */
const partsOf = (sentence: string): string[] =>
  sentence
    .split(
      /[,:](?!\d)|[;()\n—]| - |\b(?:but|because|since|while|whereas|although|though|yet|which|who|where|so|as (?:evidenced|indicated|shown|seen|can|there|it))\b|\band (?=(?:the|an?|it|he|she|they|there|its|not)\b)/i,
    )
    .filter((part) => /[\p{L}\p{N}]/u.test(part));

/**
 * Whether every word of an answer is accounted for, so that a verdict on it may stand. The readers find what an answer
 * says; here it is asked whether it says anything else. A word that is neither of the question nor of the reference, nor
 * one with which any answer may be put, may turn what the readers found into something else ("a glass table", "left in
 * the mirror"): then the answer is not judged.
 */
export function isAccounted(verdict: Verdict): boolean {
  const { text, question, reference, task, correct } = verdict;
  const known = ` ${plainWords(`${question} ${reference}`).join(' ')} `;
  const hasNew = (words: RegExp) =>
    (text.match(words) ?? []).some((said) => !known.includes(` ${plainWords(said).join(' ')} `));
  if (hasNew(TURNS)) return false;
  const asked = new Asked(verdict);
  const sentences = answerSentences(text).filter(
    (sentence) =>
      !sentence.includes('?') || plainWords(sentence).join(' ') !== plainWords(question).join(' '),
  );
  const parts = sentences.flatMap((sentence) =>
    partsOf(task === 'count' ? sentence.replace(AND_NUMBER, ', ') : sentence),
  );
  if (!correct) return task === 'yesno' || isOther(text, parts, asked);
  const isWeakened = task !== 'yesno' && task !== 'length' && hasNew(WEAKENS);
  if (isWeakened || hasNew(HEDGES) || sentences.some((sentence) => sentence.includes('?'))) return false;
  return task === 'yesno' ? stands(parts, asked) : tells(parts, asked);
}
const AND_NUMBER = / and (?=(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+) )/gi;

/** Whether some part gives the answer, and each that does says nothing else; the others must not speak against it. */
function tells(parts: readonly string[], asked: Asked): boolean {
  const { task, options = [], question } = asked.verdict;
  const isDenied = plainWords(question).some((word) => DENIES.test(word));
  let isTold = false;
  return (
    partsThatTell(parts, asked).every((part) => {
      const words = plainWords(part);
      const isWanted = asked.isWanted(words);
      const isTelling =
        task === 'count' || task === 'length'
          ? numbersIn(part).length > 0 || /\b(?:no|none|any)\b/i.test(part)
          : isWanted ||
            (options.length > 0 && LETTER.test(part)) ||
            (task === 'side' && sidesNamed(part) !== '') ||
            words.some((word) => asked.named.has(word));
      if (!isTelling && task === 'length') return !abstains(part);
      if (!isTelling || (task === 'side' && isOfOther(words, asked))) return isHarmless(words, asked);
      isTold = true;
      const denials = words.filter((word) => DENIES.test(word));
      // "Three are wearing hats", asked how many are not.
      if (isDenied && task !== 'choice' && denials.length === 0 && asked.isMatter(words)) return false;
      if (task === 'count' || task === 'length') return tellsNumber(part, words, parts, asked);
      const plain = asked.withoutAside(words);
      const unknown = asked.notToldOf(plain).filter((word) => isWanted || !denials.includes(word));
      return (
        unknown.length === 0 && !(task === 'name' && (isCompound(words, asked) || isOfTwo(plain, asked)))
      );
    }) && isTold
  );
}

/** "…, for a total of 15 windows": the part that adds up, if there is one. */
function partsThatTell(parts: readonly string[], { verdict }: Asked): readonly string[] {
  const totals = parts.filter(
    (part) => /\b(?:total|altogether|in all|overall)\b/i.test(part) && numbersIn(part).length === 1,
  );
  return verdict.task === 'count' && totals.length === 1 ? totals : parts;
}

/** "(B", "the answer is B" */
const LETTER = /(?:^\W*|\b(?:option|answer|choice|is|letter) \(?)[A-Z]\W*$/i;

/** Whether a part with a number gives the one of the answer, or a part of it, or one of what is not asked about. */
function tellsNumber(
  part: string,
  words: readonly string[],
  parts: readonly string[],
  asked: Asked,
): boolean {
  const { task, question, reference, metres = 0 } = asked.verdict;
  const unknown = asked.unknownIn(words);
  if (/\bnumber \d/i.test(part)) return false;
  if (task === 'length') {
    // As in another unit.
    const said = parseDistance(part);
    const factor = said === null || said.assumed_unit ? 1 : said.metres / metres;
    return unknown.length === 0 && factor > 0.75 && factor < 1.33;
  }
  const value = parseCount(reference);
  if (
    /\b(?:about|around|approximately|roughly)\b/i.test(part) &&
    !/\b(?:about|approximate\w*|estimate\w*|roughly|how (?!many\b)|angle|degrees)\b/i.test(question)
  )
    return false;
  // "3 chairs are not red" tells of others; "No chairs are red" of none.
  if (numbersIn(part).every((one) => one === value))
    return unknown.every((word) => value === 0 && DENIES.test(word));
  const others = parts.flatMap(numbersIn).filter((one) => one !== value);
  return (
    (others.length > 1 && sum(others) === value) ||
    (unknown.length > 0 &&
      !asked.isMatter(words) &&
      !/\b(?:more|other|another|additional|extra|further)\b/i.test(part))
  );
}

/** "The lighthouse is on the right", asked about the boat. */
const isOfOther = (words: readonly string[], asked: Asked): boolean => {
  const [first] = words.filter(isContent);
  return (
    first !== undefined &&
    /^(?:the|a|an|there)$/.test(words[0]!) &&
    words.some((word) => /^(?:is|are|stands?|sits?|lies?)$/.test(word)) &&
    asked.unknownIn([first]).length > 0 &&
    !asked.isMatter(words)
  );
};

/** "Red and white", for red. */
const isOfTwo = (words: readonly string[], { wanted, verdict }: Asked): boolean =>
  [...wanted].some((word) => COLOR.test(word)) &&
  words.some(
    (word) => COLOR.test(word) && !wanted.has(stemOf(word)) && !plainWords(verdict.question).includes(word),
  );

/** Whether words give the reference and nothing else. */
const isBare = (words: readonly string[], { wanted }: Asked): boolean => {
  const stems = words.map(stemOf);
  return (
    [...wanted].every((word) => stems.includes(word)) &&
    words.every((word) => isClosed(word) || wanted.has(stemOf(word)))
  );
};

const NO_VALUE =
  /\b(?:or|either|both|neither|same|equal\w*|not|no|few|several|many|some|lots?|than|and)\b|n't\b|,/i;

/**
 * Whether a wrong answer gives another value, and none of its parts the right one; or none at all, in words that say so.
 */
function isOther(text: string, parts: readonly string[], asked: Asked): boolean {
  const { task, parsed, reference, metres } = asked.verdict;
  if (abstains(text) || namesNothing(text)) return true;
  if (task === 'name') return true;
  if (parsed === null) return NO_VALUE.test(text) || numbersIn(text).length > 0;
  // "A: the desk (B) is 2 m away, the bookcase (C) …"
  if (new Set(text.match(/\([A-Z]\)/g)).size > 1) return false;
  if (
    plainText(text)
      .split(/[.!?]/)
      .flatMap(partsOf)
      .some((part) => isBare(plainWords(part), asked))
  )
    return false;
  const right = task === 'length' ? parseDistance(reference)?.metres : parseCount(reference);
  return partsThatTell(parts, asked).every((part) => {
    const words = plainWords(part);
    const isDenied = words.some((word) => DENIES.test(word));
    const unknown = asked
      .notToldOf(words)
      .filter((word) => !DENIES.test(word) && !/^(?:or|either)$/.test(word));
    if (task === 'count' || task === 'length') {
      if (numbersIn(part).length === 0) return true;
      const said = task === 'length' ? parseDistance(part)?.metres : numbersIn(part)[0];
      const isRight =
        said !== undefined && (task === 'length' ? said > right! / 2 && said < right! * 2 : said === right);
      if (said === (task === 'length' ? metres : parsed)) return unknown.length === 0;
      return isDenied || !isRight || (unknown.length > 0 && (task === 'length' || !asked.isMatter(words)));
    }
    const isTelling = task === 'side' ? sidesNamed(part) !== '' : words.some((word) => asked.named.has(word));
    return !isTelling || unknown.length === 0;
  });
}

/** "A glass table", for a glass: the name is followed by another noun. */
function isCompound(words: readonly string[], { wanted, verdict }: Asked): boolean {
  const next = words[words.findLastIndex((word) => wanted.has(stemOf(word))) + 1];
  const isKind = /\b(?:which|what|whose|colou?r|made|material)\b/i.test(verdict.question);
  return next !== undefined && isContent(next) && !isClosed(next) && !isKind;
}

/** Whether a part without the answer leaves it alone: it denies nothing, names no rival, and says nothing of what is asked. */
function isHarmless(words: readonly string[], asked: Asked): boolean {
  const { task, reference } = asked.verdict;
  return (
    // "…, not red" denies another answer.
    (/^(?:not|rather|unlike)$/.test(words[0]!) ||
      (!words.some((word) => DENIES.test(word)) && !isRivalKind(words, contentWords(reference)))) &&
    !(task === 'name' && asked.isMatter(words) && asked.unknownIn(words).length > 0)
  );
}

// "Ye" is what is left of "yes" without its "s".
const YES = /^(?:yes?|yeah|yep|true|correct|absolutely|sure|indeed)$/;
const NO = /^(?:no|nope|false|incorrect|not)$/;

/** "Is there a dog?", "Does the kitchen have a window?" */
const HAS = /^\W*(?:is|are) there\b|^\W*(?:does|do) [^,;]* have\b/i;
const THATS_RIGHT = /\bthat(?:'s| is) (?:right|correct|true)\W*$/i;

/** Whether the parts of an answer leave its yes or no as it is; a statement without one must be accounted for. */
function stands(parts: readonly string[], asked: Asked): boolean {
  const { question } = asked.verdict;
  const first = plainWords((parts[0] ?? '').replace(THATS_RIGHT, 'yes'));
  const at = first.findIndex((word) => YES.test(word) || NO.test(word));
  const isYes = YES.test(first[at] ?? '');
  const hasVerdict =
    at >= 0 &&
    asked.unknownIn(first.slice(0, at)).length === 0 &&
    // "No light is off" has no verdict.
    (isYes || first.length === 1 || (at === 0 && !isContent(first[1]!)) || at === first.length - 1);
  const rest = parts.map((part, i) =>
    (i === 0 ? first : plainWords(part.replace(THATS_RIGHT, ''))).slice(hasVerdict && i === 0 ? at + 1 : 0),
  );
  const words = plainWords(question);
  const matter = words.filter((word) => isContent(word) || isPole(word) || /ing$/.test(word)).map(stemOf);
  let isRepeated = false;
  return rest
    .filter((said) => said.length > 0)
    .every((said) => {
      const denials = said.filter((word) => DENIES.test(word));
      const unknown = asked
        .unknownIn(asksWhetherThere(question) ? asked.withoutAside(said) : said)
        .filter((word) => !denials.includes(word) && !/^any(?:one|body|thing)?$/.test(word));
      const stems = said.map(stemOf);
      // "It is on the shelf", asked whether the cup is on the shelf: all but the cup.
      const needed = asksWhetherThere(question)
        ? matter.slice(0, 1)
        : matter.slice(/^(?:it|he|she|they|this|that)$/.test(said[0]!) ? 1 : 0);
      const repeats = needed.length > 0 && needed.every((word) => stems.includes(word));
      const differs = denials.length > 0 || isOpposite(said, words);
      // "Yes, there is one over the sink."
      const isFound = HAS.test(question) && /^(?:there|it|one|a|an)$/.test(said[0]!);
      const isAside = isRepeated && !stems.some((word) => matter.includes(word));
      isRepeated ||= repeats;
      if (!hasVerdict) return unknown.length === 0 || isAside;
      // "The bottle is taller than the cup", asked the other way round.
      const isSame = stems.filter((word) => needed.includes(word)).join() === needed.join();
      return isYes
        ? !differs && (unknown.length === 0 || repeats || isAside || isFound)
        : differs || !repeats || !isSame;
    });
}
