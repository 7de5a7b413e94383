import type { Random } from '../../base/random.ts';
import type { ViewId } from '../../rows/view-list.ts';

/**
 * Binary targets of probes. `answer`: the reference answer; `side`: the viewer's side of the second named object on
 * which the first one is; `nearer`: the nearer of the two objects; `own side`: the first object's own side on which the
 * second one is; `graph`: whether the scene graph of an earlier stage leads to the right answer.
 */
export const TARGETS = ['answer', 'side', 'nearer', 'own side', 'graph'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * Numeric targets of probes. `column` and `row`: centre of the first named object, as shares of the image; `depth`:
 * depth of this object; `count`: the count that the question requests.
 */
export const NUMBER_TARGETS = ['column', 'row', 'depth', 'count'] as const;
export type NumberTarget = (typeof NUMBER_TARGETS)[number];

/** A row in one view with its hidden states, as one example for probes. */
export interface ProbeRow {
  id: string;
  view: ViewId;
  /** Image of the row. All rows about one image, in all views, are in the same part of every split. */
  image: string;
  /** Whether the prompt had no image. */
  blind: boolean;
  reference: string;
  answer: string;
  right: boolean | null;
  labels: Partial<Record<Target, string>>;
  numbers: Partial<Record<NumberTarget, number>>;
  /** Targets that determine the right answer to the row. */
  asks: Target[];
  /**
   * Names of the positions, such as `last`. For names that end with `IN_PICTURE`, the state is the mean over the image
   * cells of an object. The choice of these cells already reveals the object's position, so the probe's accuracy is
   * weak evidence about the model.
   */
  positions: string[];
  /** Hidden states [layer, position, width]; layer 0 is the input of the first layer. */
  hidden: { layers: number; width: number; data: Float32Array };
}

export const IN_PICTURE = ', in the image';

export const FOLDS = 5;

/** Position and layer of a probe: a name in `positions`, and the number of layers before the hidden states. */
export interface ProbePlace {
  position: string;
  layer: number;
}

/** Returns the name of the layer whose output is probed, from 0; `input` for the state before any layer. */
export const layerText = ({ layer }: Pick<ProbePlace, 'layer'>): string =>
  layer === 0 ? 'input' : `${layer - 1}`;

export const placeText = (place: ProbePlace): string =>
  `${place.position}, ${place.layer === 0 ? 'before the first layer' : `after layer ${layerText(place)}`}`;

export function stateAt({ hidden, positions }: ProbeRow, { position, layer }: ProbePlace): Float32Array {
  const at = (layer * positions.length + positions.indexOf(position)) * hidden.width;
  return hidden.data.subarray(at, at + hidden.width);
}

/** Assigns images to parts of equal size for cross-validation. */
export function foldsOf(rows: readonly ProbeRow[], random: Random): Map<string, number> {
  const images = random.shuffle([...new Set(rows.map(({ image }) => image))]);
  return new Map(images.map((image, i) => [image, i % FOLDS]));
}

/** Predictions for every row at one position and layer, by probes trained on other parts, and scores for selection. */
export interface ReadPlace<R> {
  held: ReadonlyMap<ProbeRow, R>;
  /** For each part, the accuracy on other parts of probes trained without either part; higher is better. */
  inner: readonly number[];
}

/**
 * Returns the prediction for each row at the position and layer that are best on other parts. A selection on the
 * predicted rows themselves would be biased upwards.
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
 * Returns, for each part, the sum of the scores on its two neighbours, by probes trained without both parts.
 * @param scoreOf returns the score on each part of a probe trained without two parts; null with too few rows
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

/** Returns the key of a row, which is the same with and without the image. */
export const keyOf = ({ view, id }: ProbeRow): string => JSON.stringify([view, id]);

/**
 * Whether there is evidence that the model encodes a target: the lower ends of the intervals are above chance for the
 * accuracy (above 0 for R²), and above 0 for the advantage over every control.
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
