import { isRecord } from '../json.ts';
import type { PersonDecision, Variant } from '../sample/sample.ts';
import { VARIANT_NAMES } from '../view-list.ts';
import { decisionsOf, pinned, reviewBy, textsOf } from './decisions.ts';

/** A field that differs between merged files. The first value stands in the row until the conflict is settled. */
export interface RowConflict {
  path: string[];
  values: { from: string; value?: unknown }[];
}

type Fields = Record<string, unknown>;

/** One file's version of a row. */
interface RowVersion {
  from: string;
  row: Fields;
}

/** Returns the conflicts that a row still has; malformed entries are skipped. */
export function conflictsOf({ conflicts }: Readonly<Record<string, unknown>>): RowConflict[] {
  if (!Array.isArray(conflicts)) return [];
  return (conflicts as unknown[]).filter(
    (one): one is RowConflict =>
      isRecord(one) &&
      Array.isArray(one.path) &&
      one.path.every((step) => typeof step === 'string') &&
      Array.isArray(one.values) &&
      one.values.every((value) => isRecord(value) && typeof value.from === 'string'),
  );
}

/**
 * Merges two versions of a row that were edited separately: takes what only one of them changed since `base`, keeps
 * everybody's decisions, and lists conflicts under `conflicts`. Without a base, every difference except decisions is a
 * conflict.
 */
export function mergeRows(a: RowVersion, b: RowVersion, base: Fields | null): Fields {
  const conflicts: RowConflict[] = [...conflictsOf(a.row)];
  const merge = (
    [one, other, before]: [Fields, Fields, Fields | null],
    path: string[],
    leave: readonly string[],
  ) => {
    const merged: Fields = { ...one };
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const [x, y, z] = [one[key], other[key], before?.[key]];
      if (leave.includes(key) || isEqual(x, y)) continue;
      if (before && isEqual(y, z)) continue;
      if (before && isEqual(x, z)) put(merged, key, y);
      else if (key === 'meta' && isRecord(x) && isRecord(y))
        merged.meta = merge([x, y, before && (isRecord(z) ? z : {})], [...path, key], []);
      else note([...path, key], x, y);
    }
    return merged;
  };
  const note = (path: string[], x: unknown, y: unknown) => {
    const noted = conflicts.find((one) => isEqual(one.path, path));
    if (noted) noted.values.push({ from: b.from, value: y });
    else
      conflicts.push({
        path,
        values: [
          { from: a.from, value: x },
          { from: b.from, value: y },
        ],
      });
  };
  const merged = merge([a.row, b.row, base], [], ['variants', 'conflicts']);
  const [own, others, before] = [a.row, b.row, base ?? {}].map(({ variants }) =>
    isRecord(variants) ? (variants as Record<string, Variant | undefined>) : {},
  ) as [Variants, Variants, Variants];
  const variants: Variants = { ...others, ...own };
  for (const name of VARIANT_NAMES) {
    const [x, y, z] = [own[name], others[name], before[name]];
    if (!x || !y || isEqual(x, y)) continue;
    const path = ['variants', name];
    const reviewed = mergeReviews([x, a.from], [y, b.from], z);
    variants[name] = (
      reviewed
        ? { ...merge([x, y, z ?? null], path, [...WRITTEN, 'review']), ...reviewed }
        : merge([x, y, z ?? null], path, [])
    ) as Variant;
  }
  if (Object.keys(variants).length > 0) merged.variants = variants;
  return { ...merged, ...(conflicts.length > 0 && { conflicts }) };
}

type Variants = Record<string, Variant | undefined>;

/** Fields of a variant that change along with its texts. */
const WRITTEN = ['question', 'answer', 'reasoning', 'choices', 'route', 'checks'] as const;

/** Merges the texts and reviews of a variant that people decided on separately; null if nobody has decided. */
function mergeReviews(
  [a, fromA]: [Variant, string],
  [b, fromB]: [Variant, string],
  base: Variant | undefined,
): Partial<Variant> | null {
  const before = base ? decisionsOf(base) : [];
  const [own, others] = (
    [
      [a, fromA],
      [b, fromB],
    ] as const
  ).map(([variant, from]) => {
    const all = isEqual(textsOf(a), textsOf(b))
      ? decisionsOf(variant)
      : pinned(decisionsOf(variant), variant);
    return all.map((one): PersonDecision => ({ ...one, by: one.by || from }));
  }) as [PersonDecision[], PersonDecision[]];
  if (own.length + others.length === 0) return null;
  const isIn = (list: readonly PersonDecision[]) => (one: PersonDecision) =>
    list.some((other) => isEqual(bare(one), bare(other)));
  // If one file has all decisions of the other, it is the newer one. If both have the same, the one where they are
  // settled counts.
  const [aHolds, bHolds] = [others.every(isIn(own)), own.every(isIn(others))];
  const waits = ({ review }: Variant) => review?.state === 'pending';
  if (aHolds && bHolds && !waits(a) && !waits(b) && a.review!.state !== b.review!.state)
    return { ...writtenOf(a), review: { state: 'pending', decisions: own } };
  const newer = aHolds && !(bHolds && waits(a)) ? a : bHolds ? b : null;
  if (newer) return { ...writtenOf(newer), review: newer.review! };
  const standing = own.length > 0 ? a : b;
  const news = others.flatMap((one): PersonDecision[] => {
    if (isIn(own)(one) || before.some((old) => isEqual(old, one))) return [];
    const sameName = own.find(({ by }) => by === one.by);
    // The same person decided twice: the decision that was already in the base gives way.
    if (sameName && before.some((old) => isEqual(bare(old), bare(sameName))))
      own.splice(own.indexOf(sameName), 1);
    else if (sameName) return [{ ...one, by: `${one.by} (${fromB})` }];
    return [one];
  });
  const all = [...own, ...news].map(({ texts, ...one }) =>
    texts && !isEqual(texts, textsOf(standing)) ? { ...one, texts } : one,
  );
  return { ...writtenOf(standing), review: reviewBy(all, standing)! };
}

/** A decision without its time, so that saving it twice does not make it two. */
const bare = ({ by, state, why, texts }: PersonDecision) => [by, state, why ?? null, texts ?? null];

const writtenOf = (variant: Variant): Partial<Variant> =>
  Object.fromEntries(WRITTEN.flatMap((key) => (variant[key] === undefined ? [] : [[key, variant[key]]])));

function put(row: Fields, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(row, key);
  else row[key] = value;
}

/** Compares values as JSON, ignoring the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => isEqual(one, b[i]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(a[key], b[key]));
}
