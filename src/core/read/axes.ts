import { Pattern, type Match } from './patterns.ts';
import type { Token } from './tokens.ts';

/**
 * Axes along which things are compared. `size` refers to the whole thing; height, length and width are its dimensions.
 */
export type Axis =
  | 'near_far'
  | 'left_right'
  | 'above_below'
  | 'front_behind'
  | 'size'
  | 'height'
  | 'length'
  | 'width'
  | 'quantity'
  | 'containment';

/**
 * `comparative`: closer to. `superlative`: closest, or "from the left" after an ordinal. `position`: left of, behind,
 * inside. `contrary`: near and far from, between which there is a middle.
 */
export type Form = 'comparative' | 'superlative' | 'position' | 'contrary';

/** How one kind of phrase is found and turned into its opposite. */
export interface PolarRule {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  pattern: Pattern;
  /**
   * Returns the opposite of a phrase; `from`–`to` is the range of the words in question. Null if the words around it
   * show that it has none.
   */
  turn: (
    phrase: string,
    target: { from: number; to: number },
    tokens: readonly Token[],
    match: Match,
  ) => string | null;
}

/**
 * Makes rules for both poles. In a frame, `@` stands for the phrase of a pole; each phrase is mapped to its opposite.
 */
export function pair(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: Record<string, string>,
  high: Record<string, string>,
): PolarRule[] {
  return [low, high].flatMap((phrases, pole) =>
    Object.entries(phrases).flatMap(([phrase, opposite]) =>
      [frames].flat().map((frame): PolarRule => ({
        axis,
        form,
        pole: pole as 0 | 1,
        pattern: new Pattern(frame, phrase),
        turn: (text, { from, to }) => text.slice(0, from) + opposite + text.slice(to),
      })),
    ),
  );
}

/** Makes rules for two phrases that are each other's opposites. */
export function swap(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: string,
  high: string,
): PolarRule[] {
  return pair(axis, form, frames, { [low]: high }, { [high]: low });
}

/** Makes rules for phrases of one pole that are turned word by word, with other words between; '' removes a word. */
export function wordByWord(
  axis: Axis,
  form: Form,
  pole: 0 | 1,
  patterns: readonly string[],
  opposites: Record<string, string>,
): PolarRule[] {
  const turn = (text: string) =>
    text
      .split(/\s+/)
      .map((word) => opposites[word.toLowerCase()] ?? word)
      .filter(Boolean)
      .join(' ');
  return patterns.map((source) => ({ axis, form, pole, pattern: new Pattern(source), turn }));
}
