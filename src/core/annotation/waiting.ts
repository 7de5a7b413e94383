/**
 * Filter for rows that wait for a person: those sent to review, and those that the rules deferred and no model has
 * rewritten.
 */
export const WAITING = 'state = pending or (state = none and status = needs_llm)';
