import { remembered } from '../../base/recent-map.ts';
import type { Row } from './asked.ts';
import type { Edit } from './tokens.ts';
import { LANGUAGES, type LanguageTable } from './words/language-words.ts';

/* Rows in several other languages: rules mirror known forms of question and answers, and defer other rows. */

interface Forms {
  rule: string;
  table: LanguageTable;
  questions: readonly (readonly [form: RegExp, answer: RegExp])[];
  /** Matches an answer that is yes, no or a side. */
  closed: RegExp;
}

function readerOf([name, table]: [string, LanguageTable]): Forms {
  const thing = `(?:(?!${table.never})${table.name}){1,${table.most}}?`;
  const expand = (form: string): string =>
    form.replace(/<(\p{L})>/gu, (_, part: string) =>
      part.toUpperCase() === 'N' ? thing : expand(table.parts[part.toUpperCase()]!),
    );
  const form = (source: string, end: string) => new RegExp(`^(?:${expand(source)})${end}$`, 'u');
  return {
    rule: `language.${name}`,
    table,
    closed: form([...table.answers.Y!, ...table.answers.S!, table.sides.source].join('|'), '[.。!]?'),
    questions: table.questions.map((source) => {
      const [question, kind] = source.split('/') as [string, string];
      return [form(question.toLowerCase(), '\\s*[?？]'), form(table.answers[kind]!.join('|'), '[.。!]?')];
    }),
  };
}

/** Matches a side in any of these languages, to skip most rows quickly. */
const ANY_SIDE = new RegExp(
  Object.values(LANGUAGES)
    .map(({ sides }) => sides.source)
    .join('|'),
  'i',
);

let made: readonly Forms[] | undefined;

/** Returns the patterns for questions in a language, in the order of the language's table. */
export const formsOf = (name: string): RegExp[] =>
  readerOf([name, LANGUAGES[name]!]).questions.map(([form]) => form);

/**
 * Returns an answer with English words for yes, no, not and the sides, if the reference answer is one of these words in
 * another language: "yes, die Tasse steht left" for "Ja, die Tasse steht links". With an English reference answer, the
 * answer itself must begin with such a word: "Oui".
 */
export function inEnglish(answer: string, reference: string): string {
  const plain = begun(reference.trim());
  if (plain.length > MOST_CLOSED) return answer;
  const isEnglish = /^(?:yes|no|true|false|left|right)(?!\p{L})/iu.test(plain);
  const first = isEnglish ? begun(answer.trim().split(/[,.!;:，。！]/u, 1)[0]!) : '';
  const isForeign = /^\p{L}+(?: \p{L}+)?$/u.test(first) && !ENGLISH.test(first);
  if (!isForeign && /^(?:yes|left|right|[a-d\d])$/i.test(plain)) return answer;
  const table = tableOf(isForeign ? first : plain);
  const text = Object.entries(table?.english ?? {}).reduce((said, [word, others]) => {
    const at = word === 'yes' || word === 'no' ? '^\\P{L}*' : '';
    return said.replace(new RegExp(`(${at})(?<![a-zà-ü])(?:${others})(?![a-zà-ü])`, 'giu'), `$1 ${word} `);
  }, answer);
  return table && answer === reference ? (/ (yes|no|left|right) /.exec(text)?.[1] ?? text) : text;
}
const tableOf = remembered(50, (word: string): LanguageTable | undefined => {
  made ??= Object.entries(LANGUAGES).map(readerOf);
  return made.find(({ closed }) => closed.test(word) || closed.test(word.toLowerCase()))?.table;
});
/** Matches the start of an English answer, to skip most answers quickly; "droit" means straight on. */
const ENGLISH =
  /^(?:yes|no|true|false|left|right|correct|incorrect|indeed|actually|the|it|on|to|in|droit|[a-z\d])(?!\p{L})/iu;
/** Maximum length of an answer that is only yes, no or a side, in characters. */
const MOST_CLOSED = 60;

/** Returns an answer such as "Links" with a lower-case initial. */
const begun = (text: string): string => text.replace(/^\p{Lu}/u, (start) => start.toLowerCase());

/** Finds the sides in all texts of a row in another language, as in `Reading.sides`; null without known forms. */
export function languageSides({ question, answer, choices, reasoning }: Row): Map<string, Edit[]> | null {
  if (reasoning || !/[?？]\s*$/.test(question.text)) return null;
  const told = [answer, ...choices].map(({ text }) => text);
  if (!ANY_SIDE.test(question.text) && !told.some((text) => ANY_SIDE.test(text))) return null;
  made ??= Object.entries(LANGUAGES).map(readerOf);
  for (const { questions, rule, table } of made) {
    const isRead = questions.some(
      ([form, answered]) =>
        form.test(question.text.toLowerCase()) &&
        told.every((text) => answered.test(text) || answered.test(begun(text))),
    );
    if (!isRead) continue;
    const edits = [question.text, ...told].map((text) =>
      [...text.matchAll(table.sides)].map(({ 0: from, index: start }): Edit => {
        const to = table.turn(from, text.slice(0, start));
        return { start, end: start + from.length, from, to, rule };
      }),
    );
    const names = ['question', 'answer', ...choices.map((_, i) => `choices[${i}]`)];
    return edits.some((sides) => sides.length > 0)
      ? new Map(names.map((name, i) => [name, edits[i]!]))
      : null;
  }
  return null;
}
