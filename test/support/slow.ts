import { it } from 'vitest';

/** Whether the slow tests run. They run each file that imports this one: with it, the file tries what it leaves out. */
export const isSlow = process.env.CHIRALITY_SLOW === '1';

/** How often a law of answers is tried. */
export const CASES = isSlow ? 2000 : 100;

/** The first cases of a table; in the slow tests, all. */
export const few = <T>(cases: readonly T[], count = 1): readonly T[] =>
  isSlow ? cases : cases.slice(0, count);

const none = () => undefined;

/** A test that only the slow tests have. */
export const slowly = isSlow
  ? it
  : (Object.assign(none, { each: () => none, concurrent: none }) as unknown as typeof it);
