import fc from 'fast-check';
import { vi } from 'vitest';

/**
 * The same cases every time, so that a change is judged by what it changed. `CHIRALITY_SEED=random` looks for new ones;
 * the slow tests always do.
 */
const { CHIRALITY_SEED: seed = '1', CHIRALITY_SLOW: slow } = process.env;
if (seed !== 'random' && !slow) fc.configureGlobal({ seed: Number(seed) });

/** On a shared machine, what comes later than in a second is not wrong: as long as for `expect.poll`. */
const { waitFor } = vi;
vi.waitFor = (check, options = { timeout: 30_000 }) => waitFor(check, options);
