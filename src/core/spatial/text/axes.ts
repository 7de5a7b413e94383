/** Scales on which things can be compared. `size` is the whole thing; height, length and width are its dimensions. */
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
 * inside. `contrary`: near and far from, which leave a middle.
 */
export type Form = 'comparative' | 'superlative' | 'position' | 'contrary';

/** How one kind of phrase is found and turned to its opposite. */
export interface Rule {
  axis: Axis;
  form: Form;
  pole: 0 | 1;
  pattern: RegExp;
  /** The opposite of a match, or null when the words around it show that it is none. */
  opposite: (match: RegExpExecArray, before: string, after: string) => string | null;
}

/** A rule whose opposite is a replacement text with `$1` groups. */
export function rule(axis: Axis, form: Form, pole: 0 | 1, source: string, opposite: string): Rule[] {
  const pattern = new RegExp(`\\b(?:${source})`, 'gi');
  return [{ axis, form, pole, pattern, opposite: (match) => opposite.replace('$1', match[1] ?? '') }];
}

/** Both poles of a pair: in `frame` the sign % stands for the phrases of one pole; each names its opposite. */
export function pair(
  axis: Axis,
  form: Form,
  frame: string,
  low: Record<string, string>,
  high: Record<string, string>,
): Rule[] {
  return [low, high].map((phrases, pole) => {
    const names = Object.keys(phrases).sort((a, b) => b.length - a.length);
    const pattern = new RegExp(`\\b${frame.replace('%', `(${names.join('|')})`)}`, 'gi');
    const opposite = (match: RegExpExecArray) =>
      match[0].replace(match[1]!, phrases[match[1]!.toLowerCase().replace(/\s+/g, ' ')]!);
    return { axis, form, pole: pole as 0 | 1, pattern, opposite };
  });
}

/** A pair whose words swap in both directions. */
export function swap(axis: Axis, form: Form, frame: string, low: string, high: string): Rule[] {
  return pair(axis, form, frame, { [low]: high }, { [high]: low });
}
