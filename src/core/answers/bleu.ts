/**
 * BLEU against one reference (R40): lower-case tokens `\w+|[^\w\s]`, uniform weights over 1 … n. The results equal
 * NLTK's. Values are 0–1.
 */

/** What BLEU needs of one pair of texts; sums of these are what corpus BLEU needs. Index 0 is for single words. */
export interface BleuCounts {
  /** Clipped n-gram matches. */
  matches: number[];
  /** n-grams of the candidate, at least 1: NLTK counts so, and its corpus BLEU depends on it. */
  totals: number[];
  candidate: number;
  reference: number;
}

export function bleuTokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** Counts for n-grams of 1 … `order` words. */
export function bleuCounts(candidate: string, reference: string, order = 2): BleuCounts {
  const [c, r] = [bleuTokens(candidate), bleuTokens(reference)];
  const counts: BleuCounts = { matches: [], totals: [], candidate: c.length, reference: r.length };
  for (let n = 1; n <= order; n++) {
    const inReference = countGrams(r, n);
    let matches = 0;
    for (const [gram, times] of countGrams(c, n)) matches += Math.min(times, inReference.get(gram) ?? 0);
    counts.matches.push(matches);
    counts.totals.push(Math.max(1, c.length - n + 1));
  }
  return counts;
}

function countGrams(tokens: readonly string[], n: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(' ');
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

/** What the pairs have together. */
export function sumBleuCounts(pairs: readonly BleuCounts[], order = 2): BleuCounts {
  const sum = (of: (counts: BleuCounts) => number) => pairs.reduce((total, counts) => total + of(counts), 0);
  const orders = Array.from({ length: order }, (_, i) => i);
  return {
    matches: orders.map((i) => sum(({ matches }) => matches[i]!)),
    totals: orders.map((i) => sum(({ totals }) => totals[i]!)),
    candidate: sum(({ candidate }) => candidate),
    reference: sum(({ reference }) => reference),
  };
}

/** Sentence BLEU-n with smoothing method 1: an order without matches counts 0.1 of one. 0 when no word matches. */
export function sentenceBleu(counts: BleuCounts, n: number): number {
  return bleu(counts, n, 0.1);
}

/** BLEU-n of summed counts, without smoothing: 0 when any order has no match. */
export function corpusBleu(counts: BleuCounts, n: number): number {
  return bleu(counts, n, 0);
}

function bleu({ matches, totals, candidate, reference }: BleuCounts, n: number, epsilon: number): number {
  if (matches[0] === 0) return 0;
  let logs = 0;
  for (let i = 0; i < n; i++) logs += Math.log((matches[i]! || epsilon) / totals[i]!) / n;
  const brevity = candidate > reference ? 1 : Math.exp(1 - reference / candidate);
  return brevity * Math.exp(logs);
}
