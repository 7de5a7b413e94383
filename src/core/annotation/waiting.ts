import { several, thousands } from '../../base/format.ts';

/** Filter for rows with a pending review (`reviewState`). */
export const WAITING = 'state = pending';

/**
 * Returns the progress of a review. It counts only rows that wait, or waited, for a person.
 * @param needless number of rewrites that need no review, because rules or checks decided them
 */
export function reviewProgress(reviewed: number, waiting: number, needless: number): string {
  const all = reviewed + waiting;
  const progress =
    all === 0 ? 'No rows wait for review' : `${thousands(reviewed)} of ${several(all, 'row')} reviewed`;
  return needless === 0
    ? progress
    : `${progress}, ${thousands(needless)} ${needless === 1 ? 'needs' : 'need'} no review`;
}
