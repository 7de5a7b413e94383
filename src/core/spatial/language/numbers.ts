/** Cardinal numbers in English words, as people and models write them: "twenty-one", "a hundred and five", "two dozen". */

const SMALL: ReadonlyMap<string, number> = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen'
  )
    .split(' ')
    .map((word, value) => [word, value]),
);
const TENS: ReadonlyMap<string, number> = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, 10 * (i + 2)]),
);
const SCALES: ReadonlyMap<string, number> = new Map([
  ['thousand', 1e3],
  ['million', 1e6],
]);

/** A number read from a list of words: its value and its length in words. */
export interface ReadNumber {
  value: number;
  length: number;
}

/**
 * Reads the longest cardinal that begins at `words[start]`; null if there is none. Words are in lower case, with
 * hyphens already split ("twenty", "one"). Ordinals and vague words ("second", "dozens", "few") are not cardinals.
 */
export function readCardinal(words: readonly string[], start = 0): ReadNumber | null {
  let total = 0;
  let at = start;
  // Groups of decreasing scale: [3 million] [205 thousand] and [7].
  for (let limit = Infinity; limit > 1;) {
    const first = at === start;
    const joined = !first && words[at] === 'and' ? at + 1 : at;
    const group = readBelowThousand(words, joined) ?? (first ? readArticle(words, joined, SCALES) : null);
    if (!group) break;
    const scale = SCALES.get(words[joined + group.length] ?? '') ?? 1;
    if (scale >= limit) break;
    total += group.value * scale;
    at = joined + group.length + (scale > 1 ? 1 : 0);
    limit = scale;
  }
  if (at === start) return null;
  const decimals = readDecimals(words, at);
  return { value: total + decimals.value, length: at + decimals.length - start };
}

const PACKS: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['dozen', 12],
]);

/** "two hundred and five", "a hundred", "fifteen hundred", "three dozen", "seventy-one". */
function readBelowThousand(words: readonly string[], at: number): ReadNumber | null {
  const lead = readBelowHundred(words, at) ?? readArticle(words, at, PACKS);
  if (!lead) return null;
  const pack = PACKS.get(words[at + lead.length] ?? '');
  if (!pack) return lead;
  const value = lead.value * pack;
  const next = at + lead.length + 1;
  const and = words[next] === 'and' ? 1 : 0;
  const rest = pack === 100 ? readBelowHundred(words, next + and) : null;
  return rest
    ? { value: value + rest.value, length: next + and + rest.length - at }
    : { value, length: next - at };
}

/** The 1 that "a hundred" and "thousand" imply, with length 1 for "a" and 0 without it. */
function readArticle(
  words: readonly string[],
  at: number,
  of: ReadonlyMap<string, number>,
): ReadNumber | null {
  const length = words[at] === 'a' ? 1 : 0;
  return of.has(words[at + length] ?? '') ? { value: 1, length } : null;
}

function readBelowHundred(words: readonly string[], at: number): ReadNumber | null {
  const small = SMALL.get(words[at] ?? '');
  if (small !== undefined) return { value: small, length: 1 };
  const tens = TENS.get(words[at] ?? '');
  if (tens === undefined) return null;
  const unit = SMALL.get(words[at + 1] ?? '');
  return unit && unit < 10 ? { value: tens + unit, length: 2 } : { value: tens, length: 1 };
}

/** "point two five" → 0.25. */
function readDecimals(words: readonly string[], at: number): ReadNumber {
  let digits = '';
  if (words[at] === 'point') {
    for (let i = at + 1; ; i++) {
      const digit = SMALL.get(words[i] ?? '');
      if (digit === undefined || digit > 9) break;
      digits += digit;
    }
  }
  return digits ? { value: Number(`0.${digits}`), length: digits.length + 1 } : { value: 0, length: 0 };
}
