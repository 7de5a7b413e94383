import { it } from 'vitest';

/** Whether the slow tests run. A `*.slow.test.ts` that imports another file tries with this what that file leaves out. */
export const isSlow = process.env.CHIRALITY_SLOW === '1';

/** How often a law of answers is tried. */
export const CASES = isSlow ? 2000 : 500;

/** A test that only the slow tests have. */
export const slowly: (name: string, run: () => Promise<void>) => void = isSlow ? it : () => undefined;
