import type { Problem } from '../../base/problem.ts';
import { isTooDeep, TOO_DEEP } from '../../base/record.ts';

export type JsonResult = { value: unknown; problem?: Problem } | { value?: undefined; problem: Problem };

/**
 * Also matches strings, so that NaN inside a string is ignored. An unclosed string matches to the end of the text, so
 * that the search does not restart at every quote.
 */
const NUMBERS_OF_PYTHON = /"(?:[^"\\]|\\.)*(?:"|$)|-?Infinity|NaN/g;

/**
 * Matches strings, and numbers that JavaScript might not represent: whole numbers of 16 digits or more, and numbers
 * with an exponent of three digits.
 */
const LONG_NUMBERS = /"(?:[^"\\]|\\.)*(?:"|$)|(?<![\d.])-?\d{16,}(?![\d.eE])|-?\d[\d.]*[eE][+-]?\d{3,}/g;
/** Excludes digits of a fraction, such as in 0.1 + 0.2. The lookbehind is last because that order is faster. */
const MAYBE_LONG = /\d{16}(?<![\d.]\d{16})|[eE]\+?\d{3}/;

/** Whether JavaScript writes a whole number with the same digits, or has a finite value for a number with an exponent. */
const isRepresented = (number: string): boolean =>
  /e/i.test(number) ? Number.isFinite(Number(number)) : String(Number(number)) === number;

/**
 * Decodes one JSON text. Numbers that JavaScript cannot represent, such as long ids, become strings. NaN and Infinity, which Python writes, are reported with their path. `value` is absent if the
 * text is invalid. A byte that is not UTF-8 is replaced and causes a warning, but the value is present.
 */
export function parseJson(text: string): JsonResult {
  let value: unknown;
  let long: string | undefined;
  const representable = MAYBE_LONG.test(text)
    ? text.replace(LONG_NUMBERS, (token) => {
        if (token.startsWith('"') || isRepresented(token)) return token;
        long ??= token;
        return `"${token}"`;
      })
    : text;
  try {
    value = JSON.parse(representable);
  } catch (error) {
    return { problem: nanProblem(text) ?? jsonError((error as Error).message) };
  }
  if (isTooDeep(value)) return { problem: tooDeep };
  if (long !== undefined) return { value, problem: longNumber(long) };
  return text.includes('\uFFFD') ? { value, problem: NOT_UTF8 } : { value };
}

/** Whether the first line of a text begins a JSON object or list that later lines continue. */
export const beginsOverLines = (line: string): boolean =>
  /^\s*[{[]/.test(line) && !/\}\s*$/.test(line) && parseJson(line).value === undefined;

const longNumber = (number: string): Problem => ({
  severity: 'warning',
  code: 'long-number',
  message: `The number ${number} has too many digits for a number and is read as text.`,
  fix: 'Write the number as text, in quotes.',
});

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
