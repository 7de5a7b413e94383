/**
 * BLEU of a text with one reference answer (R40): lower-case tokens `\w+|[^\w\s]`, uniform weights over 1 … n. Results
 * equal those of NLTK, in 0–1.
 */

/**
 * Statistics of one pair of texts for BLEU: clipped matches per order, n-grams of the candidate per order, and the
 * lengths of candidate and reference answer. Corpus BLEU uses the sum of these vectors.
 */
type BleuCounts = readonly number[];

/** Splits a text into words and punctuation marks, in lower case (R40). */
export function bleuTokens(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

/** Maximum length of the n-grams that BLEU counts, in words. */
const ORDER = 2;

/** Returns the counts for n-grams of 1 … ORDER words. */
export function bleuCounts(candidate: string, reference: string): BleuCounts {
  const [c, r] = [bleuTokens(candidate), bleuTokens(reference)];
  const matches: number[] = [];
  const totals: number[] = [];
  for (let n = 1; n <= ORDER; n++) {
    const inReference = countGrams(r, n);
    let matched = 0;
    for (const [gram, times] of countGrams(c, n)) matched += Math.min(times, inReference.get(gram) ?? 0);
    matches.push(matched);
    // At least 1, as in NLTK, whose corpus BLEU depends on this minimum.
    totals.push(Math.max(1, c.length - n + 1));
  }
  return [...matches, ...totals, c.length, r.length];
}

function countGrams(tokens: readonly string[], n: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = n === 1 ? tokens[i]! : tokens.slice(i, i + n).join(' ');
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

/** Returns sentence BLEU-n with smoothing method 1: an order without matches counts as 0.1. 0 if no word matches. */
export function sentenceBleu(counts: BleuCounts, n: number): number {
  return bleu(counts, n, 0.1);
}

/** Returns corpus BLEU-n of summed counts, without smoothing: 0 if any order has no match. */
export function corpusBleu(counts: BleuCounts, n: number): number {
  return bleu(counts, n, 0);
}

function bleu(counts: BleuCounts, n: number, epsilon: number): number {
  if (counts[0] === 0) return 0;
  const order = (counts.length - 2) / 2;
  const [candidate, reference] = counts.slice(-2) as [number, number];
  let logs = 0;
  for (let i = 0; i < n; i++) logs += Math.log((counts[i]! || epsilon) / counts[order + i]!) / n;
  const brevity = candidate > reference ? 1 : Math.exp(1 - reference / candidate);
  return brevity * Math.exp(logs);
}
