import { indexOfLetter, letterOf } from '../../base/item-names.ts';
import { severalChoices } from '../sample/choices.ts';
import type { Alternative } from './alternatives.ts';
import { OPTION_SIGNS } from './words/option-signs.ts';
import { listedOptions } from '../sample/option-list.ts';

/** Options inside a question, with their labels and their range in the text. */
export interface InlineOptions {
  /** Separators of the options: letters, numbers, or only commas or lines. */
  kind: 'letters' | 'numbers' | 'list';
  options: Alternative[];
  /** Labels of the options: "A", "B" … or "1", "2" …; a list without labels gets letters. */
  labels: string[];
  /** Start of the options, including the words that introduce them. `end`: the end of the last option. */
  start: number;
  end: number;
  /** Question without its options; empty if the text has none. */
  stem: string;
  /** Text after the options, unless it belongs to the question. */
  after: string;
}

type Menu = Omit<InlineOptions, 'stem' | 'after'>;

/** Maximum length of a text in which to search for options, in characters. */
const MOST = 8000;

/** Maximum number of option marks in a question. */
const MOST_MARKS = 200;

/**
 * Finds the options inside a question: "(A) cup (B) plate", "A. cup\nB. plate", "Options: A. cup, plate, B. plate,
 * cup", "options: cup, plate or bowl", "Choices: ['cup', 'plate']". An option can contain commas and line breaks. Null
 * without options.
 * @param numbers whether to also read "1. cup 2. plate", which are no options in most questions
 */
export function readOptions(text: string, { numbers = false } = {}): InlineOptions | null {
  if (text.length > MOST || !OPTION_SIGNS.any.test(text)) return null;
  const menu = marked(text, 'letters') ?? (numbers ? marked(text, 'numbers') : null) ?? announced(text);
  return menu && { ...menu, ...withoutOptions(text, menu) };
}

/** Mark before an option, such as "(A)", "B." or "c)". */
interface Mark {
  index: number;
  start: number;
  /** Index of the option's label: 0 for A or 1. */
  at: number;
  /** Brackets and signs of the mark, and whether the letter is a capital. All marks of a list have the same style. */
  style: string;
  startsLine: boolean;
}

function marksIn(text: string, kind: 'letters' | 'numbers'): Mark[] {
  return [...text.matchAll(kind === 'letters' ? OPTION_SIGNS.letter : OPTION_SIGNS.number)].map((match) => {
    const { open, label, close, bare, sign, wide, dash } = match.groups!;
    const name = (label ?? bare)!;
    const isUpper = name !== name.toLowerCase();
    return {
      index: match.index,
      start: match.index + match[0].length,
      at: kind === 'letters' ? indexOfLetter(name) : Number(name) - 1,
      style: `${open ?? ''}${isUpper ? 'A' : 'a'}${close ?? sign ?? wide ?? dash}`,
      startsLine: /(?:^|\n)\s*$/.test(text.slice(Math.max(0, match.index - 20), match.index)),
    };
  });
}

/** Returns the last list in a text: marks of the same style, in the order of their letters, each followed by a text. */
function marked(text: string, kind: 'letters' | 'numbers'): Menu | null {
  const marks = marksIn(text, kind);
  if (marks.length > MOST_MARKS) return null;
  for (let first = marks.length - 1; first >= 0; first--) {
    if (marks[first]!.at !== 0 || OPTION_SIGNS.bearer.test(text.slice(0, marks[first]!.index))) continue;
    const menu = menuFrom(marks, first);
    const options = menu.length < 2 ? [] : textsOf(text, menu);
    if (options.length === 0 || !options.every((option) => isOption(option.text))) continue;
    const start = announcedFrom(text, menu[0]!.index);
    return {
      kind,
      options,
      labels: options.map((_, i) => (kind === 'letters' ? letterOf(i) : String(i + 1))),
      start,
      end: options.at(-1)!.end,
    };
  }
  return null;
}

const isOption = (text: string) => /[^\s.,;:?!()*]/.test(text) && !OPTION_SIGNS.joins.test(text);

function menuFrom(marks: readonly Mark[], first: number): Mark[] {
  const menu = [marks[first]!];
  for (let i = first + 1; i < marks.length; i++) {
    const isNext = (mark: Mark) => mark.at === menu.length && mark.style === menu[0]!.style;
    if (!isNext(marks[i]!)) continue;
    // If each option has its own line, "vitamin B. …" inside an option does not start another option.
    const ownLine = menu[0]!.startsLine
      ? marks.findIndex((mark, at) => at >= i && isNext(mark) && mark.startsLine)
      : -1;
    const at = ownLine >= 0 ? ownLine : i;
    menu.push(marks[at]!);
    i = at;
  }
  return menu;
}

/** Returns the text after each mark, up to the next mark. Another sentence can follow the text of the last option. */
function textsOf(text: string, menu: readonly Mark[]): Alternative[] {
  const raw = menu.map(({ start }, i) => text.slice(start, menu[i + 1]?.index));
  const others = raw.slice(0, -1).map((option) => option.trim());
  raw[raw.length - 1] = lastOption(raw.at(-1)!, others);
  // If all options end in full stops, they are sentences and keep their full stops.
  const stops = raw.every((option) => /\.\s*$/.test(option.replace(OPTION_SIGNS.joint, '')));
  return raw.map((option, i) => {
    const lead = /^\s*/.exec(option)![0].length;
    const kept = option.slice(lead).replace(OPTION_SIGNS.joint, '');
    const bare = stops ? kept : kept.replace(OPTION_SIGNS.end, '');
    const start = menu[i]!.start + lead;
    return { text: bare, start, end: start + bare.length };
  });
}

/** Returns the start of words that introduce options before a position: "Options:", "Choose from the following:". */
function announcedFrom(text: string, at: number): number {
  const before = text.slice(0, at);
  const words = OPTION_SIGNS.announces.exec(before);
  return words ? words.index : before.replace(/[\s*]+$/, '').length;
}

/** Reads options after words that introduce them, in one line or on a line each: "Options: cup, plate or bowl". */
function announced(text: string): Menu | null {
  const words = OPTION_SIGNS.before.exec(text);
  if (!words) return null;
  const from = words.index + words[0].length;
  const rest = text.slice(from);
  const list = /^\s*[[{(]/.test(rest) ? bracketed(rest) : null;
  const whole = list?.text ?? lastOption(rest, [rest.includes('\n') && /^[^\n]*,/.test(rest) ? '' : '\n']);
  const parts = list?.options ?? separated(whole);
  if (parts.length < 2) return null;
  let at = from;
  const options = parts.map((part) => {
    const place = text.indexOf(part, at);
    const start = place < 0 ? at : place;
    at = place < 0 ? at : place + part.length;
    return { text: part, start, end: at };
  });
  return {
    kind: 'list',
    options,
    labels: options.map((_, i) => letterOf(i)),
    start: OPTION_SIGNS.announces.exec(text.slice(0, from))?.index ?? words.index,
    end: list ? from + list.text.length : options.at(-1)!.end,
  };
}

/** Splits a text without its options into the question, and the text after the options. */
function withoutOptions(text: string, { start, end }: Menu): Pick<InlineOptions, 'stem' | 'after'> {
  const before = text.slice(0, start).trim();
  const rest = text.slice(end);
  const after = rest.replace(/^[\s.,;?!*\])]+/, '').trim();
  const isInstruction = OPTION_SIGNS.instruction.test(`\n${after}`);
  // Add the question mark that "Is it moving (A) left or (B) right?" has after its last option.
  const mark = /^\s*\?/.test(rest) && /[\p{L}\p{N}]$/u.test(before) ? '?' : '';
  if (before !== '')
    return isInstruction || after === ''
      ? { stem: before + mark, after }
      : { stem: `${before}\n${after}`, after: '' };
  return after !== '' && !isInstruction ? { stem: after, after: '' } : { stem: '', after };
}

/** Returns the options of a list with letters, "(A) cup (B) plate" or "A. cup B. plate", with their text ranges. */
export function menuOf(text: string): Alternative[] {
  const read = readOptions(text);
  return read?.kind === 'letters' ? read.options : [];
}

/** Returns the texts of the options in the question, with letters or as "options: cup, plate or bowl". */
export const inlineOptions = (text: string): string[] =>
  readOptions(text)?.options.map((option) => option.text) ?? [];

/** Fields of a row that determine its options. */
interface RowWithOptions {
  question?: unknown;
  choices?: unknown;
  answer?: unknown;
}

export interface NamedOption {
  /** Index of the option; null if the answer refers to no option. */
  index: number | null;
  /** Whether no option has the letter or number, or the letter precedes the text of another option. */
  conflict: boolean;
}

/** Returns the comparison key of an option's text, without case, outer signs and spaces. */
export const optionKey = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'“”‘’*`]+|[\s"'“”‘’*`.,;:!?]+$/g, '');

/** Matches a letter or number in an answer, alone or before the option's text: "B", "(b)", "B. left", "2) left". */
const LABELLED =
  /^(?:(?:the )?(?:correct )?(?:answer|option|choice)(?: is)?\s*:?\s*)?[([（]?\s?(?:([A-Za-z])|(\d{1,2}))(?:(?:\s?[)\]）.:、．]+|\s[-–—](?=\s))\s*(.*)|)$/isu;
/** Matches signs around a letter or text in an answer that belong to neither. */
const AROUND = /^(?:[\s"'“‘*`]|<\/?answer>|\$|\\boxed\{)+|(?:[\s"'”’*`,。}$]|<\/answer>)+$/gi;

/** Finds the option that an answer refers to by its text, its letter, its number (if options have numbers), or both. */
export function namedOption(
  answer: unknown,
  { labels, options }: { labels: readonly string[]; options: readonly string[] },
): NamedOption {
  const text = typeof answer === 'string' ? answer : typeof answer === 'number' ? String(answer) : '';
  const key = optionKey(text);
  const none = { index: null, conflict: false };
  if (key === '') return none;
  const keys = options.map(optionKey);
  const same = keys.flatMap((option, i) => (option === key ? [i] : []));
  if (same.length === 1) return { index: same[0]!, conflict: false };
  const [, letter, number, said = ''] = LABELLED.exec(text.replace(AROUND, '')) ?? [];
  const label = letter?.toUpperCase() ?? number;
  const numbered = /^\d/.test(labels[0] ?? '');
  if (label === undefined || same.length > 1 || (number !== undefined && !numbered)) return none;
  if (letter !== undefined && numbered) return none;
  const index = labels.indexOf(label);
  const saidKey = optionKey(said);
  if (index < 0) return { index: null, conflict: saidKey === '' || keys.includes(saidKey) };
  if (saidKey === '' || keys[index] === saidKey) return { index, conflict: false };
  return keys.includes(saidKey) ? { index: null, conflict: true } : none;
}

/**
 * Returns the options inside the question of a row without choices, if the reference answer is an option's letter or
 * text. Also if the answer only has an error: a letter without an option, or with the text of another option.
 */
export function inlineChoices({
  question,
  choices,
  answer,
}: RowWithOptions): (InlineOptions & NamedOption) | null {
  if (typeof question !== 'string' || (Array.isArray(choices) && choices.length > 0)) return null;
  for (const numbers of [false, true]) {
    const read = readOptions(question, { numbers });
    if (!read || (numbers && read.kind !== 'numbers')) continue;
    const options = read.options.map(({ text }) => text);
    const named = namedOption(answer, { labels: read.labels, options });
    const several = typeof answer === 'string' && severalChoices(answer, options) !== null;
    if (named.index === null && !named.conflict && !several) continue;
    // A list such as "Options: cup, plate" has no letters that an answer could use.
    if (read.kind === 'list' && named.index === null && !several) continue;
    return { ...read, ...named };
  }
  return null;
}

/**
 * Finds the options of a row in its choices or its question, and compares them with the answer. `areCertain`: the
 * options are no mere list. `isOption`: the answer is one or several options. `isPart`: an option contains the answer.
 */
export function offeredOptions(question: string, answer: string, choices?: readonly string[]) {
  const read = choices?.length ? null : (readOptions(question) ?? readOptions(question, { numbers: true }));
  const options = choices ?? read?.options.map(({ text }) => text) ?? [];
  const labels = read?.labels ?? options.map((_, i) => letterOf(i));
  const named = namedOption(answer, { labels, options });
  return {
    options,
    labels,
    conflict: named.conflict,
    areCertain:
      Boolean(choices?.length) || read?.kind === 'letters' || inlineChoices({ question, answer }) !== null,
    isOption: named.index !== null || severalChoices(answer, options) !== null,
    isPart: options.some((option) => optionKey(option).includes(optionKey(answer))),
  };
}

/**
 * Returns the options for scoring a row: its choices, or the options inside its question if the reference answer is an
 * option's letter or text; else undefined. A number is never an option's label, because it can also be the option's
 * text: `inlineChoices` returns options with numbers.
 */
export function choicesOf(row: RowWithOptions): string[] | undefined {
  if (Array.isArray(row.choices) && row.choices.length > 0) return row.choices as string[];
  const inline = inlineChoices(row);
  if (!inline) return undefined;
  const options = inline.options.map(({ text }) => text);
  const isNumber =
    inline.kind === 'numbers' && namedOption(row.answer, { labels: [], options }).index === null;
  return isNumber ? undefined : options;
}

/** Returns the last option without a following instruction, and without lines or sentences that no other option has. */
function lastOption(text: string, others: readonly string[]): string {
  const cuts = [
    OPTION_SIGNS.instruction,
    ...[/\n\s*\n/, /\n/, OPTION_SIGNS.sentence].filter((sign) => !others.some((other) => sign.test(other))),
  ];
  const whole = text.trimStart();
  const lead = text.length - whole.length;
  const ends = cuts.flatMap((sign) => {
    const { index } = sign.exec(whole) ?? { index: 0 };
    return index > 0 ? [index] : [];
  });
  return text.slice(0, lead + Math.min(whole.length, ...ends));
}

/** Reads a list in brackets, as in Python or JSON, at the start of a text. */
function bracketed(text: string): { text: string; options: string[] } | null {
  for (const close of [...text.matchAll(/[\]})]/g)].slice(0, 60)) {
    const whole = text.slice(0, close.index + 1);
    const options = listedOptions(whole, { marks: false });
    if (options && options.length >= 2) return { text: whole, options };
  }
  return null;
}

/** Splits a text into lines, or at semicolons, slashes or commas. */
function separated(text: string): string[] {
  const bare = (part: string) =>
    part
      .trim()
      .replace(/^[-*•–]\s+/, '')
      .replace(/[.;,?]+$/, '')
      .replace(/^(['"“‘])(.*)(['"”’])$/s, '$2');
  const split = (by: RegExp) => text.split(by).map(bare).filter(Boolean);
  for (const by of [/\n+/, /\s*[;|]\s*/]) {
    const parts = split(by);
    if (parts.length >= 2) return parts;
  }
  const listed = split(/\s*,\s*(?:(?:or|and)\s+)?|\s+or\s+/);
  return listed.length >= 2 ? listed : split(/\s*\/\s*/);
}
