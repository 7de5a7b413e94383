import { MIRROR } from '../../rows/view-list.ts';
import { checkVariant } from '../../rows/views/view.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { findJson } from '../../base/find-json.ts';
import { isRecord } from '../../base/json.ts';
import type { ScoreInput } from './score.ts';

/** Question and answer of a row as rewritten by a model for the mirrored image. */
export interface FlippedPair {
  question: string;
  answer: string;
  /** Rewritten reasoning for the answer, present if the model's input had a reasoning text. */
  reasoning?: string;
  choices?: string[];
}

/**
 * Reads the rewritten pair from a model's text: a complete JSON object (bare, fenced, or within text) with question and
 * answer, also under names like "rewritten_question" or inside a wrapper object. Null if the text has no such object.
 */
export function readFlip(text: string): FlippedPair | null {
  const found = findJson(text, { accept: (value) => pairIn(value) !== null, mend: true });
  if (!found || found.repairs.some(({ code }) => code === 'json-cut')) return null;
  return pairIn(found.value);
}

function pairIn(value: unknown): FlippedPair | null {
  if (!isRecord(value)) return null;
  const question = textUnder(value, 'question');
  const answer = textUnder(value, 'answer');
  if (question && answer) {
    const reasoning = textUnder(value, 'reasoning');
    const { choices } = value;
    return { question, answer, ...(reasoning && { reasoning }), ...(isTextList(choices) && { choices }) };
  }
  for (const inner of Object.values(value)) {
    const pair = isRecord(inner) ? pairIn(inner) : null;
    if (pair) return pair;
  }
  return null;
}

const isTextList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === 'string');

/** Returns the text under `name`, or the first key that ends in it, such as "flipped_question", not "original_…". */
function textUnder(value: Record<string, unknown>, name: string): string | null {
  const plain = (key: string) => key.toLowerCase().replace(/[^a-z]/g, '');
  const keys = Object.keys(value).filter(
    (key) => plain(key).endsWith(name) && !/^(?:original|old|input)/i.test(key),
  );
  const text = value[keys.find((key) => plain(key) === name) ?? keys[0] ?? name];
  if (typeof text !== 'string')
    return typeof text === 'number' || typeof text === 'boolean' ? String(text) : null;
  return text.trim() || null;
}

/** Scores a rewrite: `ok` if the rewrite is a usable pair, `verified` if the pair passes every check of a mirror. */
export function scoreFlip(
  text: string,
  row: ScoreInput,
): { ok: boolean; verified: boolean; problem?: string } {
  const flip = readFlip(text);
  const original = isRecord(row.answer) ? row.answer : row.ground_truth;
  const { original_question: question, original_answer: answer } = isRecord(original) ? original : {};
  if (typeof question !== 'string' || typeof answer !== 'string') {
    return {
      ok: flip !== null,
      verified: false,
      problem: 'The reference lacks original_question or original_answer.',
    };
  }
  const sample: Sample = { id: '', question, answer, images: row.images ?? (row.image ? [row.image] : []) };
  if (row.box_format) sample.box_format = row.box_format;
  const verified =
    flip !== null && Object.values(checkVariant(sample, MIRROR, flip)).every((result) => result === 'pass');
  return { ok: flip !== null, verified };
}
