import * as z from 'zod';
import { isViewId, unknownView, VIEW_IDS, type ViewId } from '../view-list.ts';
import { type ImageRef, isImageRef } from './sample.ts';

/** The id of a view in its normal form, in a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) })
  // Suggestions for editors; other ids are combinations of these.
  .meta({ examples: [...VIEW_IDS] });

/** What a record of a row says of its clip: when each frame is seen in the view, if that is known. */
export const clipSchema = z.looseObject({ times_s: z.array(z.number()).optional() });

/** In a file separate from the type, because panels show samples but do not bundle zod. */
export const imageRefSchema = z.custom<ImageRef>(isImageRef, 'a path or a reference to an image');
