/**
 * Returns the new names of evaluation sets, for each evaluation, by their own names: files that are equal get the name in
 * the first evaluation. Names alone say nothing: a config and a person can name the same file differently. Sets without a
 * digest, as in imported evaluations, and sets whose new name already means other rows keep their names.
 * @param evaluations SHA-256 of the file of each set, by the name of the set
 */
export function sharedNames(evaluations: readonly ReadonlyMap<string, string>[]): Map<string, string>[] {
  const names = new Map<string, string>();
  const meant = new Set<string>();
  return evaluations.map((digests) => {
    const taken = new Set(digests.keys());
    const renamed = new Map<string, string>();
    for (const [set, digest] of digests) {
      const name = names.get(digest);
      if (name === undefined && !meant.has(set)) names.set(digest, set);
      meant.add(set);
      if (name === undefined || name === set || taken.has(name)) continue;
      taken.add(name);
      renamed.set(set, name);
    }
    return renamed;
  });
}

/** Returns rows of an evaluation with the new names of their sets. */
export const rowsUnder = <T extends { set?: string | undefined }>(
  { renamed }: { renamed?: ReadonlyMap<string, string> },
  rows: readonly T[],
): readonly T[] =>
  renamed === undefined ? rows : rows.map((row) => ({ ...row, set: renamed.get(row.set ?? '') ?? row.set }));
