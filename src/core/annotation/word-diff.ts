/** A piece of a text; `changed` if the other text has something else there. */
export interface Piece {
  text: string;
  changed: boolean;
}

/** Limit of words × words: longer texts are not marked, since nobody reads them word by word. */
const LARGEST = 4_000_000;

/**
 * Splits two texts into pieces that they share, word by word, and pieces that only one of them has. Joining a text's
 * pieces gives the text.
 */
export function wordDiff(before: string, after: string): { before: Piece[]; after: Piece[] } {
  const [a, b] = [before, after].map((text) => text.match(/\s+|[\p{L}\p{N}]+|./gsu) ?? []);
  const kept = common(a!, b!);
  if (!kept) return { before: whole(before), after: whole(after) };
  return { before: pieces(a!, kept.a), after: pieces(b!, kept.b) };
}

const whole = (text: string): Piece[] => (text === '' ? [] : [{ text, changed: false }]);

/** Returns the tokens that belong to a longest common subsequence; null if finding one would be too much work. */
function common(a: readonly string[], b: readonly string[]): { a: Set<number>; b: Set<number> } | null {
  const width = b.length + 1;
  if ((a.length + 1) * width > LARGEST) return null;
  // length[i · width + j]: of the longest common subsequence of a from i and b from j.
  const length = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      length[at] =
        a[i] === b[j] ? length[at + width + 1]! + 1 : Math.max(length[at + width]!, length[at + 1]!);
    }
  }
  const kept = { a: new Set<number>(), b: new Set<number>() };
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const at = i * width + j;
    if (a[i] === b[j]) {
      kept.a.add(i++);
      kept.b.add(j++);
    } else if (length[at + width]! >= length[at + 1]!) i++;
    else j++;
  }
  return kept;
}

function pieces(tokens: readonly string[], kept: ReadonlySet<number>): Piece[] {
  const out: Piece[] = [];
  tokens.forEach((text, i) => {
    const changed = !kept.has(i);
    const last = out.at(-1);
    if (last?.changed === changed) last.text += text;
    else out.push({ text, changed });
  });
  return out;
}
