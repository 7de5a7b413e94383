import { COLUMNS } from './question.ts';

/** Where a text in the compact style says that a thing is. */
export interface SaidPlace {
  /** "red-cube" */
  name: string;
  /** Both edges of its column, as shares of the picture's width. */
  from: number;
  to: number;
  /** Null if the text tells no distance. */
  metres: number | null;
}

const SIGHTING = /\b([a-z]+(?:-[a-z]+)*) (?:(left|right)-([1-9])|middle)\b(?: (\d{1,3}) metres?\b)?/g;

/** Reads what `sightings` wrote, or what a model that learned it made of it. A text in another style has none. */
export function readSightings(text: string): SaidPlace[] {
  return Array.from(text.matchAll(SIGHTING)).flatMap(([, name, side, steps = '0', metres]) => {
    const column = COLUMNS + (side === 'left' ? -1 : 1) * Number(steps);
    if (column < 0 || column > 2 * COLUMNS) return [];
    const width = 1 / (2 * COLUMNS + 1);
    return [
      {
        name: name!,
        from: column * width,
        to: (column + 1) * width,
        metres: metres === undefined ? null : Number(metres),
      },
    ];
  });
}
