/** Words that exclude each other, of which a question and an answer may each use one. */

const ANTONYMS: readonly (readonly [string, string])[] = [
  ['left leftmost', 'right rightmost'],
  ['above over upper top higher highest', 'below under underneath beneath lower lowest bottom'],
  ['front', 'behind back rear'],
  ['closer closest nearer nearest close near', 'farther farthest further furthest far'],
  ['taller tallest tall', 'shorter shortest short'],
  ['bigger biggest larger largest big large', 'smaller smallest small'],
  ['longer longest', 'shorter shortest'],
  ['wider widest wide', 'narrower narrowest narrow'],
  ['thicker thickest', 'thinner thinnest'],
  ['heavier heaviest', 'lighter lightest'],
  ['more most', 'fewer less fewest least'],
  ['inside', 'outside'],
  ['first', 'last'],
  ['open', 'closed'],
].map(([low, high]) => [` ${low!} `, ` ${high!} `] as const);
/** The first three are places, the others are comparisons. */
const COMPARISONS = 3;

/** Whether a text says the opposite of what a question asks about, such as "farther" for "closer". */
export function isOpposite(words: readonly string[], asked: readonly string[]): boolean {
  const has = (of: readonly string[], pole: string) => of.some((word) => pole.includes(` ${word} `));
  return ANTONYMS.some(([one, other]) =>
    [
      [one, other],
      [other, one],
    ].some(([p, q]) => has(asked, p!) && !has(asked, q!) && has(words, q!) && !has(words, p!)),
  );
}

/** The words that say the same of a place or a comparison: "nearest" for "closest". */
export const polesLike = (word: string): string[] =>
  ANTONYMS.flat()
    .filter((pole) => pole.includes(` ${word} `))
    .flatMap((pole) => pole.trim().split(' '));

/** Whether a text has a word of a comparison that a question makes, or its opposite. */
export const hasPoleOf = (words: readonly string[], asked: readonly string[]): boolean =>
  ANTONYMS.slice(COMPARISONS).some((poles) =>
    [words, asked].every((of) => of.some((word) => poles.some((pole) => pole.includes(` ${word} `)))),
  );

/** Whether a word has an opposite among them. */
export const isPole = (word: string): boolean =>
  ANTONYMS.some((poles) => poles.some((pole) => pole.includes(` ${word} `)));

/**
 * "The cup stands behind the plate": farther than it, if a question asks which of both is closer to the camera and the
 * words compare nothing.
 */
export const withDepth = (words: readonly string[], asked: readonly string[]): readonly string[] => {
  const isAsked = asked.some((word) => /^(?:clos|near|far|fur)(?:er|ther|est|thest)$/.test(word));
  const isToCamera =
    asked.every((word) => word !== 'to') ||
    asked.some((word) => /^(?:camera|viewer|observer|photographer|we|us|you|lens)$/.test(word));
  if (!isAsked || !isToCamera || hasPoleOf(words, asked)) return words;
  return words.map((word) =>
    /^(?:behind|background)$/.test(word) ? 'farther' : /^(?:front|foreground)$/.test(word) ? 'closer' : word,
  );
};

/** "The cup is less big": the opposite of the word that follows. */
export const isOfLess = (words: readonly string[]): boolean =>
  words.some((word, i) => /^(?:less|least)$/.test(word) && isPole(words[i + 1] ?? ''));
