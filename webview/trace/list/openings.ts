/** Questions that begin with the same words are taken for those of one template. */
const FIRST_WORDS = 3;
/** What fewer questions share is no template's, and what is shorter is read at a glance. */
const LEAST_QUESTIONS = 5;
const LEAST_SHARE = 2 / 3;
const LEAST_LENGTH = 24;
/** No template begins with more words. */
const MOST_WORDS = 30;

/**
 * How the questions of a template begin, the longest first: the whole words that most of them share. In a
 * column a beginning that many rows share says nothing, and takes the room of what they differ in.
 */
export function openingsOf(questions: readonly string[]): string[] {
  const beginnings = [...new Set(questions)].map(beginningsOf);
  const counts = new Map<string, number>();
  for (const opening of beginnings.flat()) counts.set(opening, (counts.get(opening) ?? 0) + 1);
  const openings = beginnings.flatMap(([first = '', ...more]) => {
    const least = Math.max(LEAST_QUESTIONS, LEAST_SHARE * counts.get(first)!);
    return more.findLast((opening) => opening.length >= LEAST_LENGTH && counts.get(opening)! >= least) ?? [];
  });
  return [...new Set(openings)].sort((a, b) => b.length - a.length);
}

/** A question from where it differs from others of its template. */
export function withoutOpening(question: string, openings: readonly string[]): string {
  const opening = openings.find((text) => question.startsWith(text));
  return opening === undefined || opening === question ? question : `…${question.slice(opening.length)}`;
}

/** Its beginnings in whole words, with the blank that follows, from the first words on; the whole of it is none. */
function beginningsOf(question: string): string[] {
  return [...question.slice(0, 500).matchAll(/\s+/g)]
    .map(({ index, 0: blank }) => question.slice(0, index + blank.length))
    .slice(FIRST_WORDS - 1, MOST_WORDS)
    .filter((opening) => opening.length < question.length);
}
