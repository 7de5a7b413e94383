import type { Variant } from '../sample.ts';

/** Options of a view, where it allows a choice (docs/views.md). */
export interface ViewOptions {
  /** `image`: words anchor the sides of turned photographs, in both views. */
  anchor?: 'none' | 'image';
}

/** A row's rewrite under any view, stored as `variants.views[id]` of the record. */
export interface ViewVariant extends Variant {
  /** The transform of the pixels: a symmetry's id, or `none`. */
  image_op?: string;
  anchor?: 'none' | 'image';
  /** Whether the right answer differs from the original's. */
  effect?: 'changes' | 'stays';
  /** Size of the view's picture, if it differs from the original's. */
  size?: { w: number; h: number };
  /** Why there is no pair, as a code for programs. */
  code?: string;
}
