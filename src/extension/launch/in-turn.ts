/**
 * Asks questions one after the other: Escape goes back to the one before, and out of the first.
 * @param questions by the names of their answers; each gets those given so far. undefined: Escape
 * @param given answers that are decided, whose questions are not asked
 * @returns undefined if the first was left with Escape
 */
export async function inTurn<A extends object>(
  questions: { [Name in keyof A]: (answers: A) => Thenable<A[Name] | undefined> },
  given: Partial<A> = {},
): Promise<A | undefined> {
  const names = (Object.keys(questions) as (keyof A)[]).filter((name) => given[name] === undefined);
  const answers = { ...given } as A;
  for (let at = 0; at < names.length;) {
    const name = names[at]!;
    const answer = await questions[name](answers);
    if (answer === undefined) at -= 1;
    else [answers[name], at] = [answer, at + 1];
    if (at < 0) return undefined;
  }
  return answers;
}
