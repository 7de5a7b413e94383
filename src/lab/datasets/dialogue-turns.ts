import type { Sample } from '../../rows/sample/sample.ts';

/** A later turn of a dialogue about the same images. */
export interface Turn {
  question: string;
  answer: string;
  reasoning?: string;
}

/** Returns the turns after the first turn, which are stored in `meta.turns`. Ignores other values in `meta.turns`. */
export function laterTurns(sample: Sample): Turn[] {
  const turns = sample.meta?.turns;
  return Array.isArray(turns) ? turns.filter(isTurn) : [];
}

const isTurn = (turn: Partial<Turn> | null): turn is Turn =>
  typeof turn?.question === 'string' && typeof turn.answer === 'string';

/** Fields that belong to the first question only. Graph and images apply to the whole dialogue. */
const FIRST_TURN_ONLY = ['choices', 'boxes', 'points', 'masks', 'task', 'reasoning', 'variants'] as const;

/**
 * Splits a dialogue into single-turn rows about the same images, with ids `ID-1`, `ID-2`, … A row with one turn is
 * returned unchanged. Later turns can refer to earlier turns ("is it taller?"), and have `meta.turn`.
 */
export function splitTurns(sample: Sample): Sample[] {
  const later = laterTurns(sample);
  if (later.length === 0) return [sample];
  const meta = { ...sample.meta };
  delete meta.turns;
  const shared = { ...sample };
  for (const key of FIRST_TURN_ONLY) Reflect.deleteProperty(shared, key);
  return [sample, ...later].map(({ question, answer, reasoning }, i) => ({
    ...(i === 0 ? sample : shared),
    id: `${sample.id}-${i + 1}`,
    question,
    answer,
    ...(reasoning !== undefined && { reasoning }),
    meta: { ...meta, dialogue: sample.id, turn: i + 1 },
  }));
}
