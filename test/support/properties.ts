import fc from 'fast-check';

/**
 * The same cases every time, so that a change is judged by what it changed. `CHIRALITY_SEED=random` looks for new ones;
 * the slow tests always do.
 */
const { CHIRALITY_SEED: seed = '1', CHIRALITY_SLOW: slow } = process.env;
if (seed !== 'random' && !slow) fc.configureGlobal({ seed: Number(seed) });
