/** Version of this encoder, to be increased whenever the vector of a text changes. */
export const LEXICAL_VERSION = 1;

const DIMENSIONS = 4096;

/**
 * Words with more structure than meaning. Their small weight prevents a shared "the sofa is …" from making texts
 * similar.
 */
const FUNCTION_WORDS = new Set(
  `a an the this that these those which it its is are was were be been am do does has have had can could will would
   i you we they there here to of and or with as by for so then than`.split(/\s+/),
);
const FUNCTION_WEIGHT = 0.1;

/**
 * Embeds a text as hashed words, letter triples and pairs of adjacent content words, so that similarity measures the
 * words that two texts share.
 *
 * The features reflect how answers about space differ. A word has weight 1: half for the word and half for its letter
 * triples ("chair" is near "chairs"). Pairs distinguish "sofa left of chair" from "chair left of sofa". A number has
 * weight 1, mostly for its magnitude, so that similarity decreases with the ratio of two numbers. Case, accents,
 * punctuation and the sign of a number are ignored. Each repetition of a word adds less.
 * @returns a unit vector of 4 096 numbers, or zeros if the text has neither letter nor digit
 */
export function lexicalEmbedding(text: string): Float32Array {
  const energies = new Map<string, number>();
  for (const [feature, energy] of featuresOf(wordsOf(text)))
    energies.set(feature, (energies.get(feature) ?? 0) + energy);

  const vector = new Float32Array(DIMENSIONS);
  for (const [feature, energy] of energies) {
    const hash = hash32(feature);
    // Random signs make hash collisions cancel out on average. Otherwise, collisions would make all texts similar.
    vector[hash % DIMENSIONS]! += (hash >>> 31 ? -1 : 1) * Math.sqrt(energy);
  }
  // Uses plain loops, because 4 096 callbacks would cost more than the rest of this function.
  let square = 0;
  for (let i = 0; i < DIMENSIONS; i++) square += vector[i]! * vector[i]!;
  if (square === 0) return vector;
  const length = Math.sqrt(square);
  for (let i = 0; i < DIMENSIONS; i++) vector[i]! /= length;
  return vector;
}

function wordsOf(text: string): string[] {
  const plain = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.match(/\d+(?:\.\d+)?|\p{L}+/gu) ?? [];
}

/** Yields the features of a text with their energy: the squared contribution of one occurrence to the vector. */
function* featuresOf(words: readonly string[]): Generator<[string, number]> {
  let previous: string | null = null;
  for (const word of words) {
    const weight = FUNCTION_WORDS.has(word) ? FUNCTION_WEIGHT : 1;
    const [wordWeight, parts] = isNumber(word)
      ? [1 / 4, magnitude(Number(word))]
      : [1 / 2, letterTriples(word)];
    yield [word, weight * wordWeight];
    for (const [part, share] of parts) yield [part, weight * (1 - wordWeight) * share];
    if (weight < 1) continue;
    if (previous !== null) yield [pair(previous, word), 1 / 2];
    previous = word;
  }
}

function isNumber(word: string): boolean {
  return /^\d/.test(word);
}

/**
 * Returns the feature of two adjacent words. Next to a word, all numbers are equal ("2 meters", "3 meters"). Next to a
 * number, only equal numbers match (boxes).
 */
function pair(a: string, b: string): string {
  if (isNumber(a) === isNumber(b)) return `${a} ${b}`;
  return isNumber(a) ? `# ${b}` : `${a} #`;
}

function letterTriples(word: string): [string, number][] {
  const letters = [...`^${word}$`];
  const triples = letters.slice(2).map((_, i) => letters.slice(i, i + 3).join(''));
  return triples.map((triple) => [`_${triple}`, 1 / triples.length]);
}

/**
 * Distributes a number over two neighbouring steps of two logarithmic scales, with steps of a factor 2 and of 9%, so
 * that close numbers share features.
 */
function magnitude(value: number): [string, number][] {
  if (value === 0) return [['#0', 1]];
  return [1, 8].flatMap((stepsPerDoubling) => {
    const position = Math.log2(value) * stepsPerDoubling;
    const step = Math.floor(position);
    // cos² + sin² = 1, so every number has the same energy, at any position between two steps.
    const upper = Math.sin(((position - step) * Math.PI) / 2) ** 2;
    return [
      [`#${stepsPerDoubling}/${step}`, (1 - upper) / 2],
      [`#${stepsPerDoubling}/${step + 1}`, upper / 2],
    ] as [string, number][];
  });
}

/** Computes FNV-1a with MurmurHash3's final mixing, because the low bits select the dimension. */
function hash32(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
