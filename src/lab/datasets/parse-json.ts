import type { Problem } from '../../base/problem.ts';
import { carryNumbers } from './exact-numbers.ts';
import { isTooDeep, TOO_DEEP } from '../../base/record.ts';

export type JsonResult = { value: unknown; problem?: Problem } | { value?: undefined; problem: Problem };

/**
 * Also matches strings, so that NaN inside a string is ignored. An unclosed string matches to the end of the text, so
 * that the search does not restart at every quote.
 */
const NUMBERS_OF_PYTHON = /"(?:[^"\\]|\\.)*(?:"|$)|-?Infinity|NaN/g;

/**
 * Decodes one JSON text. NaN and Infinity, which Python writes, are reported with their path. `value` is absent if the
 * text is invalid. A byte that is not UTF-8 is replaced and causes a warning, but the value is present.
 */
export function parseJson(text: string): JsonResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: nanProblem(text) ?? jsonError((error as Error).message) };
  }
  if (isTooDeep(value)) return { problem: tooDeep };
  carryNumbers(text, value);
  const rounded = MANY_DIGITS.test(text) ? pathOf(value, isRounded) : null;
  if (rounded !== null) return { value, problem: { ...ROUNDED, ...(rounded && { path: rounded }) } };
  return text.includes('\uFFFD') ? { value, problem: NOT_UTF8 } : { value };
}

/** Whether the first line of a text begins a JSON object or list that later lines continue. */
export const beginsOverLines = (line: string): boolean =>
  /^\s*[{[]/.test(line) && !/\}\s*$/.test(line) && parseJson(line).value === undefined;

/** Excludes digits of a fraction, such as in 0.1 + 0.2. The lookbehind is last because that order is faster. */
const MANY_DIGITS = /\d{16}(?<![\d.]\d{16})/;

/** Whether a whole number is beyond JavaScript's safe integers. Numbers from 1e21 are written with an exponent. */
const isRounded = (value: unknown): boolean =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value as number) < 1e21;

const ROUNDED: Problem = {
  severity: 'warning',
  code: 'rounded',
  message: 'A whole number beyond 2^53 is rounded in filters and scores. Files keep the exact number.',
  fix: 'Write the number as text, in quotes.',
};

export const NOT_UTF8: Problem = {
  severity: 'warning',
  code: 'utf8',
  message: 'Contains \uFFFD, a replacement for bytes that are not UTF-8.',
  fix: 'Save the source file as UTF-8.',
};

const tooDeep: Problem = {
  severity: 'error',
  code: 'nesting',
  message: `The value is ${TOO_DEEP}.`,
};

const jsonError = (message: string): Problem => ({
  severity: 'error',
  code: 'json',
  message: `Not valid JSON: ${message}`,
});

function nanProblem(text: string): Problem | null {
  if (!/NaN|Infinity/.test(text)) return null;
  const tokens: string[] = [];
  const mark = '\u0000not a number';
  const replaced = text.replace(NUMBERS_OF_PYTHON, (token) => {
    if (token.startsWith('"')) return token;
    tokens.push(token);
    return JSON.stringify(mark);
  });
  if (tokens.length === 0) return null;
  let value: unknown;
  try {
    value = JSON.parse(replaced);
  } catch {
    return null;
  }
  if (isTooDeep(value)) return tooDeep;
  const path = pathOf(value, (inner) => inner === mark);
  const fix = 'Write null or remove the field. In Python, json.dumps(…, allow_nan=False) finds these values.';
  const problem: Problem = {
    severity: 'error',
    code: 'nan',
    message: `${tokens[0]} is not valid JSON.`,
    fix,
  };
  return path ? { ...problem, path } : problem;
}

/** Returns the path of the first value that `wanted` accepts, such as `boxes[0][2]`. */
function pathOf(value: unknown, wanted: (value: unknown) => boolean): string | null {
  if (wanted(value)) return '';
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const rest = pathOf(inner, wanted);
    if (rest === null) continue;
    if (Array.isArray(value)) return `[${key}]${rest}`;
    return key + (rest === '' || rest.startsWith('[') ? rest : `.${rest}`);
  }
  return null;
}
