/**
 * Comparison of the answers to one question in two views. `unknown`: the answers cannot be compared; `not_judged`:
 * their correctness is also unknown.
 */
export const PAIRINGS = ['right', 'consistent_wrong', 'inconsistent', 'unknown', 'not_judged'] as const;
export type Pairing = (typeof PAIRINGS)[number];
