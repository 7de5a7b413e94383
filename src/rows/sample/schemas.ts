import * as z from 'zod';
import { isViewId, unknownView, VIEW_IDS, type ViewId } from '../view-list.ts';
import { type ImageRef, isImageRef } from './sample.ts';

/** Id of a view in its normal form, in a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) })
  // Suggestions for editors. Other ids are combinations of these.
  .meta({ examples: [...VIEW_IDS] });

/** Clip of a row in a record: the time of each frame in the view, if known. */
export const clipSchema = z.looseObject({ times_s: z.array(z.number()).optional() });

/** Separate from the type, because panels show samples but do not bundle zod. */
export const imageRefSchema = z.custom<ImageRef>(isImageRef, 'a path or a reference to an image');
