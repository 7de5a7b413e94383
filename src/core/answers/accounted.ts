import { sum } from '../numbers.ts';
import { contentWords, isContent, plainWords } from './clauses.ts';
import { parseCount } from './count.ts';
import { parseDistance } from './distance.ts';
import { readNumbers } from './numbers.ts';
import { COLOR, isRivalKind } from './offers.ts';
import { isOpposite, isPole } from './poles.ts';
import { asksWhetherThere } from './restated.ts';
import { answerSentences } from './sentences.ts';
import { sidesNamed } from './side.ts';

/**
 * Whether every word of an answer is accounted for, so that a verdict on it may stand. The readers find what an answer
 * says; here it is asked whether it says anything else. A word that is neither of the question nor of the reference, nor
 * one with which any answer may be put, may turn what the readers found into something else ("a glass table", "left in
 * the mirror"): then the answer is not judged.
 */
export interface Verdict {
  task: 'side' | 'choice' | 'name' | 'count' | 'length' | 'yesno';
  text: string;
  question: string;
  reference: string;
  correct: boolean;
  /** The length that was read, in metres. */
  metres?: number;
  /** The alternatives of the question, where it names any. */
  options?: readonly string[];
}

/** A word without its ending, so that "stands" is the question's "standing". */
const stemOf = (word: string): string =>
  word.replace(/(?<=\w{3})(?:ing|ed|es|s|e|er|est)$/, '').replace(/([^\Ws])\1$/, '$1');
const stemsOf = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(stemOf));

/** Words with which any answer may be put: they deny nothing, weaken nothing, and name no thing. */
const CLOSED = stemsOf(
  'the a an this that these those it he she they there here we i you one ones them him me us itself its some both all ' +
    'is are am was were taken be been being do does did have has had can will would d s must such of in on at to with by as and ' +
    'also just only very quite really clearly definitely certainly surely exactly directly immediately slightly simply ' +
    'precisely currently actually mostly mainly about approximately around roughly so then therefore thus hence indeed ' +
    'likely probably apparently clear obvious visible located situated positioned placed set mounted stand sit seated ' +
    'lie lying rest hang hanging lean park hide perch face find found seen shown depicted drawn displayed captured given ' +
    'appear seem like wear see observe notice count show think believe say guess estimate choose correspond answer ' +
    'correct option choice statement final result yes sure absolutely picture scene photo frame view camera viewer ' +
    'object item thing side hand position relation relative labeled called which who what where bit little much up',
);

/** What is told of a thing without saying which it is. */
const MODIFIER =
  /^(?:small|large|tiny|huge|tall|short|long|wide|narrow|thin|thick|round|square|rectangle|old|new|young|elderly|modern|vintage|typical|traditional|cozy|colorful|framed|painted|wireless|empty|full|open|single|lone|light|dark|pale|bright|deep|vivid|shiny|solid|medium|sized|striped|plain|adult|color|metal|wood|plastic|leather|ceramic|cardboard|wicker|woven)$/;

/** Words for where a thing is: what a side, a number, or one of several alternatives may be told of. */
const PLACE =
  /^(?:part|half|corner|edge|end|area|portion|section|region|direction|toward|from|point|next|than|go|going|drives?|driving|moves?|moving|heads?|heading|leads?|takes?|makes?|directed)$/;
/** Words that go with numbers and lengths. */
const MEASURE =
  /^(?:total|altogether|number|sum|equal|plus|degree|value|range|estimated|measure|minimum|maximum|less|more|than|few|any|no|none|\d.*|(?:milli|centi|kilo)?(?:meter|metre)|foot|feet|inch|yard|mile|[cmk]?m|ft|in|yd|zero|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|dozen|half|quarter)$/;
/** Words of one dimension: a length with those of another is not what is asked. */
const DIMENSIONS = [
  /^(?:high|tall|height|above)$/,
  /^(?:wide|width|across|broad|gap)$/,
  /^(?:long|length)$/,
  /^(?:deep|depth)$/,
  /^(?:thick|thickness)$/,
  /^(?:far|farther|away|apart|distance|between|from|off|gap|space|separated|separation|close)$/,
];

/** Conditions, other times, other pictures, and sides as somebody else has them. */
const TURNS =
  /\b(?:if (?!(?:you|we|i|one) (?:look|compare|count|zoom)s?\b)|(?:unless|provided|assuming|supposed?|pretend|imagine|whenever|until|formerly|previously|earlier|later|before|mirror(?:ed|ing)?|reflect\w*|flipped|reversed?|rotated|upside|viewpoint|perspective|point of view|vantage|own|driver|passenger|patient|stage|starboard|clockwise|ought|should|except\w*|excluding|besides|apart from|other than|but for|shadow|depend\w*)\b)/gi;
/** What takes an answer back, or gives it along with another one. */
const HEDGES =
  /\b(?:no longer|used to|wrong|false|incorrect|untrue|mistake\w*|contrary|opposite|however|anything but|all but|far from|nothing but|instead|or|either|maybe|perhaps|possibly|might|could|may|unlike|toy|fake)\b/gi;
const DENIES =
  /^(?:not|no|never|neither|nor|without|cannot|hardly|scarcely|barely|nothing|nobody|none|almost|nearly|partly|partially|less|rather|lacks?)$|n't$/;

/** The parts of a sentence that say one thing each. */
const partsOf = (sentence: string): string[] =>
  sentence
    .split(
      /[,:](?!\d)|[;()\n—]| - |\b(?:but|because|since|while|whereas|although|though|yet|which|who|where)\b|\band (?=(?:the|an?|it|he|she|they|there|its|not)\b)/i,
    )
    .filter((part) => /[\p{L}\p{N}]/u.test(part));

export function isAccounted(verdict: Verdict): boolean {
  const { text, question, reference, task, correct } = verdict;
  const known = ` ${plainWords(`${question} ${reference}`).join(' ')} `;
  const hasNew = (words: RegExp) =>
    (text.match(words) ?? []).some((said) => !known.includes(` ${plainWords(said).join(' ')} `));
  if (hasNew(TURNS)) return false;
  if (!correct) return true;
  const sentences = answerSentences(text);
  if (hasNew(HEDGES) || sentences.some((sentence) => sentence.includes('?'))) return false;
  const parts = sentences.flatMap((sentence) =>
    partsOf(task === 'count' ? sentence.replace(AND_NUMBER, ', ') : sentence),
  );
  const asked = new Asked(verdict);
  return task === 'yesno' ? stands(parts, asked) : tells(parts, asked);
}
const AND_NUMBER = / and (?=(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|\d+) )/gi;

/** What question and reference account for. */
class Asked {
  readonly verdict: Verdict;
  /** The stems of what the reference names, of what the question does, and of all words of both. */
  readonly wanted: ReadonlySet<string>;
  readonly matter: ReadonlySet<string>;
  private readonly known: ReadonlySet<string>;
  private readonly free: readonly RegExp[];

  constructor(verdict: Verdict) {
    this.verdict = verdict;
    const { question, reference, options = [] } = verdict;
    const words = plainWords(reference);
    const named = [contentWords(reference), words.filter((word) => !CLOSED.has(stemOf(word))), words];
    this.wanted = new Set(named.find((of) => of.length > 0)?.map(stemOf));
    this.matter = new Set(contentWords(question).map(stemOf));
    this.known = new Set(
      [question, reference, ...options]
        .flatMap((of) => [...plainWords(of), ...(of.toLowerCase().match(/\p{L}+/gu) ?? [])])
        .map(stemOf),
    );
    this.free = freeWords(verdict);
  }

  /** The words of a part that nothing accounts for. */
  unknownIn(words: readonly string[]): string[] {
    const { task } = this.verdict;
    const isPlace = (word: string) =>
      /^(?:side|choice|yesno)$/.test(task) && (isPole(word) || sidesNamed(word) !== '');
    // "It looks green", but not "it looks at the door".
    const isLook = (word: string, next = 'at') =>
      /^look(?:s|ing)?$/.test(word) && (next === 'like' || isContent(next));
    return words.filter(
      (word, i) =>
        !CLOSED.has(stemOf(word)) &&
        !this.known.has(stemOf(word)) &&
        !isLook(word, words[i + 1]) &&
        !isPlace(word) &&
        !this.free.some((words) => words.test(word)),
    );
  }

  /** Whether words name what the reference does; what the question does. */
  isWanted = (words: readonly string[]): boolean => words.some((word) => this.wanted.has(stemOf(word)));
  isMatter = (words: readonly string[]): boolean => words.some((word) => this.matter.has(stemOf(word)));
}

/** The words that any answer to a task may have. */
function freeWords({ task, question }: Verdict): readonly RegExp[] {
  switch (task) {
    case 'side':
      return [PLACE, ...(OF_SOMEBODY.test(question) ? [/^(?:his|her|their|your)$/] : [])];
    case 'choice':
    case 'yesno':
      return [PLACE, MODIFIER];
    case 'name':
      return [MODIFIER, COLOR, ...(OF_TEXT.test(question) ? [/^(?:read|say|text|word|letter)s?$/] : [])];
    case 'count':
    case 'length': {
      const asked = plainWords(question);
      return [MEASURE, ...DIMENSIONS.filter((words) => asked.some((word) => words.test(word)))];
    }
  }
}
const OF_SOMEBODY = /\b(?:i|my|his|her|hand|arm|foot|leg|eye|ear)\b/i;
const OF_TEXT = /\b(?:says?|written|reads?|number|text|time|shows?)\b/i;

/** Whether some part gives the answer, and each that does says nothing else; the others must not speak against it. */
function tells(parts: readonly string[], asked: Asked): boolean {
  const { task, options = [], question } = asked.verdict;
  const named = new Set(
    options.flatMap((option) => plainWords(option).filter((word) => isContent(word) || isPole(word))),
  );
  const isDenied = plainWords(question).some((word) => DENIES.test(word));
  let isTold = false;
  return (
    parts.every((part) => {
      const words = plainWords(part);
      const isWanted = asked.isWanted(words);
      const isTelling =
        task === 'count' || task === 'length'
          ? numbersIn(part).length > 0 || /\b(?:no|none|any)\b/i.test(part)
          : isWanted || (task === 'side' && sidesNamed(part) !== '') || words.some((word) => named.has(word));
      if (!isTelling) return isHarmless(words, asked);
      isTold = true;
      const denials = words.filter((word) => DENIES.test(word));
      // "Three are wearing hats", asked how many are not.
      if (isDenied && denials.length === 0 && asked.isMatter(words)) return false;
      if (task === 'count' || task === 'length') return tellsNumber(part, words, parts, asked);
      const unknown = asked.unknownIn(words).filter((word) => isWanted || !denials.includes(word));
      return unknown.length === 0 && !(task === 'name' && isCompound(words, asked));
    }) && isTold
  );
}

const numbersIn = (part: string): number[] =>
  readNumbers(part).flatMap((token) => (token.kind === 'number' ? token.value : []));

/** Whether a part with a number gives the one of the answer, or a part of it, or one of what is not asked about. */
function tellsNumber(
  part: string,
  words: readonly string[],
  parts: readonly string[],
  asked: Asked,
): boolean {
  const { task, reference, metres = 0 } = asked.verdict;
  const unknown = asked.unknownIn(words);
  if (/\bnumber \d/i.test(part)) return false;
  if (task === 'length') {
    // As in another unit.
    const said = parseDistance(part);
    const factor = said === null || said.assumed_unit ? 1 : said.metres / metres;
    return unknown.length === 0 && factor > 0.75 && factor < 1.33;
  }
  const value = parseCount(reference);
  // "3 chairs are not red" tells of others; "No chairs are red" of none.
  if (numbersIn(part).every((one) => one === value))
    return unknown.every((word) => value === 0 && DENIES.test(word));
  const others = parts.flatMap(numbersIn).filter((one) => one !== value);
  return (
    (others.length > 1 && sum(others) === value) ||
    /\bof (?:whom|which|them|these|those)\b/i.test(part) ||
    (unknown.length > 0 &&
      !asked.isMatter(words) &&
      !/\b(?:more|other|another|additional|extra|further)\b/i.test(part))
  );
}

/** "A glass table", for a glass: the name is followed by another noun. */
function isCompound(words: readonly string[], { wanted, verdict }: Asked): boolean {
  const next = words[words.findLastIndex((word) => wanted.has(stemOf(word))) + 1];
  const isKind = /\b(?:which|what|whose|colou?r|made|material)\b/i.test(verdict.question);
  return next !== undefined && isContent(next) && !CLOSED.has(stemOf(next)) && !isKind;
}

/** Whether a part without the answer leaves it alone: it denies nothing, names no rival, and says nothing of what is asked. */
function isHarmless(words: readonly string[], asked: Asked): boolean {
  const { task, reference } = asked.verdict;
  return (
    !words.some((word) => DENIES.test(word)) &&
    !isRivalKind(words, contentWords(reference)) &&
    !(task === 'name' && asked.isMatter(words) && asked.unknownIn(words).length > 0)
  );
}

const YES = /^(?:yes|yeah|yep|true|correct|absolutely|sure|indeed)$/;
const NO = /^(?:no|nope|false|incorrect|not)$/;

/** Whether the parts of an answer leave its yes or no as it is; a statement without one must be accounted for. */
function stands(parts: readonly string[], asked: Asked): boolean {
  const { question } = asked.verdict;
  const first = plainWords(parts[0] ?? '');
  const at = first.findIndex((word) => YES.test(word) || NO.test(word));
  const isYes = YES.test(first[at] ?? '');
  const hasVerdict =
    at >= 0 &&
    asked.unknownIn(first.slice(0, at)).length === 0 &&
    (isYes || at === 0 || at === first.length - 1);
  const rest = parts.map((part, i) => plainWords(part).slice(hasVerdict && i === 0 ? at + 1 : 0));
  const words = plainWords(question);
  const matter = words.filter((word) => isContent(word) || isPole(word) || /ing$/.test(word)).map(stemOf);
  let isRepeated = false;
  return rest
    .filter((said) => said.length > 0)
    .every((said) => {
      const denials = said.filter((word) => DENIES.test(word));
      const unknown = asked
        .unknownIn(said)
        .filter((word) => !denials.includes(word) && !/^any(?:one|body|thing)?$/.test(word));
      if (!hasVerdict) return unknown.length === 0;
      const stems = said.map(stemOf);
      // "It is on the shelf", asked whether the cup is on the shelf: all but the cup.
      const needed = asksWhetherThere(question)
        ? matter.slice(0, 1)
        : matter.slice(/^(?:it|he|she|they|this|that)$/.test(said[0]!) ? 1 : 0);
      const repeats = needed.length > 0 && needed.every((word) => stems.includes(word));
      const differs = denials.length > 0 || isOpposite(said, words);
      const isAside = isRepeated && !stems.some((word) => matter.includes(word));
      isRepeated ||= repeats;
      return isYes ? !differs && (unknown.length === 0 || repeats || isAside) : differs || !repeats;
    });
}
