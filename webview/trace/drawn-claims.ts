import type { RecordedPair } from '../../src/core/run-data/trace.ts';
import { claimsOf, type Claims } from './claims.ts';
import type { ChosenCompletion } from './panel-state.ts';

/** The completion whose details are shown until a person chooses: the first wrong one, as it has something to tell. */
export function chosenIn({ views }: RecordedPair, wanted: ChosenCompletion | null): ChosenCompletion {
  // The completion chosen in another pair may not exist in this one.
  if (wanted && views[wanted.view]?.group[wanted.completion]) return wanted;
  const view = Math.max(
    0,
    views.findIndex(({ group }) => group.some(({ right }) => right === false)),
  );
  const wrong = views[view]!.group.findIndex(({ right }) => right === false);
  return { view, completion: Math.max(0, wrong) };
}

/** What is drawn on a view's picture: the claims of one of its completions. */
export interface DrawnClaims {
  completion: number;
  claims: Claims;
}

/**
 * Chooses for each view whose claims are drawn: the completion that is pointed at or chosen, else the first wrong one.
 * Null where none says of anything where it is.
 */
export function drawnClaims(
  { views }: RecordedPair,
  chosen: ChosenCompletion | null,
  pointed: ChosenCompletion | null,
): (DrawnClaims | null)[] {
  return views.map(({ group }, view) => {
    const own = [pointed, chosen].find((one) => one?.view === view)?.completion;
    const drawnOf = (completion: number): DrawnClaims | null => {
      const claims = group[completion] && claimsOf(group[completion]);
      return claims ? { completion, claims } : null;
    };
    if (own !== undefined) return drawnOf(own);
    const order = [...group.keys()].sort(
      (a, b) => Number(group[b]!.right === false) - Number(group[a]!.right === false),
    );
    for (const completion of order) {
      const drawn = drawnOf(completion);
      if (drawn) return drawn;
    }
    return null;
  });
}
