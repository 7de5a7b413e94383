import { isRecord } from '../../base/json.ts';
import type { Variant } from '../../rows/sample/sample.ts';
import { decisionsOf, pinned, reviewBy, textsOf, type PersonDecision } from './decisions.ts';

/** A field that differs between merged files. The row has the first file's value until a person settles it. */
export interface RowConflict {
  path: string[];
  values: { from: string; value?: unknown }[];
}

type Fields = Record<string, unknown>;

interface RowVersion {
  from: string;
  row: Fields;
}

/** Returns the unsettled conflicts of a row, without malformed entries. */
export function conflictsOf({ conflicts }: Readonly<Record<string, unknown>>): RowConflict[] {
  if (!Array.isArray(conflicts)) return [];
  return (conflicts as unknown[]).filter(
    (conflict): conflict is RowConflict =>
      isRecord(conflict) &&
      Array.isArray(conflict.path) &&
      conflict.path.every((step) => typeof step === 'string') &&
      Array.isArray(conflict.values) &&
      conflict.values.every((value) => isRecord(value) && typeof value.from === 'string'),
  );
}

/**
 * Merges two versions of a row that were edited separately: applies one-sided changes since `base`, preserves all
 * decisions, and lists conflicts under `conflicts`. Without a base, every difference outside decisions is a conflict.
 */
export function mergeRows(a: RowVersion, b: RowVersion, base: Fields | null): Fields {
  const [own, others, before] = [a.row, b.row, base ?? {}].map(conflictsOf) as [
    Conflicts,
    Conflicts,
    Conflicts,
  ];
  // A conflict in the base that one version lacks was settled in that version.
  const open = (these: Conflicts, those: Conflicts) =>
    these.filter(
      (rowConflict) => those.some(isAt(rowConflict.path)) || !before.some((old) => isEqual(old, rowConflict)),
    );
  const conflicts = open(own, others).map((rowConflict) => ({
    ...rowConflict,
    values: [...rowConflict.values],
  }));
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
      else note([...path, key], { from: a.from, value: x }, { from: b.from, value: y });
    }
    return merged;
  };
  /** Records that two values differ. If a version has a conflict at the path, adds the conflict's values. */
  const note = (path: string[], x: ConflictValue, y: ConflictValue) => {
    const noted = conflicts.find(isAt(path)) ?? { path, values: [x] };
    if (!conflicts.includes(noted)) conflicts.push(noted);
    for (const written of others.find(isAt(path))?.values ?? [y])
      if (!noted.values.some((value) => isEqual(value, written))) noted.values.push(written);
  };
  const mergeVariants = (
    [own, others, before]: [Variants, Variants, Variants],
    path: readonly string[],
  ): Variants => {
    const merged: Variants = { ...others, ...own };
    for (const name of Object.keys(merged)) {
      const [x, y, z] = [own[name], others[name], before[name]];
      const keys = [...path, name];
      // Only one version has the value: the other version removed it, unless it is new or changed since the base.
      if (!x || !y) {
        if (z && isEqual(x ?? y, z)) Reflect.deleteProperty(merged, name);
      } else if (isEqual(x, y)) continue;
      else if (path.length === 1 && name === 'views')
        merged[name] = mergeVariants(
          [x, y, z ?? {}] as unknown as [Variants, Variants, Variants],
          keys,
        ) as unknown as Variant;
      else {
        const reviewed = mergeReviews([x, a.from], [y, b.from], z);
        merged[name] = (
          reviewed
            ? { ...merge([x, y, z ?? null], keys, [...WRITTEN, 'review']), ...reviewed }
            : merge([x, y, z ?? null], keys, [])
        ) as Variant;
      }
    }
    return merged;
  };
  const merged = merge([a.row, b.row, base], [], ['variants', 'conflicts']);
  put(merged, 'conflicts', undefined);
  const variants = mergeVariants(
    [a.row, b.row, base ?? {}].map(({ variants }) => (isRecord(variants) ? variants : {})) as [
      Variants,
      Variants,
      Variants,
    ],
    ['variants'],
  );
  put(merged, 'variants', Object.keys(variants).length > 0 ? variants : undefined);
  for (const rowConflict of open(others, own))
    note(rowConflict.path, rowConflict.values[0]!, rowConflict.values[0]!);
  return { ...merged, ...(conflicts.length > 0 && { conflicts }) };
}

type Conflicts = RowConflict[];
type ConflictValue = RowConflict['values'][number];

const isAt = (path: readonly string[]) => (rowConflict: RowConflict) => isEqual(rowConflict.path, path);

type Variants = Record<string, Variant | undefined>;

/** Fields of a variant that change together with its texts. */
const WRITTEN = ['question', 'answer', 'reasoning', 'choices', 'route', 'checks'] as const;

/** Merges the texts and reviews of a variant with separate decisions; null if the variant has no decisions. */
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
    return all.map((decision): PersonDecision => ({ ...decision, by: decision.by || from }));
  }) as [PersonDecision[], PersonDecision[]];
  if (own.length + others.length === 0) return null;
  const isIn = (list: readonly PersonDecision[]) => (decision: PersonDecision) =>
    list.some((other) => isEqual(bare(decision), bare(other)));
  // The file with all decisions of the other is newer. If both have the same, the settled review is newer.
  const [aHolds, bHolds] = [others.every(isIn(own)), own.every(isIn(others))];
  const waits = ({ review }: Variant) => review?.state === 'pending';
  if (aHolds && bHolds && !waits(a) && !waits(b) && a.review!.state !== b.review!.state)
    return { ...writtenOf(a), review: { state: 'pending', decisions: own } };
  const newer = aHolds && !(bHolds && waits(a)) ? a : bHolds ? b : null;
  if (newer) return { ...writtenOf(newer), review: newer.review! };
  const standing = own.length > 0 ? a : b;
  const news = others.flatMap((decision): PersonDecision[] => {
    if (isIn(own)(decision) || before.some((old) => isEqual(old, decision))) return [];
    const sameName = own.find(({ by }) => by === decision.by);
    // The same person decided twice: the decision that is also in the base is removed.
    if (sameName && before.some((old) => isEqual(bare(old), bare(sameName))))
      own.splice(own.indexOf(sameName), 1);
    else if (sameName) return [{ ...decision, by: `${decision.by} (${fromB})` }];
    return [decision];
  });
  const all = [...own, ...news].map(({ texts, ...decision }) =>
    texts && !isEqual(texts, textsOf(standing)) ? { ...decision, texts } : decision,
  );
  return { ...writtenOf(standing), review: reviewBy(all, standing)! };
}

/** Returns a decision without its time, so that saving it twice does not duplicate it. */
const bare = ({ by, state, why, texts, judged }: PersonDecision) => [
  by,
  state,
  why ?? null,
  texts ?? null,
  judged?.hash ?? null,
];

const writtenOf = (variant: Variant): Partial<Variant> =>
  Object.fromEntries(WRITTEN.flatMap((key) => (variant[key] === undefined ? [] : [[key, variant[key]]])));

function put(row: Fields, key: string, value: unknown): void {
  if (value === undefined) Reflect.deleteProperty(row, key);
  else row[key] = value;
}

/** Whether two values are equal as JSON, ignoring the order of keys. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((element, i) => isEqual(element, b[i]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => isEqual(a[key], b[key]));
}
