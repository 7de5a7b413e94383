/** Normalises different notations of one character, so that parsers handle a single notation. */

/** Converts a fraction or a superscript that is one character to plain digits: 1/2, -3. */
const inDigits = (sign: string): string => sign.normalize('NFKC').replace('⁄', '/');

/** Matches texts that need no change. Most answers match, and the test takes a tenth of the normalisation's time. */
const PLAIN = /^[a-z\d.,;:?!()-]+(?: [a-z\d.,;:?!()-]+)*$/i;

/** Normalises a text: straight quotes, plain hyphens, single plain spaces, no zero-width characters. */
export function plainPunctuation(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
    .replace(/(\d)[\u2009\u202f](?=\d{3}(?!\d))/g, '$1')
    .replace(/\s+/g, (run) => (run.includes('\n') ? '\n' : ' '))
    .replace(/[‘’‛′´]/g, "'")
    .replace(/[“”„″]|''/g, '"')
    .replace(/[‐‑‒–−﹣－]/g, '-')
    .replace(/(\d) ?— ?(?=\d)/g, '$1-')
    .trim();
}

/** Normalises a text and removes Markdown and LaTeX marks, such as `**2.5**`, `$2.5\,\text{m}$`, `\boxed{B}`. */
export function plainText(text: string): string {
  if (PLAIN.test(text)) return text;
  return plainPunctuation(
    plainPunctuation(text)
      .replace(/\\pm\b|\+ ?\/? ?-/g, '±')
      .replace(/\\(?:[,;:! ()[\]]|[a-z]+)/gi, ' ')
      .replace(/[*_`$\\{}~]/g, ' '),
  );
}

/** Removes words that are joined to a number, because they name something: the lane "left-2" is no side. */
export const withoutNames = (text: string): string => text.replace(/\p{L}+-?\d[\d.]*/gu, ' ');

/**
 * Normalises a text as `plainText` does, and converts numbers to one notation: 1/2 for ½, 1.2e3 for 1.2·10³, no
 * thousands commas, decimal points.
 */
export function plainNumbers(text: string): string {
  return plainText(
    plainPunctuation(text.replace(THOUSANDS, (number) => number.replace(/\D/g, '')))
      .replace(/(\d?) ?([¼-¾⅐-⅞])/g, (_, whole: string, sign: string) => `${whole} ${inDigits(sign)}`)
      .replace(
        /(\d) ?(?:[x×*·⋅]|\\times|\\cdot) ?10 ?(?:(?:\^|\*\*) ?(?:\{ ?)?([+-]?\d{1,3})|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))(?: ?\})?/g,
        (_, digit: string, power: string | undefined, raised: string) =>
          `${digit}e${power ?? inDigits(raised)}`,
      ),
  )
    .replace(/(?<![\d.,])(?!0,)(\d{1,3})((?:,\d{3})+)(?!,?\d)/g, (_, head: string, tail: string) => {
      return head + tail.replaceAll(',', '');
    })
    .replace(/(?<![\d.,])(\d+),(\d{1,2}|(?<=0,)\d{3})(?![.,]?\d)/g, '$1.$2');
}

/** Thousands separated by a space or an apostrophe: 1 200, 12'500. */
const THOUSANDS = /(?<![\d.,'’] ?)(?!0)\d{1,3}(?:[ \u00a0'’]\d{3})+(?![ '’]?\d)/g;

/** Whether two answers are the same text after `normalise` (R38). */
export const isSameText = (a: string, b: string): boolean => normalise(a) === normalise(b);

/** Removes `( ) . , -`, case and surplus white space from a text (R38). */
export function normalise(text: string): string {
  return text
    .toLowerCase()
    .replace(/[().,-]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
