import { isTooDeep } from '../../base/record.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import { judgedOf, rowHash } from '../../rows/sample/judged.ts';
import type { Sample, Variant } from '../../rows/sample/sample.ts';
import { POLARITY, VARIANT_NAMES, type VariantName } from '../../rows/view-list.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { flipPolarity } from '../../rows/views/polarity/flip.ts';
import { checkVariant } from '../../rows/views/view.ts';
import { setInJson, type FieldChange } from './edit-json.ts';

/** Replaces a text that is not written yet. */
const BLANK = '…';

/** A row whose question or answer is not written yet. */
export interface UnwrittenRow {
  /** With a placeholder for each text that is not written. */
  sample: Sample;
  /** Those texts as they are: empty, or blanks of a user who is still typing. */
  texts: Pick<Sample, 'question' | 'answer'>;
}

/**
 * Sets values in the text of a row, and makes its variants by the rules again.
 * @param text one line of JSON
 * @param id the row's, in case another row has taken its number `row`, from 0
 * @throws if the id is another one, or a path leads nowhere
 */
export function editRow(text: string, row: number, id: string, changes: readonly FieldChange[]): string {
  if (idOf(text) !== id)
    throw new Error(`Row ${row + 1} changed while you were editing it. Reload the row and try again.`);
  const edited = changes.reduce((now, { path, value }) => setInJson(now, path, value), text);
  return followRules(text, acceptingEdited(text, edited));
}

/** Of a row that lists its accepted answers, an edited answer takes the place of the old one there. */
function acceptingEdited(before: string, text: string): string {
  const [old, row] = [jsonOf(before), jsonOf(text)] as Partial<Sample>[];
  if (!Array.isArray(row?.answers) || row.answer === undefined || row.answer === old?.answer) return text;
  const answers = row.answers.map((answer) => (answer === old?.answer ? row.answer : answer));
  return answers.some((answer, i) => answer !== row.answers![i])
    ? setInJson(text, ['answers'], answers)
    : text;
}

/** A copy with a new id, without its variants. The id is made of the number `row`, from 0, if the row has none. */
export function copyOf(text: string, row: number): string {
  const copy = setInJson(text, ['id'], `${idOf(text) ?? row + 1}-copy`);
  return setInJson(copy, ['variants'], undefined);
}

/** The id of a row, even of one that is unusable. */
export const idOf = (text: string): string | undefined => unwritten(jsonOf(text))?.sample.id;

/** The texts of a row that may lack some; null if the value is not a row at all. */
export function unwritten(value: unknown): UnwrittenRow | null {
  if (typeof value !== 'object' || value === null) return null;
  const { question = '', answer = '' } = value as Partial<Sample>;
  const written = (text: unknown) => (text === null || String(text).trim() === '' ? BLANK : text);
  const { sample } = parseSample({ ...value, question: written(question), answer: written(answer) });
  if (!sample) return null;
  const asWritten = (key: 'question' | 'answer', text: unknown) =>
    sample[key] === BLANK ? String(text ?? '') : sample[key];
  return {
    sample,
    texts: { question: asWritten('question', question), answer: asWritten('answer', answer) },
  };
}

/**
 * Brings the variants up to date with an edited row: what the rules wrote, they write again; what others wrote stays, and
 * its checks run again. A decision keeps what it was made on, so that it counts again when that text is back.
 */
function followRules(before: string, text: string): string {
  const { sample } = parseSample(jsonOf(text));
  if (!sample) return text;
  const { variants = {}, ...original } = sample;
  const old = parseSample(jsonOf(before)).sample;
  const isOther = old !== null && rowHash(old) !== rowHash(sample);
  let followed = text;
  for (const view of VARIANT_NAMES) {
    const stored: Variant | undefined = variants[view];
    if (!stored) continue;
    const made = stored.route === 'rules' ? byRules(original, view, stored) : stored;
    const isDecided = stored.review !== undefined && stored.review.state !== 'pending';
    const review = isDecided ? withJudged(stored.review, old, view) : made.review;
    const checks = made === stored && isOther ? checkVariant(original, view, made) : made.checks;
    const now: Variant = { ...made, checks, ...(review && { review }) };
    if (JSON.stringify(now) !== JSON.stringify(stored))
      followed = setInJson(followed, ['variants', view], now);
  }
  return followed;
}

function byRules(original: Sample, view: VariantName, stored: Variant): Variant {
  if (view === POLARITY) return flipPolarity(original);
  const { strategy } = stored as { strategy?: 'swap-words' | 'keep-question' };
  return mirrorSample(original, strategy ? { strategy } : {});
}

/** A decision that another program wrote may not say what it was made on: that was the row before its first edit. */
function withJudged(review: Variant['review'], before: Sample | null, view: VariantName): Variant['review'] {
  const variant: Variant | undefined = before?.variants?.[view];
  if (!before || !variant || !review || review.judged) return review;
  return JSON.stringify(variant.review) === JSON.stringify(review)
    ? { ...review, judged: judgedOf(before, variant) }
    : review;
}

/** What a line of JSON says; null if that cannot be used. */
function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? null : value;
  } catch {
    return null;
  }
}
