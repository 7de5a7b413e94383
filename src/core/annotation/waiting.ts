/** The filter for rows that wait for a person (`reviewState`). */
export const WAITING = 'state = pending';
