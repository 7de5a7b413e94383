import { isTooDeep } from '../../base/record.ts';
import { parseSample } from '../../rows/sample/parse-sample.ts';
import { judgedOf } from '../../rows/sample/judged.ts';
import type { Sample, Variant } from '../../rows/sample/sample.ts';
import { POLARITY, VARIANT_NAMES, type VariantName } from '../../rows/view-list.ts';
import { mirrorSample } from '../../rows/views/mirror/mirror-sample.ts';
import { flipPolarity } from '../../rows/views/polarity/flip.ts';
import { checkVariant } from '../../rows/views/view.ts';
import { setInJson, type FieldChange } from './edit-json.ts';

/** Placeholder for a missing question or answer. */
const BLANK = '…';

/** A row that lacks its question or answer. */
export interface UnwrittenRow {
  /** Row with a placeholder for a missing question or answer. */
  sample: Sample;
  /** Question and answer as in the file: empty, or white space while the user is typing. */
  texts: Pick<Sample, 'question' | 'answer'>;
}

/**
 * Sets values in the text of a row, and recreates its variants by the rules.
 * @param text one line of JSON
 * @param row number of the row, from 0
 * @param id id of the row, to detect that another row now has its number
 * @throws Error if the id differs, or a path does not exist
 */
export function editRow(text: string, row: number, id: string, changes: readonly FieldChange[]): string {
  if (idOf(text) !== id)
    throw new Error(`Row ${row + 1} changed while you were editing it. Reload the row and try again.`);
  const edited = changes.reduce((now, { path, value }) => setInJson(now, path, value), text);
  return followRules(text, acceptingEdited(text, edited));
}

/** Returns the edited row, with the old answer replaced by the new one in its list of accepted answers. */
function acceptingEdited(before: string, text: string): string {
  const [old, row] = [jsonOf(before), jsonOf(text)] as Partial<Sample>[];
  if (!Array.isArray(row?.answers) || row.answer === undefined || row.answer === old?.answer) return text;
  const answers = row.answers.map((answer) => (answer === old?.answer ? row.answer : answer));
  return answers.some((answer, i) => answer !== row.answers![i])
    ? setInJson(text, ['answers'], answers)
    : text;
}

/** Returns a copy of a row with a new id, without variants. A row without id uses the row number, from 0. */
export function copyOf(text: string, row: number): string {
  const copy = setInJson(text, ['id'], `${idOf(text) ?? row + 1}-copy`);
  return setInJson(copy, ['variants'], undefined);
}

/** Returns the id of a row, even if the row is incomplete. */
export const idOf = (text: string): string | undefined => unwritten(jsonOf(text))?.sample.id;

/** Returns the texts of a possibly incomplete row; null if the value is not a row. */
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
 * Updates the variants of an edited row. Recreates the variants by the rules, and runs the checks of all other variants
 * again. A decision retains the text that it was made on, so that the decision counts again if that text returns.
 */
function followRules(before: string, text: string): string {
  const { sample } = parseSample(jsonOf(text));
  if (!sample) return text;
  const { variants = {}, ...original } = sample;
  const old = parseSample(jsonOf(before)).sample;
  let followed = text;
  for (const view of VARIANT_NAMES) {
    const stored: Variant | undefined = variants[view];
    if (!stored) continue;
    const made = stored.route === 'rules' ? byRules(original, view, stored) : stored;
    const isOther = old !== null && judgedOf(old, stored).hash !== judgedOf(sample, stored).hash;
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

/** Adds the row's text before its first edit to another program's decision that lacks this text. */
function withJudged(review: Variant['review'], before: Sample | null, view: VariantName): Variant['review'] {
  const variant: Variant | undefined = before?.variants?.[view];
  if (!before || !variant || !review || review.judged) return review;
  return JSON.stringify(variant.review) === JSON.stringify(review)
    ? { ...review, judged: judgedOf(before, variant) }
    : review;
}

/** Parses a line of JSON; null if the line is not valid JSON. */
function jsonOf(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isTooDeep(value) ? null : value;
  } catch {
    return null;
  }
}
