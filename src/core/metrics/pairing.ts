/**
 * How the answers to one question in two views compare. `unknown`: it cannot be told whether the answers agree;
 * `not_judged`: nor if both are right.
 */
export const PAIRINGS = ['right', 'consistent_wrong', 'inconsistent', 'unknown', 'not_judged'] as const;
export type Pairing = (typeof PAIRINGS)[number];
