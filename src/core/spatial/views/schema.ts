import { z } from 'zod';
import { isViewId, unknownView, type ViewId } from './list.ts';

/** The id of a view in its normal form, of a record or a config. */
export const viewIdSchema: z.ZodType<ViewId> = z
  .string()
  .refine(isViewId, { error: ({ input }) => unknownView(input) });
