/** Tokens that no text produces. In the result of `encode`, `image` marks the tokens of images. */
export const SPECIAL = { pad: 0, image: 1, system: 2, user: 3, assistant: 4, end: 5 } as const;
const FIRST_WORD = Object.keys(SPECIAL).length;

/**
 * Matches a quoted string, a tag, a number, a word (with inner hyphens, apostrophes and digits), or any other single
 * character. Quoted strings are single words, so that decoding restores JSON exactly.
 */
const WORDS = /"[^"\n]*"|<\/?\w+>|\d+(?:\.\d+)?|\p{L}[\p{L}\p{N}]*(?:[-'’_][\p{L}\p{N}]+)*|\S/gu;

/** Returns the words of a text. Each word is a token. */
export const wordsOf = (text: string): string[] => Array.from(text.matchAll(WORDS), ([word]) => word);

/** Returns all words of texts, without duplicates, in code-point order: the vocabulary of a new model. */
export const vocabularyOf = (texts: readonly string[]): string[] =>
  [...new Set(texts.flatMap((text) => wordsOf(text)))].sort();

/**
 * A closed vocabulary of whole words. White space is normalised: decoded text has single spaces, but no space before
 * closing punctuation and inside tags.
 */
export class Tokenizer {
  private readonly ids: Map<string, number>;

  constructor(readonly words: readonly string[]) {
    this.ids = new Map(words.map((word, i) => [word, FIRST_WORD + i]));
    if (this.ids.size !== words.length)
      throw new Error(
        'The vocabulary contains the same word twice. Remove the duplicate from the model folder.',
      );
  }

  /** Number of tokens in the vocabulary, including special tokens. */
  get size(): number {
    return FIRST_WORD + this.words.length;
  }

  /** Encodes a text. Throws an error that lists all words outside the vocabulary. */
  encode(text: string): number[] {
    const words = this.places(text).map((place) => place.text);
    const unknown = [...new Set(words.filter((word) => !this.ids.has(word)))];
    if (unknown.length > 0) {
      const list = unknown.map((word) => JSON.stringify(word)).join(', ');
      throw new Error(
        `The embedded model has no word for ${list} (in ${JSON.stringify(text.slice(0, 80))}). ` +
          `Its vocabulary has ${this.words.length} words. Train a new model on texts that contain the missing words.`,
      );
    }
    return words.map((word) => this.ids.get(word)!);
  }

  /** Returns the positions of a text's tokens, in characters. */
  places(text: string): { text: string; start: number; end: number }[] {
    return Array.from(text.matchAll(WORDS), ({ 0: word, index }) => ({
      text: word,
      start: index,
      end: index + word.length,
    })).flatMap((place) => {
      // If the vocabulary lacks a quoted word, encodes the unquoted word, which the model can write.
      const isOdd = /^".+"$/.test(place.text) && !this.ids.has(place.text);
      if (!isOdd) return [place];
      return this.places(place.text.slice(1, -1)).map((inner) => ({
        text: inner.text,
        start: place.start + 1 + inner.start,
        end: place.start + 1 + inner.end,
      }));
    });
  }

  /** Returns the text of tokens, without special tokens. */
  decode(ids: readonly number[]): string {
    const words = ids.map((id) => this.words[id - FIRST_WORD]).filter((word) => word !== undefined);
    return words.reduce(
      (text, word, i) => (i > 0 && spaced(words[i - 1]!, word) ? `${text} ${word}` : text + word),
      '',
    );
  }
}

function spaced(before: string, word: string): boolean {
  return !/^([,.?!;:)\]}%]|<\/.*)$/.test(word) && !/^([([{]|<\w.*)$/.test(before);
}
