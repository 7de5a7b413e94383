import { isRecord } from '../../base/json.ts';

export type Repair = (code: string, path: string, message: string) => void;

/** Readers for objects and relations. Each reader returns undefined for an unreadable value. */

/** Reads a number from `2.5`, `"2.5"`, `"2.5 m"` or `"about 2.5m"`. */
export function readNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const match =
    /^\s*(?:about|approximately|~|≈)?\s*([+-]?\d+(?:\.\d+)?)\s*(?:m|met(?:er|re)s?|px|pixels?)?\s*$/i.exec(
      value,
    );
  return match ? Number(match[1]) : undefined;
}

/** Reads a list of exactly `length` numbers, each as `readNumber` does. Undefined for other values. */
export function readNumbers(value: unknown, length: number): number[] | undefined {
  const list: unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (list?.length !== length) return undefined;
  const numbers = list.map(readNumber);
  return numbers.every((n) => n !== undefined) ? numbers : undefined;
}

/** Reads a value as a name: a string, a number, or the first of a list of strings. */
export function readName(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() || undefined;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'string'
    ? readName(value[0])
    : undefined;
}

/**
 * Removes and returns the value of the first field in `names` that has a usable value. Records a repair if this field
 * is not the first name.
 */
export function takeField(
  record: Record<string, unknown>,
  names: readonly string[],
  path: string,
  repair: Repair,
  usable: (value: unknown) => boolean = (value) => readName(value) !== undefined,
): unknown {
  const name = names.find((key) => usable(record[key]));
  if (name === undefined) return undefined;
  const value = record[name];
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete record[name];
  if (name !== names[0]) repair('renamed', `${path}.${name}`, `"${name}" was read as "${names[0]}".`);
  return value;
}

/**
 * Replaces `record[key]` with the result of `read`. Moves an unusable value to `<key>_raw`, so that no output of a
 * model is lost.
 */
export function replaceField(
  record: Record<string, unknown>,
  key: string,
  path: string,
  repair: Repair,
  read: (value: unknown) => unknown,
): void {
  const value = record[key];
  if (value === undefined) return;
  const field = path === '' ? key : `${path}.${key}`;
  const tidied = value === null ? undefined : read(value);
  if (tidied !== undefined) {
    if (JSON.stringify(tidied) !== JSON.stringify(value))
      repair('converted', field, `"${key}" was normalised.`);
    record[key] = tidied;
    return;
  }
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete record[key];
  if (value === null) {
    repair('null', field, `"${key}" is null and was ignored.`);
    return;
  }
  let aside = `${key}_raw`;
  while (record[aside] !== undefined) aside += '_raw';
  record[aside] = value;
  repair('unreadable', field, `"${key}" cannot be read.`);
}

export const oneOf =
  <T>(...allowed: readonly T[]) =>
  (value: unknown): T | undefined =>
    allowed.find((item) => item === value);

/** Reads attributes from a list, a map or a sentence: `"red, round and shiny"` → three attributes. */
export function readAttributes(value: unknown): Record<string, string> | string[] | undefined {
  if (typeof value === 'string') {
    return value
      .split(/\s*(?:[,;]|\band\b)\s*/)
      .map((part) => part.trim())
      .filter(Boolean);
  }
  if (Array.isArray(value)) return (value as unknown[]).flatMap(attributeTexts);
  if (!isRecord(value)) return undefined;
  const entries = Object.entries(value).filter(([, v]) => v !== null && v !== undefined);
  return Object.fromEntries(entries.map(([name, v]) => [name, attributeTexts(v).join(', ')]));
}

function attributeTexts(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  if (Array.isArray(value)) return (value as unknown[]).flatMap(attributeTexts);
  if (!isRecord(value)) return [];
  const [name, content] = [readName(value.name ?? value.attribute), readName(value.value)];
  if (name !== undefined) return [content === undefined ? name : `${name}: ${content}`];
  return Object.entries(value).map(([key, v]) => `${key}: ${attributeTexts(v).join(', ')}`);
}
