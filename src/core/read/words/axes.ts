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
 * Phrases for both poles, by frames, in which `@` stands for the phrase of a pole. Each phrase is written with its
 * opposite, those of the lower pole first: "less: more, lesser: greater / greater: less"; "left = right" goes both ways.
 */
export const poles = (axis: Axis, form: Form, frames: Readonly<Record<string, string>>): Pole[] =>
  Object.entries(frames).flatMap(([pattern, phrases]) => {
    const one = (pole: 0 | 1, phrase: string, opposite: string): Pole[] =>
      opposite === '' ? [] : [{ axis, form, pole, pattern, phrase, opposite }];
    return phrases.split(' / ').flatMap((list, pole) =>
      list.split(', ').flatMap((entry) => {
        const [phrase = '', joint, opposite = ''] = entry.split(/(: | = )/);
        return [
          ...one(pole as 0 | 1, phrase, opposite),
          ...(joint === ' = ' ? one(1, opposite, phrase) : []),
        ];
      }),
    );
  });

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
