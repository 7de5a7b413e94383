import type { Random } from '../random.ts';
import type { ViewId } from '../view-list.ts';

/**
 * What a probe reads off hidden states, as one of two labels: the reference answer; on which side of the second named
 * object the first one stands, as the viewer sees them; which of the two is nearer; on which of its own sides the first
 * one has the second; whether the graph that the model wrote in an earlier stage leads to the right answer.
 */
export const TARGETS = ['answer', 'side', 'nearer', 'own side', 'graph'] as const;
export type Target = (typeof TARGETS)[number];

/**
 * What a probe reads off them as a number: the column and the row of the middle of the first named object, as shares of
 * the picture; its depth; the count that the question asks for.
 */
export const NUMBER_TARGETS = ['column', 'row', 'depth', 'count'] as const;
export type NumberTarget = (typeof NUMBER_TARGETS)[number];

/** A row in a view with its hidden states: one example for probes. */
export interface ProbeRow {
  id: string;
  view: ViewId;
  /** Rows about one picture, in all views, are on the same side of every split. */
  image: string;
  /** Whether the model was shown no picture. */
  blind: boolean;
  reference: string;
  answer: string;
  right: boolean | null;
  labels: Partial<Record<Target, string>>;
  numbers: Partial<Record<NumberTarget, number>>;
  /** The targets that decide the row's answer. */
  asks: Target[];
  /**
   * Names of the positions, such as `last`. If a name ends with `IN_PICTURE`, the state is the mean over the picture
   * cells that an object covers. This choice of cells already tells the probe where the object is, so the probe's
   * accuracy says little about what the model knows.
   */
  positions: string[];
  /** Hidden states after `layer` layers [layer, position, width]; 0 is the input. */
  hidden: { layers: number; width: number; data: Float32Array };
}

export const IN_PICTURE = ', in the picture';

export const FOLDS = 5;

/** Where a probe reads: a name of `positions`, and how many layers the hidden states have passed. */
export interface ProbePlace {
  position: string;
  layer: number;
}

/** The layer whose output is read, counted from 0; `input` is the state before any layer. */
export const layerText = ({ layer }: Pick<ProbePlace, 'layer'>): string =>
  layer === 0 ? 'input' : `${layer - 1}`;

/** A place in words. */
export const placeText = (place: ProbePlace): string =>
  `${place.position}, ${place.layer === 0 ? 'as the model gets it' : `after layer ${layerText(place)}`}`;

/** The hidden state of a row at a place. */
export function stateAt({ hidden, positions }: ProbeRow, { position, layer }: ProbePlace): Float32Array {
  const at = (layer * positions.length + positions.indexOf(position)) * hidden.width;
  return hidden.data.subarray(at, at + hidden.width);
}

/** Assigns pictures to parts of equal size, for cross-validation. */
export function foldsOf(rows: readonly ProbeRow[], random: Random): Map<string, number> {
  const images = random.shuffle([...new Set(rows.map(({ image }) => image))]);
  return new Map(images.map((image, i) => [image, i % FOLDS]));
}
