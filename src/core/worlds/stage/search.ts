/** Neighbours on a line between which an answer changes; `from` is the one nearer to the start. */
export interface Change<T> {
  from: number;
  to: number;
  answers: readonly [from: T, to: T];
}

/** How many places are tried on the way to either end, before the change between two of them is found by halving. */
const STRIDES = 10;

/**
 * Walks from a place on a line to both sides until the answer is another one, then halves the way back.
 * @param places number of places on the line
 * @param ask the answer at a place, and what it says, by which answers are compared; each place is asked once
 * @returns the change that was met first, and all answers by place; `change` is null if every answer is the same
 */
export async function findChange<T>(
  places: number,
  start: number,
  ask: (place: number) => Promise<T>,
  says: (answer: T) => string,
): Promise<{ change: Change<T> | null; answers: ReadonlyMap<number, T> }> {
  const answers = new Map<number, T>();
  const at = async (place: number): Promise<T> => {
    const answer = answers.get(place) ?? (await ask(place));
    answers.set(place, answer);
    return answer;
  };
  const first = says(await at(start));
  const stride = Math.max(1, Math.ceil(places / (2 * STRIDES)));
  const last: [number, number] = [start, start];
  for (let walked = stride; walked < places + stride; walked += stride) {
    for (const side of [0, 1] as const) {
      const place = Math.max(0, Math.min(places - 1, side === 0 ? start - walked : start + walked));
      if (place === last[side]) continue;
      if (says(await at(place)) !== first)
        return { change: await narrowed(last[side], place, first, at, says), answers };
      last[side] = place;
    }
  }
  return { change: null, answers };
}

async function narrowed<T>(
  from: number,
  to: number,
  first: string,
  at: (place: number) => Promise<T>,
  says: (answer: T) => string,
): Promise<Change<T>> {
  while (Math.abs(to - from) > 1) {
    const middle = Math.trunc((from + to) / 2);
    if (says(await at(middle)) === first) from = middle;
    else to = middle;
  }
  return { from, to, answers: [await at(from), await at(to)] };
}
