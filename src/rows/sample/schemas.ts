import * as z from 'zod';
import { isViewId, unknownView, VIEW_IDS, type ViewId } from '../view-list.ts';
import { type ImageRef, isImageRef } from './sample.ts';

/** Id of a view in normal form, in a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) })
  // Suggestions in editors. All other ids are combinations of these ids.
  .meta({ examples: [...VIEW_IDS] });

/** Fields of the images in a record of a row. Separate from the types, because panels use these without bundling zod. */
export const imageFields = {
  images: z.array(z.custom<ImageRef>(isImageRef, 'a path or a reference to an image')),
  /** Clip of the row, with the time of each frame in the view, if known. Present if the images are its frames. */
  clip: z.looseObject({ times_s: z.array(z.number()).optional() }).optional(),
};
