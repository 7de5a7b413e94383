/** A problem of a row, a graph or a config, for terminals, editors and scripts. */
export interface Problem {
  /** `error`: the value cannot be used. `warning`: the value is usable, but probably not intended. */
  severity: 'error' | 'warning';
  /** Name of the kind of problem in kebab case, for filters and quick fixes. */
  code: string;
  /** Description of the problem in one sentence, without the position. */
  message: string;
  /** Position in the value, as a dotted path: `boxes[2]`. */
  path?: string;
  /** Action for the user, as an imperative sentence. */
  fix?: string;
  /** A word at `path`, and the word that was probably meant. */
  typo?: { word: string; meant: string };
}

/** Returns the known name that was probably meant: the closest name within two edits, if any. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.min(2, word.length - 2));
  // Skips names whose length differs by more than `most` characters, because each character needs an edit.
  const scored = known
    .filter(({ length }) => Math.abs(length - word.length) <= most)
    .map((other) => ({ other, distance: edits(word.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = scored[0];
  return best && best.distance <= most ? best.other : undefined;
}

/** Returns the fix for an unknown name: the name that was probably meant, and all names. @param what `Presets` */
export function namesHint(word: string, what: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return `${meant === undefined ? '' : `Did you mean "${meant}"? `}${what}: ${known.join(', ')}.`;
}

/** Returns the Levenshtein distance of two words. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    }
    row = next;
  }
  return row[b.length]!;
}
