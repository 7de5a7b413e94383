import { failedCheck } from '../../../base/labels.ts';
import type { Random } from '../../../base/random.ts';
import type { MirrorVariant, RewrittenFields, Sample, ViewVariant } from '../../sample/sample.ts';
import { isTrusted } from '../../sample/variant.ts';
import { checkMirror, graphAgrees, rewriteSample, type Rewrite } from './mirror-checks.ts';
import { MIRROR_AXES } from '../../read/reading.ts';
import type { Note } from '../../read/tokens.ts';
import { MIRROR } from '../../view-list.ts';
import { contradictionIn } from '../check-row.ts';
import { answerFor, choiceIndex } from '../../sample/choices.ts';
import { oppositeHead, verdictOf } from '../../read/clause.ts';
import { Phrases } from '../../read/patterns.ts';
import { flipPolarity } from '../polarity/flip.ts';
import { reasoningStays } from '../relation-views.ts';
import { inSlots } from '../slots.ts';
import { rewriteEach, rewriteOrDrop, discard, refused } from '../view-variant.ts';

/** Method of mirroring texts. `mix` randomly chooses one of the two methods for each row that allows both. */
export type MirrorOptions =
  { strategy?: 'swap-words' | 'keep-question' } | { strategy: 'mix'; random: Random };

/**
 * Mirrors a row by rules: right or deferred, never wrong. `flipped`: texts changed. `invariant`: texts are unchanged
 * (boxes, points, masks and graph are always mirrored). `needs_llm`: undecided, with a proposal of the certain parts
 * and, if a reviewer must decide, `review.state: pending`. `discard`: no mirror exists. `strategy` in the result is the
 * method that was used.
 */
export const mirrorSample = (sample: Sample, options: MirrorOptions = {}): MirrorVariant =>
  inSlots(sample, MIRROR, (placed) =>
    rewriteEach(placed, (one, whole?: MirrorVariant) =>
      rewriteOrDrop(
        one,
        (row) => mirrorWhole(row, whole ? { strategy: whole.strategy as 'swap-words' } : options),
        MIRROR_AXES,
      ),
    ),
  );

function mirrorWhole(sample: Sample, options: MirrorOptions): MirrorVariant {
  const rewrite = rewriteSample(sample);
  const checks = checkMirror(sample, rewrite.fields, rewrite);
  const failed = Object.keys(checks)
    .filter((name) => checks[name] !== 'pass')
    .map((name): Note => ({
      level: 'llm',
      rule: `check.${name}`,
      message:
        (name === 'graph_agrees' && contradictionIn(sample, MIRROR, { ...sample, ...rewrite.fields })) ||
        failedCheck(name),
    }));
  // If a part is undecided, checks of the unfinished rewrite add no information.
  const notes = rewrite.notes.length > 0 ? rewrite.notes : failed;
  const texts = Object.values(rewrite.reading.sides);
  const status = notes.some((n) => n.level === 'discard')
    ? 'discard'
    : notes.length > 0
      ? 'needs_llm'
      : texts.some((t) => t.changes.length > 0)
        ? 'flipped'
        : 'invariant';
  const kept = status === 'flipped' && wantsQuestion(options) ? keptQuestion(sample, rewrite) : null;
  const { question, choices } = sample;
  const keptFields = kept && { ...(choices && { choices }), question, answer: kept.answer };
  const fields = { ...rewrite.fields, ...keptFields };
  return {
    status,
    ...fields,
    route: 'rules',
    rules: kept ? [kept.rule] : rulesOf(rewrite, notes),
    // Keep-question requires no further check, because its rules apply only if the answer is determined.
    checks: kept ? { answer_determined: 'pass', ...graphAgrees({ ...sample, ...fields }, rewrite) } : checks,
    category: categoryOf(sample, rewrite),
    strategy: kept ? 'keep-question' : 'swap-words',
    ...(notes.length > 0 && { reason: [...new Set(notes.map((n) => n.message))].join(' ') }),
    ...(status === 'needs_llm' &&
      notes.some((n) => n.level === 'review') && { review: { state: 'pending' } }),
  };
}

/**
 * Returns the view `mirror/keep`: the mirrored image with the same question, so that the answer changes. Both views
 * have equal texts, so no model can answer both correctly without the image. Only for rows with a known answer.
 */
export function mirrorKeepingQuestion(sample: Sample): ViewVariant {
  const mirror = mirrorSample(sample, { strategy: 'keep-question' });
  if (mirror.strategy === 'keep-question' && mirror.question === sample.question)
    return { ...mirror, image_op: 'mirror', effect: 'changes', answer_policy: 'keep-question' };
  return isTrusted(mirror) ? refused(sample, NOT_TURNED) : refused(sample, mirror);
}

const NOT_TURNED = discard(
  'not_turned',
  'With the same question, the answer for the mirrored image stays the same or does not follow from the row.',
);

const wantsQuestion = (options: MirrorOptions): boolean =>
  options.strategy === 'mix' ? options.random.chance(0.5) : options.strategy === 'keep-question';

function rulesOf({ reading }: Rewrite, notes: readonly Note[]): string[] {
  const edits = Object.values(reading.sides).flatMap((t) => [...t.changes, ...t.kept]);
  return [...new Set([...edits, ...notes].map((entry) => entry.rule))];
}

const GEOMETRY: readonly (keyof RewrittenFields)[] = ['boxes', 'points', 'masks'];

/** Returns the category of a row in the paper: left and right in the words, boxes, or neither. */
function categoryOf(sample: Sample, { reading }: Rewrite): NonNullable<MirrorVariant['category']> {
  const read = Object.values(reading.sides);
  const rules = read.flatMap((t) => [...t.changes, ...t.notes]).map((entry) => entry.rule);
  if (rules.some((rule) => !rule.startsWith('coordinates'))) return 'left_right';
  // A centred box is also mirrored, although its numbers are unchanged.
  const kept = read.flatMap((t) => t.kept).some((entry) => entry.rule === 'coordinates');
  const boxed = GEOMETRY.some((key) => (sample[key] as unknown[] | undefined)?.length);
  return rules.length > 0 || kept || boxed ? 'box' : 'unaffected';
}

/** Answer that changes in a mirror under *keep-question*, with the rule that determines it. */
type Turned = { answer: string; rule: `keep.${'direction' | 'yes' | 'no' | 'candidates'}` } | null;

/**
 * Applies *keep-question* if the mirrored answer to the same question is determined: for directions and lists of sides,
 * for "yes" to a strict comparison of two objects, and for one of two candidates. Null for all other answers: "no" only
 * excludes one case, unless `meta.no_tie` excludes a tie, and the leftmost of three objects is not the rightmost.
 * `swapped` is the swap-words rewrite.
 */
const keptQuestion = (sample: Sample, swapped: Rewrite): Turned =>
  direction(sample, swapped) ?? opposite(sample, swapped);

/** Answers "Where is the cup?", "Is the cup left or right of the plate?", and options with a mirrored option. */
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
  const index = choiceIndex(sample.answer, sample.choices);
  const partner = index === null ? -1 : sample.choices.indexOf(fields.choices![index]!);
  if (index === null || partner < 0 || partner === index) return null;
  return { answer: answerFor(sample.answer, index, partner, sample.choices)!, rule: 'keep.direction' };
}

const RESERVED = new Phrases('not|but', '<negated>');

/** Answers questions whose mirror equals the original if the mirror's predicate is replaced by its opposite. */
function opposite(sample: Sample, { reading, fields }: Rewrite): Turned {
  const { question, choices, reasoning } = sample;
  const flip = flipPolarity({ ...sample, ...fields });
  const options = flip.choices ?? fields.choices;
  if (flip.status !== 'flipped' || flip.question !== question || options?.join('\n') !== choices?.join('\n'))
    return null;
  const verdict = verdictOf(fields.answer);
  if (!verdict) return reasoning === undefined ? { answer: flip.answer, rule: 'keep.candidates' } : null;
  if (!reasoningStays(reasoning)) return null;
  // Sides in the remaining words of the answer are sides of the mirror.
  const adds =
    reading.sides.answer!.changes.length > 0 &&
    !RESERVED.in(reading.row.answer.words) &&
    !verdictOf(verdict.explanation);
  return {
    answer: adds ? `${oppositeHead(verdict.head)}${verdict.joint}${verdict.explanation}` : flip.answer,
    rule: verdict.value ? 'keep.yes' : 'keep.no',
  };
}
