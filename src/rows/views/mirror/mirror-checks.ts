import type { CheckResult, RewrittenFields, Sample, Variant } from '../../sample/sample.ts';
import { splitFormat, toPixels } from '../../sample/boxes.ts';
import { checkAnswer } from '../../scene-graph/check-answer.ts';
import {
  comesBack,
  keepsOption,
  NOT_AS_BARE,
  saysInside,
  textFields,
  withBareAnswer,
  withoutReasoning,
} from '../view-variant.ts';
import { turnGeometry, turnPlaces } from '../map-places.ts';
import { MIRROR } from '../../view-list.ts';
import { applyEdits, type Edit, type Note, tokenise } from '../../read/tokens.ts';
import { imageSize } from '../../read/coordinates.ts';
import { Reading, readingOf, type ReadText } from '../../read/reading.ts';
import { swapWord } from '../../read/side-words.ts';

export interface Rewrite {
  reading: Reading;
  /** Fields of the row that a mirror can change. Each field is mirrored if the rules are certain. */
  fields: RewrittenFields;
  notes: Note[];
}

/** Applies every rule to a row under *swap-words*: question and answer change, but yes/no and letters do not. */
export function rewriteSample(sample: Sample): Rewrite {
  const reading = readingOf(sample);
  const geometry = turnGeometry(sample, MIRROR);
  const fields = { ...textFields(sample, reading.sides), ...geometry.fields };
  if (JSON.stringify(fields.meta) === JSON.stringify(sample.meta)) delete fields.meta;
  const notes = [...reading.doubts(), ...geometry.notes];
  return {
    reading,
    fields,
    notes: notes.length > 0 ? notes : [...reading.seen, ...notAsBare(sample, fields)],
  };
}

/** Returns a mirror with another author's texts and the rules' boxes, points, masks and graph. Also checks the mirror. */
export function proposedMirror(
  sample: Sample,
  { question, answer, reasoning, choices }: Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>,
): { fields: RewrittenFields; checks: Checks } {
  const rules = rewriteSample(sample);
  const fields: RewrittenFields = {
    ...rules.fields,
    question,
    answer,
    ...(reasoning !== undefined && { reasoning }),
    ...(choices && { choices }),
  };
  return { fields, checks: checkMirror(sample, fields, rules) };
}

/** Returns notes on the row with its answer without markup, or a note that this answer would change differently. */
function notAsBare(sample: Sample, { answer }: RewrittenFields): Note[] {
  const bare = withBareAnswer(sample);
  if (!bare) return [];
  const { fields, notes } = rewriteSample(bare);
  return notes.length > 0 || saysInside(answer, fields.answer)
    ? notes
    : [{ level: 'llm', rule: 'answer.wrapped', message: NOT_AS_BARE }];
}

export type Checks = Record<string, CheckResult>;

const YES_NO = /^\W*(yes|yeah|yep|no|nope|not|true|false|correct|incorrect|indeed)\b/i;
const FLIP_WORDS = /\b(?:flip\w*|mirror(?:ed|ing)?|horizontally|original (?:image|picture|photo))\b/i;
/** Returns a text with only one spelling for the opposite of clockwise, so that a swap changes one word. */
const counterclockwise = (text: string) =>
  text.replace(/(?:counter|anti|contra)[-\s]?clockwise/gi, 'counterclockwise');

type Texts = Reading['sides'];

/**
 * Checks a proposed mirror of a row by any author. Fields that the proposal lacks count as unchanged. Checks that do
 * not apply are missing from the result. After `fail` and `undecidable`, a reviewer should check the proposal (R46: a
 * language model that changes anything but chirality may have "corrected" a true label).
 */
export function checkMirror(
  row: Sample,
  proposal: Partial<RewrittenFields> & Pick<Variant, 'reasoning_dropped'>,
  written?: Rewrite,
): Checks {
  const sample = proposal.reasoning_dropped === undefined ? row : withoutReasoning(row);
  const rules = written ?? rewriteSample(sample);
  const mirrored = { ...sample, ...proposal };
  const back = rules.reading.isOf(mirrored) ? rules.reading : new Reading(mirrored, rules.reading.row);
  const [before, after] = [rules.reading.sides, back.sides];
  const mentions = (texts: Texts) => Object.values(texts).some(({ source }) => FLIP_WORDS.test(source));
  const [was, is] = [sample, mirrored].map(({ answer }) => YES_NO.exec(answer)?.[1]?.toLowerCase());
  return {
    ...wordChecks(before, after),
    double_flip: doubleFlip(sample, mirrored, proposal, rules, back),
    // Under swap-words, a "yes" remains "yes", and a "no" remains "no".
    ...(was && { yes_no_kept: result(was === is) }),
    ...(sample.choices && { options_kept: result(keepsOption(sample, mirrored)) }),
    ...boxesInside(sample, proposal),
    ...graphAgrees(mirrored, rules, back),
    no_flip_mention: result(!mentions(after) || mentions(before)),
  };
}

const result = (ok: boolean): CheckResult => (ok ? 'pass' : 'fail');

/**
 * Checks words and numbers. `pair_words_only`: every changed word is replaced by its partner, every changed number by
 * the number that the rules compute. `sides_swapped`: words that are certainly sides have changed, and words that are
 * certainly not sides are unchanged. Undecidable if a word with a known partner ("rt") is unchanged. `side_changed`
 * (only if there can be a side): some text has changed. Undecidable if no side is certain. `language_read`, for texts
 * that are not in English: undecidable, because no check would detect that question and answer no longer match.
 */
function wordChecks(before: Texts, after: Texts): Checks {
  const isWhole = Object.keys(before).join() === Object.keys(after).join();
  const reads = Object.values(before);
  const notes = reads.flatMap((read) => read.notes);
  const sure = reads.some((read) => read.changes.length > 0);
  const handedOn = notes.some(({ level }) => level === 'llm');
  // If a side is certain, `sides_swapped` already fails if the side is unchanged.
  const sided =
    (handedOn && !sure) ||
    reads.some((read) => read.changes.length + read.notes.length > 0 && /left|right/i.test(read.source));
  const compared = Object.entries(before).map(([name, read]) => compareWords(read, after[name]?.source));
  const changed = compared.some((c) => c.changed);
  return {
    pair_words_only: result(isWhole && compared.every((c) => c.pairs)),
    sides_swapped: compared.some((c) => !c.swapped)
      ? 'fail'
      : compared.some((c) => c.left)
        ? 'undecidable'
        : 'pass',
    ...(sided && { side_changed: changed ? 'pass' : sure ? 'fail' : 'undecidable' }),
    ...(notes.some(({ rule }) => rule === 'language') && { language_read: 'undecidable' }),
  };
}

interface Compared {
  changed: boolean;
  /** Results of the checks `pair_words_only` and `sides_swapped` for one text. */
  pairs: boolean;
  swapped: boolean;
  /** Whether the proposal leaves an uncertain word unchanged that the rules could swap. */
  left: boolean;
}

/** Compares the words of a text with the words of its proposed mirror and of the rules' mirror. */
function compareWords(read: ReadText, proposed = read.source): Compared {
  const text = read.source;
  const doubted = applyEdits(text, turnedDoubts(text, read.notes));
  if (proposed === text)
    return { changed: false, pairs: true, swapped: read.changes.length === 0, left: doubted !== text };
  const words = (t: string) => tokenise(counterclockwise(t)).map((token) => token.text);
  const [old, now] = [words(text), words(proposed)];
  const compared: Compared = { changed: true, pairs: old.length === now.length, swapped: true, left: false };
  if (!compared.pairs) return compared;
  const ruled = read.text === proposed ? now : words(read.text);
  const turned = doubted === text ? old : words(doubted);
  const ambiguous = read.notes.some((n) => n.rule.startsWith('ambiguous'));
  old.forEach((was, i) => {
    const [is, rule] = [now[i]!, ruled[i]];
    const partner = turned[i] !== was ? turned[i] : undefined;
    // `swapWord` returns a word without a partner unchanged. Because `is` differs from `was`, this result cannot match.
    if (is !== was && is !== rule && is !== partner && is !== swapWord(was)) compared.pairs = false;
    if (partner !== undefined) compared.left ||= is === was;
    else if (rule === was ? !ambiguous && is !== was : is === was) compared.swapped = false;
  });
  return compared;
}

/** Returns the edits that swap a text's uncertain words as if they were sides: "2nd from rt" → "2nd from lt". */
const turnedDoubts = (text: string, notes: readonly Note[]): Edit[] =>
  notes.flatMap(({ rule, start, end, to }) =>
    to === undefined ? [] : { start: start!, end: end!, from: text.slice(start, end), to, rule },
  );

/** Tests whether the rules transform the proposal back into the original. Undecidable for an unreadable proposal. */
function doubleFlip(
  sample: Sample,
  mirrored: Sample,
  proposal: Partial<RewrittenFields>,
  { reading }: Rewrite,
  back: Reading,
): CheckResult {
  const undo = () => {
    const texts = Object.fromEntries(
      Object.entries(back.sides).map(([name, read]) => {
        // If the rules were not certain about the original, the author of the proposal has decided the side.
        const side = reading.sides[name];
        const decided = side?.notes.some(({ to }) => to !== undefined);
        const doubts = decided ? turnedDoubts(read.source, read.notes) : [];
        const text = applyEdits(read.source, [...read.changes, ...doubts]);
        return [name, { text: read.text === side?.source ? read.text : text }];
      }),
    );
    const { fields } = turnPlaces(mirrored, MIRROR);
    const places = (['boxes', 'points', 'masks'] as const).map((key) => [
      key,
      proposal[key] === undefined ? sample[key] : fields[key],
    ]);
    return { ...sample, ...textFields(mirrored, texts), ...Object.fromEntries(places) } as Sample;
  };
  if (comesBack({ row: sample, seen: mirrored, undo })) return 'pass';
  return Object.values(back.sides).some((t) => t.notes.length > 0) ? 'undecidable' : 'fail';
}

/** Checks that the new answer is true according to the mirrored graph, if a graph decides the question. */
export function graphAgrees(
  mirrored: Sample,
  { reading, fields }: Rewrite,
  back = readingOf(mirrored),
): Checks {
  const { question, answer, choices } = mirrored;
  const { scene_graph: graph, meta = reading.sample.meta } = fields;
  if (!graph) return {};
  const { verdict } = checkAnswer(question, answer, choices, graph, meta, back);
  return verdict === 'not_decidable' ? {} : { graph_agrees: result(verdict === 'consistent') };
}

function boxesInside(sample: Sample, proposal: Partial<RewrittenFields>): Checks {
  const { boxes, box_format: format } = sample;
  const size = imageSize(sample) ?? { w: 1, h: 1 };
  if (!boxes?.length || !proposal.boxes || !format || !splitFormat(format)) return {};
  if (format.endsWith('px') && !imageSize(sample)) return {};
  const inside = (box: readonly number[]) => {
    const [x1, , x2] = toPixels(box, format, size);
    return x1 >= -1e-9 * size.w && x2 <= size.w * (1 + 1e-9);
  };
  const wrong =
    proposal.boxes.length !== boxes.length ||
    boxes.some((box, i) => inside(box) && !inside(proposal.boxes![i]!));
  return { boxes_inside: wrong ? 'fail' : 'pass' };
}
