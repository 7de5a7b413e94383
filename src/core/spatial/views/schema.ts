import { z } from 'zod';
import { isViewId, unknownView, VIEW_IDS, type ViewId } from './list.ts';

/** The id of a view in its normal form, in a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) })
  // Suggestions for editors; other ids are combinations of these.
  .meta({ examples: [...VIEW_IDS] });
