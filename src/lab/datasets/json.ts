import type { Problem } from '../../core/problem.ts';
import { isTooDeep, TOO_DEEP } from '../../core/record.ts';

export type JsonResult = { value: unknown; problem?: Problem } | { value?: undefined; problem: Problem };

/** Matches strings too, so that a NaN inside one is left alone. */
const NUMBERS_OF_PYTHON = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g;

/**
 * Decodes one JSON text. NaN and Infinity, which Python writes although they are not JSON, are reported with their
 * place. `value` is absent if the text cannot be used; a replaced byte (not UTF-8) is a warning beside the value.
 */
export function parseJson(text: string): JsonResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: nanProblem(text) ?? jsonError((error as Error).message) };
  }
  if (isTooDeep(value)) return { problem: tooDeep };
  return text.includes('\uFFFD') ? { value, problem: NOT_UTF8 } : { value };
}

export const NOT_UTF8: Problem = {
  severity: 'warning',
  code: 'utf8',
  message: 'Holds \uFFFD: bytes that are not UTF-8, here or where the text came from.',
  fix: 'Save the source as UTF-8.',
};

const tooDeep: Problem = {
  severity: 'error',
  code: 'nesting',
  message: `It is ${TOO_DEEP}.`,
};

const jsonError = (message: string): Problem => ({
  severity: 'error',
  code: 'json',
  message: `Not valid JSON: ${message}`,
});

function nanProblem(text: string): Problem | null {
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
  const path = pathOf(value, mark);
  const fix =
    'Write null or leave the field out; json.dumps(…, allow_nan=False) finds such values in Python.';
  const problem: Problem = { severity: 'error', code: 'nan', message: `${tokens[0]} is not JSON.`, fix };
  return path ? { ...problem, path } : problem;
}

/** The first place of a value, as a dotted path such as `boxes[0][2]`. */
function pathOf(value: unknown, wanted: string): string | null {
  if (value === wanted) return '';
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const rest = pathOf(inner, wanted);
    if (rest === null) continue;
    if (Array.isArray(value)) return `[${key}]${rest}`;
    return key + (rest === '' || rest.startsWith('[') ? rest : `.${rest}`);
  }
  return null;
}
