import * as z from 'zod';
import { isViewId, unknownView, VIEW_IDS, type ViewId } from '../view-list.ts';
import { type ImageRef, isImageRef } from './sample.ts';

/** Id of a view in normal form, in a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) })
  // Suggestions in editors. All other ids are combinations of these ids.
  .meta({ examples: [...VIEW_IDS] });

/** Field `clip` in a record of a row: the time of each frame in the view, if known. */
export const clipSchema = z.looseObject({ times_s: z.array(z.number()).optional() });

/** Schema for image references. Separate from the type, because panels use the type without bundling zod. */
export const imageRefSchema = z.custom<ImageRef>(isImageRef, 'a path or a reference to an image');
