import type { Random } from '../../base/random.ts';
import type { ViewId } from '../../rows/view-list.ts';

/**
 * What a probe reads off hidden states, as one of two labels: the reference answer; on which side of the second named
 * object the first one stands, as the viewer sees them; which of the two is nearer; on which of its own sides the first
 * one has the second; whether the graph that the model wrote in an earlier stage leads to the right answer.
 */
export const TARGETS = ['answer', 'side', 'nearer', 'own side', 'graph'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * What a probe reads off them as a number: the column and the row of the middle of the first named object, as shares of
 * the image; its depth; the count that the question asks for.
 */
export const NUMBER_TARGETS = ['column', 'row', 'depth', 'count'] as const;
export type NumberTarget = (typeof NUMBER_TARGETS)[number];

/** A row in a view with its hidden states: one example for probes. */
export interface ProbeRow {
  id: string;
  view: ViewId;
  /** Rows about one image, in all views, are on the same side of every split. */
  image: string;
  /** Whether the model was shown no image. */
  blind: boolean;
  reference: string;
  answer: string;
  right: boolean | null;
  labels: Partial<Record<Target, string>>;
  numbers: Partial<Record<NumberTarget, number>>;
  /** The targets that decide the row's answer. */
  asks: Target[];
  /**
   * Names of the positions, such as `last`. If a name ends with `IN_PICTURE`, the state is the mean over the image
   * cells that an object covers. This choice of cells already tells the probe where the object is, so the probe's
   * accuracy says little about what the model knows.
   */
  positions: string[];
  /** Hidden states after `layer` layers [layer, position, width]; 0 is the input. */
  hidden: { layers: number; width: number; data: Float32Array };
}

export const IN_PICTURE = ', in the image';

export const FOLDS = 5;

/** Where a probe reads: a name of `positions`, and how many layers the hidden states have passed. */
export interface ProbePlace {
  position: string;
  layer: number;
}

/** The layer whose output is read, counted from 0; `input` is the state before any layer. */
export const layerText = ({ layer }: Pick<ProbePlace, 'layer'>): string =>
  layer === 0 ? 'input' : `${layer - 1}`;

export const placeText = (place: ProbePlace): string =>
  `${place.position}, ${place.layer === 0 ? 'as the model gets it' : `after layer ${layerText(place)}`}`;

export function stateAt({ hidden, positions }: ProbeRow, { position, layer }: ProbePlace): Float32Array {
  const at = (layer * positions.length + positions.indexOf(position)) * hidden.width;
  return hidden.data.subarray(at, at + hidden.width);
}

/** Assigns images to parts of equal size, for cross-validation. */
export function foldsOf(rows: readonly ProbeRow[], random: Random): Map<string, number> {
  const images = random.shuffle([...new Set(rows.map(({ image }) => image))]);
  return new Map(images.map((image, i) => [image, i % FOLDS]));
}

/** What was read at one place: of every row by a probe that saw nothing of its part, and how well other parts were read. */
export interface ReadPlace<R> {
  held: ReadonlyMap<ProbeRow, R>;
  /** By part: how well rows of other parts are read by probes that saw neither them nor this part; more is better. */
  inner: readonly number[];
}

/**
 * Returns what is read of each row at the place that reads other parts best. A place that is chosen on the very rows
 * which it reads is the luckiest of many; one that is chosen without them is as good on them as on any others.
 */
export function readWhereBest<R>(
  places: readonly ReadPlace<R>[],
  folds: ReadonlyMap<string, number>,
): Map<ProbeRow, R> {
  const best = Array.from({ length: FOLDS }, (_, fold) =>
    places.reduce<ReadPlace<R> | null>(
      (best, place) => (best === null || place.inner[fold]! > best.inner[fold]! ? place : best),
      null,
    ),
  );
  return new Map(
    best.flatMap((place, fold) =>
      [...(place?.held ?? [])].filter(([{ image }]) => folds.get(image) === fold),
    ),
  );
}

/**
 * Sums for each part how well the two parts next to it are read without it. @param scoreOf returns how well the rows of
 * each part are read by a probe that saw none of two parts; null if too few rows are left
 */
export function innerScores(
  scoreOf: (left: readonly [number, number]) => ((part: number) => number) | null,
): number[] | null {
  const scores = new Array<number>(FOLDS).fill(0);
  for (let fold = 0; fold < FOLDS; fold++) {
    const next = (fold + 1) % FOLDS;
    const score = scoreOf([fold, next]);
    if (!score) return null;
    scores[fold]! += score(next);
    scores[next]! += score(fold);
  }
  return scores;
}

/** A row is the same one, whether the model was shown its image or not. */
export const keyOf = ({ view, id }: ProbeRow): string => JSON.stringify([view, id]);

/**
 * Whether a fact is known to be read: more often than by chance (an R² above 0), and than every control reads it, both
 * by the lower end of the interval.
 */
export const isKnown = ({
  interval,
  chance,
  controls,
}: {
  interval?: readonly [number, number] | undefined;
  chance: number;
  controls: readonly { interval?: readonly [number, number] | undefined }[];
}): boolean =>
  interval !== undefined &&
  interval[0] > chance &&
  controls.length > 0 &&
  controls.every((control) => control.interval !== undefined && control.interval[0] > 0);
