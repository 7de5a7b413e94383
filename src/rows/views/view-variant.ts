import { ranksOf } from '../read/said.ts';
import { nameKey } from '../read/names.ts';
import type { RewrittenFields, Sample, Variant, ViewVariant } from '../sample/sample.ts';
import { type Axes, readingOf } from '../read/reading.ts';
import { choiceIndex, severalChoices } from '../sample/choices.ts';
import { isTrusted } from '../sample/variant.ts';

/** Reason why a row lacks a view. */
export interface Refusal {
  /** `needs_llm` if a language model or a reviewer might write the view, `discard` if the row has no such pair. */
  status: 'needs_llm' | 'discard';
  code: string;
  /** Reason as a sentence for users. */
  reason: string;
}

export const discard = (code: string, reason: string): Refusal => ({ status: 'discard', code, reason });
export const defer = (code: string, reason: string): Refusal => ({ status: 'needs_llm', code, reason });

/** Returns the variant of a row that lacks a view or a part of a view: the row's own texts, and the reason. */
export const refused = (
  { question, answer }: Sample,
  { status, code, reason }: Pick<ViewVariant, 'status' | 'code' | 'reason'>,
): ViewVariant => ({
  status: status === 'discard' ? 'discard' : 'needs_llm',
  question,
  answer,
  route: 'rules',
  rules: [],
  checks: {},
  image_op: 'none',
  ...(code !== undefined && { code }),
  ...(reason !== undefined && { reason }),
});

/** Result of rewriting a row for a view: the rewritten fields of the row, and fields of its variant. */
export interface Rewritten extends Partial<Omit<ViewVariant, keyof RewrittenFields>> {
  fields: Partial<RewrittenFields>;
}

/** Returns a rewrite with new texts for the same image. Boxes and graph are unchanged. */
export const reworded = (rule: string, fields: Partial<RewrittenFields>): Rewritten => ({
  fields,
  rules: [rule],
  anchor: 'none',
});

export function variantOf(sample: Sample, made: Rewritten | Refusal): ViewVariant {
  if (!('fields' in made)) return refused(sample, made);
  const { fields, ...more } = made;
  const seen = { ...sample, ...fields };
  const { question, answer } = seen;
  // For the same image, answers with different names for the same object are equal. A letter is not a name.
  const keyOf = (text: string) => (more.image_op === undefined && nameKey(text)) || text;
  return {
    status: saysSame(sample, seen) ? 'invariant' : 'flipped',
    question,
    answer,
    ...fields,
    route: 'rules',
    rules: [],
    checks: {},
    image_op: 'none',
    ...more,
    effect: keyOf(answer) === keyOf(sample.answer) ? 'stays' : 'changes',
  };
}

/** Returns a row without its reasoning. */
export function withoutReasoning<S extends Pick<Sample, 'reasoning'>>(sample: S): S {
  const rest = { ...sample };
  delete rest.reasoning;
  return rest;
}

/**
 * Rewrites a row, or the row without its reasoning if only the reasoning is in doubt. Without the reasoning, the pair
 * is valid, and `reasoning_dropped` contains the reason. If the view transforms the image, `axes` are the changed axes:
 * then reasoning that reveals the kind of image, such as a map, also makes question and answer doubtful.
 */
export function rewriteOrDrop<V extends ViewVariant>(
  sample: Sample,
  rewrite: (sample: Sample) => V,
  axes?: Axes,
): V {
  const whole = rewrite(sample);
  if (sample.reasoning === undefined || isTrusted(whole)) return whole;
  const alone = withoutReasoning(sample);
  if (axes && !readingOf(sample).doubtsOnlyReasoning(readingOf(alone), axes)) return whole;
  const pair = rewrite(alone);
  return isTrusted(pair)
    ? { ...pair, reasoning_dropped: whole.reason ?? 'The rules cannot rewrite the reasoning.' }
    : whole;
}

/**
 * Rewrites a row with each of its accepted answers. The view accepts all resulting answers, and exists only if all
 * results have the same question.
 * @param rewrite also receives the variant for the row's own answer when it rewrites another accepted answer
 */
export function rewriteEach<V extends Variant>(sample: Sample, rewrite: (row: Sample, whole?: V) => V): V {
  if (!sample.answers) return rewrite(sample);
  const rowWith = (answer: string): Sample => {
    const row = answer === sample.answer ? { ...sample } : { ...withoutReasoning(sample), answer };
    delete row.answers;
    return row;
  };
  const whole = rewrite(rowWith(sample.answer));
  const turned = new Map([[sample.answer, whole.answer]]);
  for (const answer of isTrusted(whole) ? new Set(sample.answers) : []) {
    if (turned.has(answer)) continue;
    const other = rewrite(rowWith(answer), whole);
    if (!isTrusted(other))
      return { ...whole, status: other.status, ...(other.reason !== undefined && { reason: other.reason }) };
    if (other.question !== whole.question) return { ...whole, status: 'needs_llm', reason: NOT_ALIKE };
    turned.set(answer, other.answer);
  }
  if (!isTrusted(whole)) return whole;
  const answers = sample.answers.map((answer) => turned.get(answer)!);
  const isSame = answers.join('\n') === sample.answers.join('\n');
  return { ...whole, ...(whole.status === 'invariant' && !isSame && { status: 'flipped' }), answers };
}
const NOT_ALIKE = 'The accepted answers lead to different questions.';

/** Returns the row with its answer without surrounding markup; null if the answer has no markup. */
export function withBareAnswer(sample: Sample): Sample | null {
  const answer = bareAnswer(sample.answer);
  return answer === null ? null : { ...sample, answer };
}

function bareAnswer(answer: string): string | null {
  const [bare, ...more] = ranksOf(answer)[0] ?? [];
  return bare === undefined || more.length > 0 || bare === answer.trim() ? null : bare;
}

/** Returns whether an answer, without its markup, equals the bare answer. */
export const saysInside = (answer: string, bare: string): boolean => (bareAnswer(answer) ?? answer) === bare;

export const NOT_AS_BARE = 'The text around the answer would change how the answer is rewritten.';

/**
 * Rewrites a row whose answer has markup (`\boxed{left}`) only if the result contains the rewrite of the bare answer:
 * view(w(x)) = w(view(x)).
 */
export function rewriteAsBare(sample: Sample, rewrite: (sample: Sample) => ViewVariant): ViewVariant {
  const whole = rewrite(sample);
  const bare = isTrusted(whole) ? withBareAnswer(sample) : null;
  if (!bare) return whole;
  const alone = rewrite(bare);
  if (!isTrusted(alone)) return refused(sample, alone);
  return saysInside(whole.answer, alone.answer) ? whole : refused(sample, defer('undecided', NOT_AS_BARE));
}

/** Returns the fields of a row from its rewritten texts, which have the keys of `Reading.sides`. */
export const textFields = (
  { choices }: Sample,
  texts: Readonly<Record<string, { text: string }>>,
): RewrittenFields => ({
  question: texts.question!.text,
  answer: texts.answer!.text,
  ...(texts.reasoning && { reasoning: texts.reasoning.text }),
  ...(choices && { choices: choices.map((_, i) => texts[`choices[${i}]`]!.text) }),
});

/** Returns whether the answer of a row in a view is the same option as in the row, by position. */
export const keepsOption = ({ answer, choices = [] }: Sample, seen: Sample): boolean =>
  seen.choices?.length === choices.length &&
  choiceIndex(seen.answer, seen.choices) === choiceIndex(answer, choices) &&
  severalChoices(seen.answer, seen.choices)?.join() === severalChoices(answer, choices)?.join();

export type Texts = Pick<Sample, 'question' | 'answer' | 'reasoning' | 'choices'>;
/** Function that returns the meaning of a text, for comparing texts whose wording can differ. */
type Meaning = (text: string, field: keyof Texts) => string;

/** Returns whether two rows are equal: in their words, or in the meaning of their texts. */
export function saysSame(one: Texts, other: Texts, meaning: Meaning = (text) => text): boolean {
  const meanings = ({ question, answer, reasoning = '', choices = [] }: Texts) => [
    meaning(question, 'question'),
    meaning(answer, 'answer'),
    meaning(reasoning, 'reasoning'),
    ...choices.map((choice) => meaning(choice, 'choices')),
  ];
  return areNear(meanings(one), meanings(other));
}

interface Return {
  /** Row, and (next field) the same row in a view. */
  row: Sample;
  seen: Sample;
  /** Applies the inverse of the view; null if the inverse is not certain. */
  undo: (seen: Sample) => Sample | null;
  /** Applies the view to the restored row, if their words can differ. The result must equal `seen`. */
  redo?: (back: Sample) => Sample | null;
  meaning?: Meaning;
}

/** Returns whether the inverse of a view restores the row. Every rewrite by rules must pass this check. */
export function comesBack({ row, seen, undo, redo, meaning }: Return): boolean {
  const back = undo(seen);
  if (!back || !(['boxes', 'points', 'masks'] as const).every((key) => areNear(back[key], row[key])))
    return false;
  const [one, other] = redo ? [seen, redo(back)] : [row, back];
  return other !== null && saysSame(one, other, meaning);
}

/** Returns whether two values are equal, except for the last digits of a double. */
function areNear(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((v, i) => areNear(v, b[i]));
  return JSON.stringify(a) === JSON.stringify(b);
}
