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

/** A phrase that names one pole, and what turns it into its opposite. */
export interface Pole {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  /** Where the phrase stands (../patterns.ts); `phrase` is what `@` stands for. */
  pattern: string;
  phrase?: string;
  /** What takes the phrase's place; or, word by word, what takes the place of each ('' removes it). */
  opposite: string | Readonly<Record<string, string>>;
}

/**
 * Phrases for both poles. In a frame, `@` stands for the phrase of a pole; each phrase is mapped to its opposite.
 */
export function pair(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: Record<string, string>,
  high: Record<string, string>,
): Pole[] {
  return [low, high].flatMap((phrases, pole) =>
    Object.entries(phrases).flatMap(([phrase, opposite]) =>
      [frames]
        .flat()
        .map((pattern): Pole => ({ axis, form, pole: pole as 0 | 1, pattern, phrase, opposite })),
    ),
  );
}

/** Two phrases that are each other's opposites. */
export function swap(
  axis: Axis,
  form: Form,
  frames: string | readonly string[],
  low: string,
  high: string,
): Pole[] {
  return pair(axis, form, frames, { [low]: high }, { [high]: low });
}

/** Phrases of one pole that are turned word by word, with other words between. */
export function wordByWord(
  axis: Axis,
  form: Form,
  pole: 0 | 1,
  patterns: readonly string[],
  opposites: Record<string, string>,
): Pole[] {
  return patterns.map((pattern) => ({ axis, form, pole, pattern, opposite: opposites }));
}
