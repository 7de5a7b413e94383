/** What a mirror's state is called and how it is drawn: a sign beside the word, so that colour is never needed. */
const SIGNS: Record<string, { sign: string; label: string }> = {
  accepted: { sign: '✓', label: 'mirror accepted' },
  edited: { sign: '✎', label: 'mirror edited and accepted' },
  discarded: { sign: '✕', label: 'mirror discarded' },
  discard: { sign: '✕', label: 'no mirror' },
  pending: { sign: '?', label: 'mirror to be reviewed' },
  needs_llm: { sign: '?', label: 'mirror undecided' },
  flipped: { sign: '⇄', label: 'mirror flipped' },
  invariant: { sign: '=', label: 'mirror unchanged' },
};

export const signOf = (state: string | null): { sign: string; label: string } =>
  (state && SIGNS[state]) || { sign: '·', label: 'no mirror in the file' };
