/** Filter for rows with a pending review (`reviewState`). */
export const WAITING = 'state = pending';
