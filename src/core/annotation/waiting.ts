/** The filter for rows that wait for a reviewer (`reviewState`). */
export const WAITING = 'state = pending';
