import { failedCheck } from '../../labels.ts';
import type { Random } from '../../random.ts';
import type { MirrorVariant, RewrittenFields, Sample, ViewVariant } from '../../sample/sample.ts';
import { isTrusted } from '../../sample/variant.ts';
import { answerInGraph, checkMirror, graphAgrees } from './checks.ts';
import { MIRROR_AXES } from '../../read/doubts.ts';
import type { Note, Text, Token } from '../../read/tokens.ts';
import { type Rewrite, rewriteSample } from './rewrite.ts';
import { nameKey } from '../../read/names.ts';
import { checkAnswer } from '../../scene-graph/answer.ts';
import { graphOf } from '../../scene-graph/read.ts';
import { Phrases } from '../../read/rules.ts';
import { indexOfLetter, letterOf } from '../../sample/choices.ts';
import { oppositeHead, verdictOf } from '../../read/verdict.ts';
import { exchangeNames } from '../relation.ts';
import { rewriteOrDrop } from '../reasoning.ts';
import { discard, refused } from '../view-variant.ts';

/** How the texts are mirrored. `mix` randomly chooses one of the two for each row that allows both. */
export type Strategy = 'swap-words' | 'keep-question' | 'mix';

export type MirrorOptions =
  { strategy?: 'swap-words' | 'keep-question' } | { strategy: 'mix'; random: Random };

/**
 * Mirrors a sample by rules: right or deferred, never wrong. `flipped`: texts changed; `invariant`: they stay (boxes,
 * points, masks and graph are mirrored in any case); `needs_llm`: undecided, with a proposal of what is certain and, if
 * a person must decide, `review.state: pending`; `discard`: no mirror exists. `strategy` in the result is the one that
 * was used.
 */
export const mirrorSample = (sample: Sample, options: MirrorOptions = {}): MirrorVariant =>
  rewriteOrDrop(sample, MIRROR_AXES, (row) => mirrorWhole(row, options));

function mirrorWhole(sample: Sample, options: MirrorOptions): MirrorVariant {
  const rewrite = rewriteSample(sample);
  const checks = checkMirror(sample, rewrite.fields, rewrite);
  const failed = Object.keys(checks)
    .filter((name) => checks[name] !== 'pass')
    .map((name): Note => ({
      level: 'llm',
      rule: `check.${name}`,
      message: reasonOf(name, sample, rewrite),
    }));
  // If something is undecided anyway, the checks of the unfinished rewrite add nothing.
  const notes = rewrite.notes.length > 0 ? rewrite.notes : failed;
  const texts = Object.values(rewrite.reading.sides);
  const status = notes.some((n) => n.level === 'discard')
    ? 'discard'
    : notes.length > 0
      ? 'needs_llm'
      : texts.some((t) => t.changes.length > 0)
        ? 'flipped'
        : 'invariant';
  const kept = status === 'flipped' && wantsQuestion(options) ? keepQuestion(sample, rewrite) : null;
  return {
    status,
    ...(kept?.fields ?? rewrite.fields),
    route: 'rules',
    rules: kept ? [kept.rule] : rulesOf(rewrite, notes),
    // Keep-question needs no other check: its rules only fire if the answer is determined.
    checks: kept
      ? { answer_determined: 'pass', ...graphAgrees({ ...sample, ...kept.fields }, rewrite) }
      : checks,
    category: categoryOf(sample, rewrite),
    strategy: kept ? 'keep-question' : 'swap-words',
    ...(notes.length > 0 && { reason: [...new Set(notes.map((n) => n.message))].join(' ') }),
    ...(status === 'needs_llm' &&
      notes.some((n) => n.level === 'review') && { review: { state: 'pending' } }),
  };
}

/** Why a check does not pass. Where the graph decides, the reason holds for the original: both views turn together. */
function reasonOf(name: string, sample: Sample, rewrite: Rewrite): string {
  if (name !== 'graph_agrees') return failedCheck(name);
  const { question, answer, choices, meta } = sample;
  const own = checkAnswer(question, answer, choices, graphOf(sample), meta);
  if (own.verdict === 'contradicts') return own.reason;
  return `In the mirror: ${answerInGraph({ ...sample, ...rewrite.fields }, rewrite)!.reason}`;
}

/**
 * The view `mirror/keep`: the picture is mirrored, the question stays, and so the answer turns. A text that is the same
 * in both views cannot be answered right in both without the picture. Only for rows whose turned answer is determined.
 */
export function mirrorKeepingQuestion(sample: Sample): ViewVariant {
  const mirror = mirrorSample(sample, { strategy: 'keep-question' });
  if (mirror.strategy === 'keep-question')
    return { ...mirror, image_op: 'mirror', effect: 'changes', answer_policy: 'keep-question' };
  return isTrusted(mirror) ? refused(sample, NOT_TURNED) : refused(sample, mirror);
}

const NOT_TURNED = discard(
  'not_turned',
  'With the same question, its answer in the mirrored picture stays or does not follow from the row.',
);

const wantsQuestion = (options: MirrorOptions): boolean =>
  options.strategy === 'mix' ? options.random.chance(0.5) : options.strategy === 'keep-question';

function rulesOf({ reading }: Rewrite, notes: readonly Note[]): string[] {
  const edits = Object.values(reading.sides).flatMap((t) => [...t.changes, ...t.kept]);
  return [...new Set([...edits, ...notes].map((entry) => entry.rule))];
}

const GEOMETRY: readonly (keyof RewrittenFields)[] = ['boxes', 'points', 'masks'];

/** The paper's three kinds: left and right in the words, boxes, or neither. */
function categoryOf(sample: Sample, { reading }: Rewrite): NonNullable<MirrorVariant['category']> {
  const read = Object.values(reading.sides);
  const rules = read.flatMap((t) => [...t.changes, ...t.notes]).map((entry) => entry.rule);
  if (rules.some((rule) => !rule.startsWith('coordinates'))) return 'left_right';
  // A centred box is mirrored too, although its numbers do not change.
  const kept = read.flatMap((t) => t.kept).some((entry) => entry.rule === 'coordinates');
  const boxed = GEOMETRY.some((key) => (sample[key] as unknown[] | undefined)?.length);
  return rules.length > 0 || kept || boxed ? 'box' : 'unaffected';
}

/** A mirror under *keep-question*: the question stays, the answer changes. */
interface KeptQuestion {
  fields: RewrittenFields;
  rule: 'keep.direction' | 'keep.yes' | 'keep.no' | 'keep.candidates';
}

/**
 * Applies *keep-question* if the mirrored answer to the same question is determined: for directions and menus, for
 * "yes" to a strict comparison of two things, and for one of two candidates. Null for everything else: "no" only says
 * that something is not so, unless `meta.no_tie` excludes a tie, and the leftmost of three is not the rightmost of
 * three. `swapped` is the swap-words rewrite.
 */
function keepQuestion(sample: Sample, swapped: Rewrite): KeptQuestion | null {
  // Reasoning for the old answer does not support the other one.
  const argued = sample.reasoning !== undefined;
  const turned =
    direction(sample, swapped) ??
    (argued ? null : (verdict(sample, swapped) ?? candidates(sample, swapped))) ??
    exchanged(sample, swapped);
  if (!turned) return null;
  const { question, choices } = sample;
  return {
    rule: turned.rule,
    fields: { ...swapped.fields, ...(choices && { choices }), question, answer: turned.answer },
  };
}

type Turned = { answer: string; rule: KeptQuestion['rule'] } | null;

/** Handles "Where is the cup?", "Is the cup left or right of the plate?", and options that include the mirrored one. */
function direction(sample: Sample, { reading, fields }: Rewrite): Turned {
  const { changes } = reading.sides.question!;
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
  const index = letter ? indexOfLetter(letter) : sample.choices.indexOf(sample.answer);
  const partner = sample.choices.indexOf(fields.choices?.[index] ?? '');
  if (partner < 0 || partner === index) return null;
  const moved = letter && sample.answer.replace(letter, letterOf(partner));
  return { answer: moved ?? sample.choices[partner]!, rule: 'keep.direction' };
}

const SIDE = '{ { further|farther|more? to|on the left|right hand? side? } / left|right }';
/**
 * Requires the side to be the whole predicate. "Is the cup to the left of the plate red?" asks for a colour; these
 * forms, with one noun after *the*, a viewer's perspective or a verb of place, exclude that.
 */
const STRICT = new Phrases(
  `^^ @is|are the _ ~ ~ ${SIDE} of the _ ? $$`,
  `^^ @is|are the _ ~ ~ ${SIDE} of the _ ~ ~ from the viewer perspective ? $$`,
  `^^ @is|are the _ ~ ~ located|positioned|placed|situated ${SIDE} of the _ ~ ~ ? $$`,
);
const NOT_STRICT = new Phrases('not|any|some|all|only|either|neither|both|and|or|that|which|who|left|right');
const RESERVED = new Phrases('not|but', '<negated>');

function verdict({ answer, meta }: Sample, { reading: { row, sides: texts }, fields }: Rewrite): Turned {
  if (NOT_STRICT.all(row.question.words).length !== 1 || !STRICT.in(row.question.words)) return null;
  const match = (meta?.no_tie === true ? /^(yes|no)(\W*$|, )/i : /^(yes)(\W*$|, )/i).exec(answer);
  if (!match || RESERVED.in(row.answer.words)) return null;
  const rest = match[2] === ', ';
  if (rest && texts.answer!.changes.length === 0) return null;
  const head = match[1]!;
  return {
    answer: oppositeHead(head) + fields.answer.slice(head.length),
    rule: /^y/i.test(head) ? 'keep.yes' : 'keep.no',
  };
}

/** In the mirror, A is left of B where B is left of A in the picture: the answer is that with the names exchanged. */
function exchanged(sample: Sample, { reading: { sides: texts } }: Rewrite): Turned {
  const { rules, answer } = exchangeNames(sample);
  if (rules[0] !== 'exchange.strict' || texts.question!.changes.length !== 1) return null;
  return { answer, rule: verdictOf(answer)!.value ? 'keep.no' : 'keep.yes' };
}

const TWO = new Phrases(
  '^^ @which|who|what { object|one|item|thing|person|animal / of these|them / of the two }? is|appears|sits|stands|lies located|positioned|placed? further|farther|more? { to|on? the }? left|right|leftmost|rightmost most? side? { in the image|picture|photo }? ,|:',
);

/** Returns the two names that end a question, after the word at `from`: "…, the cup or the plate?". */
function twoNames({ text, words }: Text, from: number): [string, string] | null {
  const or = words.findIndex(({ lower }, i) => i > from && lower === 'or');
  const first = words.slice(from, words[or - 1]?.text === ',' ? or - 1 : or);
  const second = words.slice(or + 1, -1);
  const plain = (name: readonly Token[]) =>
    name.length > 0 && name.every(({ kind, lower }) => kind !== 'mark' && lower !== 'or');
  if (or < 0 || words.at(-1)!.text !== '?' || !plain(first) || !plain(second)) return null;
  const said = (name: readonly Token[]) => text.slice(name[0]!.start, name.at(-1)!.end);
  return [said(first), said(second)];
}

function candidates({ answer, choices }: Sample, { reading: { row, sides: texts } }: Rewrite): Turned {
  const match = TWO.find(row.question.words);
  const names = match && twoNames(row.question, match.end);
  if (!names || choices || texts.question!.changes.length !== 1 || texts.answer!.changes.length > 0)
    return null;
  const at = names.findIndex((name) => nameKey(name) === nameKey(answer));
  if (at < 0 || nameKey(names[0]) === nameKey(names[1])) return null;
  const other = names[1 - at]!;
  const start = /^\p{Lu}/u.test(answer) ? other[0]!.toUpperCase() + other.slice(1) : other;
  const article = /^(?:the|an?)\s/i.test(answer) ? start : start.replace(/^(?:the|an?)\s+/i, '');
  return { answer: article + (/[.!]$/.exec(answer)?.[0] ?? ''), rule: 'keep.candidates' };
}
