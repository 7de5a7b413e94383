/** Returns the letter for an option number (from 0): A to Z, then AA, AB …, as for the columns of a spreadsheet. */
export function letterOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : `${letterOf(Math.floor(index / 26) - 1)}${last}`;
}

/** Returns the option number (from 0) for a letter, ignoring case; −1 for other texts. */
export function indexOfLetter(letter: string): number {
  if (!/^[A-Z]+$/i.test(letter)) return -1;
  let index = 0;
  for (const character of letter.toUpperCase()) index = 26 * index + character.charCodeAt(0) - 64;
  return index - 1;
}

/** Returns the options as displayed: each with its letter, unless the option texts already contain letters. */
export function lettered(choices: readonly string[]): string[] {
  const has = (choice: string, i: number) => new RegExp(`^\\(?${letterOf(i)}[.):]`, 'i').test(choice.trim());
  return choices.every(has) ? [...choices] : choices.map((choice, i) => `${letterOf(i)}. ${choice}`);
}

/** Returns the letters of several options, as in a reference answer: "A, D". */
export const lettersOf = (places: readonly number[]): string =>
  [...new Set(places)]
    .sort((a, b) => a - b)
    .map(letterOf)
    .join(', ');

/** Returns the id. If it is taken, appends a number. */
export function freeId(id: string, taken: Set<string>): string {
  let unique = id;
  for (let n = 2; taken.has(unique); n++) unique = `${id} (${n})`;
  taken.add(unique);
  return unique;
}
