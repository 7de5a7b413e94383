/** What no field of a row expects. */
export const JUNK: readonly unknown[] = [
  5,
  -1e308,
  'x',
  '',
  true,
  null,
  [],
  [null],
  [[1]],
  {},
  { a: [{ b: null }] },
  { toString: 1, constructor: 2 },
];

type Path = readonly (string | number)[];

/** The place of every field and entry of a value. */
export function placesIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([key, one]) => placesIn(one, [...path, key]));
  return path.length > 0 ? [path, ...inner] : inner;
}

/** A copy of a value with what is at a place replaced. */
export function replaced(value: unknown, [key, ...path]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
    string,
    unknown
  >;
  copy[key] = replaced(copy[key], path, by);
  return copy;
}
