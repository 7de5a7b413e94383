import { viewOf, type VariantName } from '../../src/core/spatial/views/list.ts';

/** What a rewrite is called in a sentence. */
export const nameOf = (view: VariantName): string => viewOf(view).label.toLowerCase();

/** How the state of a rewrite is called and drawn: a sign beside the word, so that colour is never needed. */
const SIGNS: Record<string, { sign: string; what: string }> = {
  accepted: { sign: '✓', what: 'accepted' },
  edited: { sign: '✎', what: 'edited and accepted' },
  discarded: { sign: '✕', what: 'discarded' },
  discard: { sign: '✕', what: 'impossible' },
  not_applicable: { sign: '✕', what: 'impossible' },
  pending: { sign: '?', what: 'to be reviewed' },
  needs_llm: { sign: '?', what: 'undecided' },
  needs_info: { sign: '∅', what: 'without an answer: it is not in the row' },
  flipped: { sign: '⇄', what: 'made' },
  invariant: { sign: '=', what: 'unchanged' },
};

export function signOf(form: VariantName, state: string | null): { sign: string; label: string } {
  const known = state && SIGNS[state];
  if (!known) return { sign: '·', label: `no ${nameOf(form)} in the file` };
  return { sign: known.sign, label: `${nameOf(form)} ${known.what}` };
}
