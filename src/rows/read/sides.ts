import { CLASSES, Pattern, Phrases, Rules } from './patterns.ts';
import {
  applyEdits,
  editAt,
  isEdit,
  unsureAt,
  type Edit,
  type Finding,
  type Note,
  type Text,
  type Token,
} from './tokens.ts';
import { set } from './words/sets.ts';
import { LEFT_SENSES, RIGHT_SENSES, type Sense, type SenseRow, WEIGHT } from './words/side-senses.ts';
import { Asked, readRow, type Form, type Role, type Row } from './asked.ts';
import { MIRROR } from '../view-list.ts';
import { coordinates, otherOrder, turnPlace, type Coordinates, type Place } from './coordinates.ts';
import {
  counterSpelling,
  doubts,
  isName,
  isSideWord,
  otherSides,
  protectedSpans,
  rotations,
  swapWord,
} from './side-words.ts';

const [LEFT, RIGHT] = [LEFT_SENSES, RIGHT_SENSES].map(
  (rows) => new Rules(rows.map((row) => [new Pattern(row.pattern), row])),
) as [Rules<SenseRow>, Rules<SenseRow>];

/** Returns the observations that apply to a single *left* or *right*, which might be a side. */
export const observations = (tokens: readonly Token[], at: number): SenseRow[] =>
  (tokens[at]!.lower.startsWith('l') ? LEFT : RIGHT).at(tokens, at).map(({ rule }) => rule);

/** Rule for "the right one" for a purpose. If it applies, "the left one" in the row does not make it a side. */
const FIT = 'kept.fit';

/** Meaning that the rules found for a word. `undecided`: no observation applies. `contested`: two have equal weight. */
export interface DecidedSense {
  reading: Sense | 'undecided' | 'contested';
  rule: string;
}

/** Determines the meaning from the observations of greatest weight, if these observations agree. */
export function weigh(found: readonly SenseRow[]): DecidedSense {
  const heaviest = Math.max(...found.map((o) => o.weight));
  const [first, ...others] = found.filter((o) => o.weight === heaviest);
  if (!first) return { reading: 'undecided', rule: 'undecided' };
  if (others.some((o) => o.reading !== first.reading)) {
    const rule = [first, ...others].some((o) => o.rule === FIT) ? FIT : 'contested';
    return { reading: 'contested', rule };
  }
  return { reading: first.reading, rule: first.rule };
}

export interface MirroredText {
  text: string;
  /** Words that were replaced, in order of position. */
  changes: Edit[];
  /** Words that look like a side and that the rules kept on purpose, in order of position. */
  kept: Edit[];
  /** Notes on words that the rules cannot decide. `text` contains these words unchanged. */
  notes: Note[];
  places: readonly Place[];
}

/**
 * Mirrors the words and coordinates of one text: exchanges all side words for their partners at once, with the same
 * letter case, hyphens and endings. Keeps false friends. Reads the text without its row, as a description of an image
 * (`question`) or as a name in a graph (`label`).
 */
export function mirrorText(text: string, role: Role = 'question'): MirroredText {
  const row = readRow(role === 'question' ? { question: text, answer: '' } : { question: '', answer: text });
  const read = role === 'question' ? row.question : row.answer;
  const around = surroundings(row, new Asked(row, undefined).form, { format: undefined, size: undefined });
  return mirrorRead(read, around(role));
}

export function mirrorRead({ text, tokens }: Text, context: Surroundings): MirroredText {
  const spans = protectedSpans(text);
  const { places, notes } = coordinates(
    text,
    context.role,
    context.coordinates,
    spans.filter((s) => s.rule !== 'kept.markup'),
  );
  const findings: Finding[] = [
    ...sides(tokens, context),
    ...otherSides(tokens, context.row.words),
    ...places.flatMap((place) => turnPlace(place, MIRROR, context.coordinates.size) ?? []),
    ...notes,
    ...(context.role === 'question' ? otherOrder(context.row.texts, context.coordinates) : []),
    ...rotations(text, tokens, context.counter),
    ...doubts(text, tokens),
  ];
  if (findings.length === 0) return { text, changes: [], kept: [], notes: [], places };
  const shield = (shielded: { start?: number; end?: number }) =>
    spans.find(
      (span) => shielded.start !== undefined && span.start < shielded.end! && shielded.start < span.end,
    );
  const edits = findings
    .filter(isEdit)
    .map((edit): Edit => {
      const span = edit.rule === 'coordinates' ? undefined : shield(edit);
      return span ? { ...edit, to: edit.from, rule: span.rule } : edit;
    })
    .sort((a, b) => a.start - b.start);
  const changes = edits.filter((edit) => edit.to !== edit.from);
  const inMarkup = findings.find(
    (finding) => !(isEdit(finding) && finding.rule === 'coordinates') && shield(finding)?.isOpen,
  );
  if (inMarkup) findings.push(sideInMarkup(text.slice(inMarkup.start, inMarkup.end)));
  return {
    text: applyEdits(text, changes),
    changes,
    kept: edits.filter((edit) => edit.to === edit.from),
    notes: findings.filter((finding): finding is Note => !isEdit(finding) && !shield(finding)),
    places,
  };
}

const sideInMarkup = (word: string): Note => ({
  level: 'llm',
  rule: 'markup.side',
  message: `"${word}" is part of markup and might be a side.`,
});

/** Single side words. Their meaning depends on the sentence; longer forms (leftmost, topright) are always sides. */
const BARE = CLASSES.get('lr')!.words;

/** Finds every left and right in a text, and swaps the words that are sides. */
function sides(tokens: readonly Token[], around: Surroundings): Finding[] {
  if (!tokens.some(({ lower }) => isSideWord(lower))) return [];
  const verdicts = tokens.map((token, at) => (BARE.has(token.lower) ? read(tokens, at, around) : null));
  return tokens.flatMap((token, at) => {
    const { lower, text } = token;
    const verdict = verdicts[at];
    if (!verdict) {
      if (!isSideWord(lower)) return [];
      return lower === 'rightside' && tokens[at + 1]?.lower === 'up'
        ? editAt(token, text, 'kept.phrase')
        : editAt(token, swapWord(text), 'side.compound');
    }
    const { reading, rule } = settle(verdict, tokens, at, verdicts, around);
    if (reading === 'kept') return editAt(token, text, rule);
    if (reading === 'side') {
      const edit = editAt(token, swapWord(text), rule);
      const named = isName(tokens, at) && inName(tokens, at);
      return named ? [edit, unsureAt(token, 'name', `"${text}" might be part of a name.`)] : edit;
    }
    const message =
      reading === 'contested'
        ? `"${text}" can mean a side or something else.`
        : `The rules cannot determine whether "${text}" is a side.`;
    return unsureAt(token, `ambiguous.${lower.startsWith('l') ? 'left' : 'right'}`, message);
  });
}

function read(tokens: readonly Token[], at: number, around: Surroundings): DecidedSense {
  const { lower } = tokens[at]!;
  if (lower === 'lefts') return { reading: 'side', rule: 'side.noun' };
  if (lower === 'rights') return rights(tokens, around);
  if (around.role === 'label' && tokens.length === 1) return { reading: 'side', rule: 'side.label' };
  if (isMarker(tokens, at, around)) return { reading: 'kept', rule: 'kept.tag' };
  if (mayMark(tokens, at, around)) return { reading: 'undecided', rule: 'undecided' };
  const senses = observations(tokens, at);
  // A grounded phrase is not a sentence, so *left* is hardly a verb in the phrase, and *right* hardly an adverb.
  return weigh(
    around.refers() ? senses.filter((o) => o.reading !== 'kept' || o.weight > WEIGHT.perhaps) : senses,
  );
}

const TURNS = new Phrases('take|takes|took|make|makes');
/** Decides the meaning of "rights": usually claims, but turns in "two lefts and two rights". */
function rights(tokens: readonly Token[], around: Surroundings): DecidedSense {
  const turns = around.phrases().has('lefts') || TURNS.in(tokens);
  return turns ? { reading: 'side', rule: 'side.noun' } : { reading: 'kept', rule: 'kept.phrase' };
}

/**
 * Returns whether "Right" only marks agreement. At the start of a sentence, "Right, …" agrees with the preceding text,
 * but in an answer it might also be the requested side. A bare "Right." as the answer to a yes/no question agrees,
 * unless the question is about sides.
 */
function isMarker(
  tokens: readonly Token[],
  at: number,
  { role, asksSide, yesNo, echo }: Surroundings,
): boolean {
  const [before, token, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  if (token.lower !== 'right' || !(before === undefined || /^[.?!\n]$/.test(before.text))) return false;
  if (isOption(tokens, at)) return false;
  if (role === 'choice' || role === 'label' || (role === 'answer' && asksSide)) return false;
  const goesOn = tokens.slice(at + 2).some(({ kind }) => kind !== 'mark');
  if (after && /^[,!.;:]$/.test(after.text) && goesOn) return after.text !== ':';
  return (
    role === 'answer' && before === undefined && yesNo && echo('left') !== 'side' && echo('right') !== 'side'
  );
}

/** Whether "Right" can mark agreement after other words: "Based on the image, Right, the cat is under the chair." */
const mayMark = (tokens: readonly Token[], at: number, { role, asksSide }: Surroundings): boolean =>
  role === 'answer' &&
  !asksSide &&
  tokens[at]!.text === 'Right' &&
  at > 0 &&
  /^[,!]$/.test(tokens[at + 1]?.text ?? '') &&
  tokens.length > at + 2 &&
  !isOption(tokens, at);

/** Returns whether a word follows the letter of an option, as in "C. Right." */
const isOption = (tokens: readonly Token[], at: number): boolean =>
  /^[.):]$/.test(tokens[at - 1]?.text ?? '') && /^[A-H]$/.test(tokens[at - 2]?.text ?? '');

const ANSWER = set('answer guess choice response');

/** Decides the meaning of a word in an ambiguous sentence by the remaining words of the row. */
function settle(
  verdict: DecidedSense,
  tokens: readonly Token[],
  at: number,
  verdicts: readonly (DecidedSense | null)[],
  around: Surroundings,
): DecidedSense {
  // "So the answer is right." contains a side if the question asks for a side.
  const isAnswer = ANSWER.has(tokens[at - 2]?.lower ?? '') && tokens[at - 1]?.lower === 'is';
  if (verdict.reading === 'kept' && isAnswer && around.asksSide)
    return { reading: 'side', rule: 'side.asked' };
  if (verdict.reading === 'side' || verdict.reading === 'kept' || verdict.rule === FIT) return verdict;
  const lower = tokens[at]!.lower as 'left' | 'right';
  const next = tokens[at + 1];
  // If the row contains "the left one" anywhere, "the right one" is a side.
  if (
    next?.kind === 'word' &&
    !CLASSES.get('target')!.words.has(next.lower) &&
    around.phrases().has(`${swapWord(lower)} ${next.lower}`)
  ) {
    return { reading: 'side', rule: 'side.partner' };
  }
  const namesOne =
    around.role === 'answer' && around.which && next?.lower === 'one' && tokens.length <= at + 3;
  const besideOther =
    /^ones?$/.test(next?.lower ?? '') &&
    verdicts.some((v, i) => v?.reading === 'side' && tokens[i]!.lower === swapWord(lower));
  if (namesOne || besideOther) return { reading: 'side', rule: 'side.asked' };
  if (verdict.reading === 'contested') return verdict;
  const atEdge = at === 0 || at === tokens.length - 1;
  if (atEdge && around.refers()) return { reading: 'side', rule: 'side.reference' };
  if (verdict.reading !== 'open') return verdict;
  // For example, a list of options: "A. left B. right".
  if (verdicts.some((v, i) => v?.reading === 'open' && tokens[i]!.lower === swapWord(lower))) {
    return { reading: 'side', rule: 'side.partner' };
  }
  if (around.role === 'question' && !around.menu && !(around.asksSide && isOption(tokens, at)))
    return { reading: 'undecided', rule: 'undecided' };
  if (around.asksSide) return { reading: 'side', rule: 'side.asked' };
  // A word in an answer has the same sense as in the question.
  const echo = around.echo(lower);
  const partner =
    lower === 'left' || !around.yesNo ? around.echo(swapWord(lower) as 'left' | 'right') : undefined;
  if ((echo ?? partner) === 'side') return { reading: 'side', rule: 'side.asked' };
  if (echo === 'kept') return { reading: 'kept', rule: 'kept.echo' };
  return { reading: 'undecided', rule: 'undecided' };
}

const COMMON = CLASSES.get('sidenoun')!.words;

/** Whether a capitalised neighbour is no word for a place: "the Left Bank", "Left Hand Brewing", not "Left Side". */
function inName(tokens: readonly Token[], at: number): boolean {
  const isCapital = (t: Token | undefined) => t?.kind === 'word' && /^\p{Lu}\p{Ll}/u.test(t.text);
  let end = at + 1;
  while (isCapital(tokens[end])) end++;
  const around = [tokens[at - 1], ...tokens.slice(at + 1, end)];
  return around.some((t) => isCapital(t) && !COMMON.has(t!.lower) && !isSideWord(t!.lower));
}

/** Context of a text within its row. */
interface Surroundings extends Form {
  role: Role;
  /** Returns the sense of *left* or *right* in the question, if all uses in the question agree. */
  echo: (word: 'left' | 'right') => Sense | undefined;
  /** Whether the row grounds a phrase ("blue shirt left" with a box). Such a phrase is no sentence and has no verbs. */
  refers: () => boolean;
  /** Side words of the row, each with the word after it: "left chair", "right of", "lefts". */
  phrases: () => ReadonlySet<string>;
  /** Returns the row's spelling of the opposite of clockwise. */
  counter: () => string;
  row: Row;
  coordinates: Coordinates;
}

const QUESTION_END = /[.?!]\s*$/;

/** Matches an answer that consists of two or more numbers, with only brackets and tags around them. */
const COORDINATES = /^(?=\D*\d+(?:\.\d+)?\D+\d)(?:<\/?\w+>|[-−\d.,;:\s()[\]{}"]|bbox_2d|point_2d)*$/;

/**
 * Returns the context of each text of a row by the text's role. `beside` is the row in its other view, about the same
 * objects. Each context is an object with explicit fields, because spreading objects is slow.
 */
export function surroundings(
  row: Row,
  { asksSide, menu, which, yesNo }: Form,
  coordinates: Coordinates,
  beside?: Row,
): (role: Role) => Surroundings {
  const { question, answer } = row;
  const texts = beside ? [...row.texts, ...beside.texts] : row.texts;
  const readings = new Map<string, Sense | undefined>();
  let pairs: Set<string> | undefined;
  let isReference: boolean | undefined;
  const echo = (word: 'left' | 'right') => {
    if (!readings.has(word)) readings.set(word, senseOf(word, question.tokens));
    return readings.get(word);
  };
  const refers = () => (isReference ??= !QUESTION_END.test(question.text) && COORDINATES.test(answer.text));
  const phrases = () => (pairs ??= sidePhrases(texts));
  const counter = () => counterSpelling(texts);
  return (role) => ({ role, asksSide, menu, which, yesNo, echo, refers, phrases, counter, row, coordinates });
}

function sidePhrases(texts: readonly Text[]): Set<string> {
  const sidePairs = new Set<string>();
  for (const { tokens } of texts) {
    tokens.forEach(({ lower }, i) => {
      const next = tokens[i + 1];
      if (lower === 'lefts') sidePairs.add('lefts');
      else if ((lower === 'left' || lower === 'right') && next?.kind === 'word')
        sidePairs.add(`${lower} ${next.lower}`);
    });
  }
  return sidePairs;
}

function senseOf(word: 'left' | 'right', tokens: readonly Token[]): Sense | undefined {
  const readings = new Set(
    tokens.flatMap(({ lower }, at) => (lower === word ? [weigh(observations(tokens, at)).reading] : [])),
  );
  const [only, ...others] = readings;
  return others.length === 0 && (only === 'side' || only === 'kept') ? only : undefined;
}
