/**
 * The letter of an option, counted from 0: A to Z, then AA, AB … as columns of a spreadsheet.
 */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : `${letterOf(Math.floor(index / 26) - 1)}${last}`;
}

/** The option that a letter names, in either case, counted from 0; -1 if it is none. */
export function indexOfLetter(letter: string): number {
  if (!/^[A-Z]+$/i.test(letter)) return -1;
  let index = 0;
  for (const one of letter.toUpperCase()) index = 26 * index + one.charCodeAt(0) - 64;
  return index - 1;
}
