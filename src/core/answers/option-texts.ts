import { letterOf } from '../../base/item-names.ts';
import { BEFORE_NOUN, isClosed } from './answer-words.ts';
import { withDigits } from './number-words.ts';
import { plainText, withoutNames } from './plain-text.ts';

/** Finds the texts of options in answers: "the cup" in "It is the cup.", for the options "cup" and "plate". */

/** Cache of the words of choices, which every completion of a row needs. */
const kept = new WeakMap<readonly string[], readonly string[][]>();

/** Returns the words of each choice. Removes leading letters if every choice has one ("(A) left", "(B) right"). */
export function choiceTexts(choices: readonly string[]): readonly string[][] {
  const before = kept.get(choices);
  if (before) return before;
  const lettered = choices.map((choice, i) =>
    new RegExp(`^\\(?${letterOf(i)}[.):] ?`, 'i').exec(choice.trim()),
  );
  const texts = choices.map((choice, i) =>
    choiceWords(lettered.every(Boolean) ? choice.trim().slice(lettered[i]![0].length) : choice),
  );
  kept.set(choices, texts);
  return texts;
}

const subjects = new WeakMap<readonly string[], readonly string[]>();

/** Returns the things that options say the same of: "Point A" and "Point B" for "A is closer" and "B is closer". */
export function subjectsOf(choices: readonly string[]): readonly string[] {
  const before = subjects.get(choices);
  if (before) return before;
  const said = choices.map((choice) => /^(?:point )?([A-Z]) is (\p{L}+)\W*$/u.exec(choice.trim()));
  const isSame = said.length > 1 && said.every((match) => match !== null && match[2] === said[0]![2]);
  const names = isSame ? said.map((match) => `Point ${match![1]!}`) : choices;
  subjects.set(choices, names);
  return names;
}

/** Returns lower-case words without articles and punctuation; numbers in digits: "The front-left" → "front left". */
export function choiceWords(text: string): string[] {
  const plain = plainText(text)
    .replace(/'s\b/g, '')
    .replace(AGAINST_CLOCK, 'counterclockwise')
    .replace(/wards\b/g, 'ward');
  const wordsIn = (stretch: string) =>
    stretch.toLowerCase().match(/\d+(?:[.,:]\d+)*|[\p{L}\p{M}]+|[+-](?=\d)|[°%]/gu) ?? [];
  const content = wordsIn(plain.replace(ARTICLE, ' '));
  return withDigits(content.length > 0 ? content : wordsIn(plain));
}

const AGAINST_CLOCK = /\b(?:anti|counter)[- ]?clockwise\b/gi;
const ARTICLE = new RegExp(String.raw`\b(?:the|an|a)${BEFORE_NOUN}`, 'giu');

/** Returns the words of an answer without names, unless choices have numbers. */
const saidWords = (text: string, texts: readonly string[][]): string[] =>
  choiceWords(texts.flat().some((word) => /\d/.test(word)) ? text : withoutNames(text));

/** Returns the only choice whose words equal those of the text. */
export function exactChoice(text: string, texts: readonly string[][]): string | null {
  const words = choiceWords(text).join(' ');
  return words === '' ? null : choiceWhere(texts, (choice) => choice.join(' ') === words);
}

const choiceWhere = (texts: readonly string[][], is: (choice: string[]) => boolean): string | null =>
  onlyOne(texts.flatMap((choice, i) => (is(choice) ? [i] : [])));

export const onlyOne = (places: readonly number[]): string | null =>
  places.length === 1 ? letterOf(places[0]!) : null;

/**
 * Returns the indices of all choices in a text; empty if the text negates one of them, or if two choices have the same
 * words. Longer choices match first, so that "front-left" does not also count as "left".
 */
export function mentioned(text: string, texts: readonly string[][]): ReadonlySet<number> {
  const words = saidWords(text, texts);
  const longestFirst = texts
    .map((choice, i) => ({ choice, i }))
    .sort((a, b) => b.choice.length - a.choice.length);
  const found = new Set<number>();
  for (const { choice, i } of longestFirst) {
    if (choice.length === 0) continue;
    for (let at = 0; at + choice.length <= words.length; at++) {
      if (!choice.every((word, k) => words[at + k] === word)) continue;
      const twice = texts.filter((other) => other.join(' ') === choice.join(' ')).length > 1;
      if (twice || ['not', 't'].includes(words[at - 1] ?? '')) return new Set();
      words.fill('', at, at + choice.length);
      found.add(i);
    }
  }
  return found;
}

/** Returns the letter in an answer to options such as "Point A": after a word of all options, or as a lone capital. */
export function labelInside(text: string, texts: readonly string[][]): string | null {
  const isLabel = texts.length > 1 && texts.every((words, i) => words.includes(letterOf(i).toLowerCase()));
  if (!isLabel) return null;
  const found = texts.flatMap((words, i) => {
    const shared = ['point', 'option', ...words.filter((word) => word.length > 2)].join('|');
    const label = letterOf(i);
    const near = new RegExp(`\\b(?:${shared}) ["']?${label}\\b`, 'i');
    const alone = new RegExp(`(?<![\\p{L}'-])${label}(?![\\p{L}'-])(?! \\p{Ll}+ )`, 'u');
    return near.test(text) || (!/[AI]/.test(label) && alone.test(text)) ? [label] : [];
  });
  return found.length === 1 ? found[0]! : null;
}

/** Returns the option whose content words equal the content words of a text, or include all of them. */
export function choiceOfWords(plain: string, texts: readonly string[][], question: string): string | null {
  const [words, told, asked] = [telling(saidWords(plain, texts)), texts.map(telling), choiceWords(question)];
  const isShared = (word: string) => told.every((choice) => choice.includes(word));
  const rare = words.filter((word) => !asked.includes(word) || texts.some((choice) => choice.includes(word)));
  return (
    // "to the left of the cup" matches the option "left of the cup".
    exactChoice(words.join(' '), told) ??
    exactChoice(rare.join(' '), told) ??
    // "Behind it" matches "behind the plate" if all options name the plate. "The plate is behind" does not.
    choiceWhere(told, (choice) => {
      const rest = choice.filter((word) => !isShared(word));
      const inOrder = choice.filter((word) => rare.includes(word)).join(' ') === rare.join(' ');
      return (
        rest.length > 0 && inOrder && rare.filter((word) => !isShared(word)).join(' ') === rest.join(' ')
      );
    }) ??
    // "The van" matches "a blue van", not "a red car": one option contains all its words, and the last words match.
    (told.filter((choice) => rare.every((word) => choice.includes(word))).length > 1
      ? null
      : choiceWhere(told, (choice) => {
          return (
            rare.length > 0 && rare.at(-1) === choice.at(-1) && rare.every((word) => choice.includes(word))
          );
        }))
  );
}

const telling = (words: readonly string[]): string[] => words.filter((word) => !isClosed(word));
