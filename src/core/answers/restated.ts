import { isContent, plainWords } from './clauses.ts';
import { relationsIn } from './alternative.ts';
import { isOpposite, isPole } from './poles.ts';
import { answerSentences } from './sentences.ts';
import { NEGATION } from './words.ts';

/**
 * Reads a statement that repeats a question word for word as yes ("The mug is left of the laptop."), with "not" or the
 * opposite word or both things exchanged ("The laptop is left of the mug") as no; null if it says anything else.
 */
export function restated(text: string, question: string): 'yes' | 'no' | null {
  // What comes after the first sentence elaborates, unless it says another thing of the same.
  const said = answerSentences(text)
    .filter((sentence) => !/\?\s*$/.test(sentence))
    // ", with two buckets at its foot"
    .map(
      (sentence) =>
        restatedBy(sentence, question) ?? restatedBy(sentence.replace(/, with .*$/is, ''), question),
    );
  const told = new Set(said.filter((one) => one !== null));
  return told.size === 1 ? [...told][0]! : null;
}

export const relationsOf = (text: string): number[] =>
  relationsIn(
    plainWords(text.replace(/\bin (?:the|this) (?:image|picture|photo|photograph|scene)\b/gi, '')).join(' '),
  );

function restatedBy(said: string, question: string): 'yes' | 'no' | null {
  // "The cup is next to the table", asked whether it is on it; "was on the table".
  const [relations, wanted] = [relationsOf(said), relationsOf(question)];
  if (
    relations.length > 0 &&
    wanted.length > 0 &&
    !relations.some((one) => wanted.includes(one)) &&
    !isOpposite(plainWords(said), plainWords(question))
  )
    return null;
  if (/\b(?:was|were|used)\b/i.test(said) && !/\b(?:was|were|did|used)\b/i.test(question)) return null;
  const compared = comparison(said, question);
  if (compared) return compared;
  // "the blue one": what the question calls by its name.
  const sentence = said.replace(
    /\b(\p{L}+) ones?\b/giu,
    (_, kind: string) => `${kind} ${new RegExp(`\\b${kind} (\\p{L}+)`, 'iu').exec(question)?.[1] ?? 'one'}`,
  );
  const plain = (of: string) => plainWords(of).filter((word) => isContent(word) || isPole(word));
  const whole = plain(question);
  // "There are more bottles than glasses": where they stand need not be said again.
  const end = /\bthan\b/i.test(sentence) && /\bthan\b/i.test(question) ? plain(sentence).length : undefined;
  const asked = whole.slice(0, end);
  const isNegated = NEGATION.test(sentence);
  const sought = whole.filter(
    (word) => !/^(?:any|some|several|many|anything|something|anyone|anybody)$/.test(word),
  );
  if (sought.length > 0 && asksWhetherThere(question) && tellsOf(sought, plain(sentence), sentence))
    return isNegated ? 'no' : 'yes';
  const other = exchanged(question);
  const isExchanged = other.length > 0 && other.join(' ') === plain(sentence).join(' ');
  const words = isExchanged ? asked : plain(sentence);
  if (words.length === 0 || words.length !== asked.length) return null;
  const differing = words.flatMap((word, i) => (word === asked[i] ? [] : [[word, asked[i]!] as const]));
  if (differing.length > 1) return null;
  if (differing.length === 1 && !isOpposite([differing[0]![0]], [differing[0]![1]])) return null;
  // "The laptop is not left of the mug": the mug need not be.
  if (isExchanged && !isNegated) return 'no';
  if (isExchanged) return null;
  return isNegated === (differing.length === 1) ? 'yes' : 'no';
}

/**
 * "The vase is taller than the lamp", "The vase is shorter", "The lamp is not taller": what a statement says of a question
 * that compares two things; null if it says nothing else than that of them.
 */
function comparison(said: string, question: string): 'yes' | 'no' | null {
  const partsOf = (text: string) => {
    const words = plainWords(text).filter(
      (word) => word === 'than' || word === 'picture' || isContent(word) || isPole(word),
    );
    const than = words.indexOf('than');
    const before = than < 0 ? words : words.slice(0, than);
    const pole = before.at(-1);
    return pole !== undefined && isPole(pole)
      ? { of: before.slice(0, -1).join(' '), pole, than: than < 0 ? null : words.slice(than + 1).join(' ') }
      : null;
  };
  const [asked, told] = [partsOf(question), partsOf(said)];
  if (!asked?.than || !told || asked.of === '' || asked.of === asked.than) return null;
  const isSame = told.of === asked.of && (told.than ?? asked.than) === asked.than;
  const isExchanged = told.of === asked.than && (told.than ?? asked.of) === asked.of;
  const isReversed = told.pole !== asked.pole;
  if ((!isSame && !isExchanged) || (isReversed && !isOpposite([told.pole], [asked.pole]))) return null;
  if (NEGATION.test(said)) return isSame && !isReversed ? 'no' : null;
  return isSame === !isReversed ? 'yes' : 'no';
}

/** "Is there a dog?", "Can you see any cups on the table?" */
export const asksWhetherThere = (question: string): boolean =>
  /^\W*(?:is there|are there|(?:do|can) you see|does the (?:image|picture|photo) show)\b/i.test(question);

/** "There is a dog lying on the carpet", "I see two cups on the table": each word of the question, and no other place. */
function tellsOf(asked: readonly string[], words: readonly string[], sentence: string): boolean {
  if (!/\bthere (?:is|are|appears?|seems?)\b|\bthere's\b|\b(?:see|seen|visible)\b/i.test(sentence))
    return false;
  let at = 0;
  for (const word of words) if (word === asked[at]) at++;
  return at === asked.length;
}

/** Sides of which no two things are on each other's, unlike "near". */
const ONE_WAY = /^(?:left|right|above|below|over|under|underneath|beneath|behind|front|inside|outside)$/;

/**
 * The content words of a question with the two things that it relates exchanged ("Is the mug left of the laptop?", "Is
 * the mug closer to the door than the laptop?"); none if it relates no two, or a relation holds both ways.
 */
function exchanged(question: string): string[] {
  const words = plainWords(question).filter((word) => word === 'than' || isContent(word) || isPole(word));
  const than = words.indexOf('than');
  const at = words.findIndex((word) => (than < 0 ? ONE_WAY.test(word) : isPole(word)));
  if (at <= 0 || words.filter(isPole).length > 1) return [];
  const [first, middle] = [words.slice(0, at), words.slice(at, than < 0 ? at + 1 : than)];
  const second = words.slice(at + middle.length + (than < 0 ? 0 : 1));
  return second.length > 0 ? [...second, ...middle, ...first] : [];
}
