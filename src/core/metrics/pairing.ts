/** How the answers to one question in two views compare. */
export const PAIRINGS = ['right', 'consistent_wrong', 'inconsistent', 'unknown', 'not_judged'] as const;
export type Pairing = (typeof PAIRINGS)[number];

/** Descriptions for readers. `unknown`: it cannot be told whether the answers agree; `not_judged`: nor if both are right. */
export const PAIRING_WORDS: Record<Pairing, string> = {
  right: 'both views right',
  consistent_wrong: 'consistent and wrong',
  inconsistent: 'answers do not agree',
  unknown: 'not comparable',
  not_judged: 'not judged',
};
