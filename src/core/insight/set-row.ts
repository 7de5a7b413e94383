import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { COUNT_VERDICTS, ROLES } from './set-names.ts';

const numbers = z.array(z.number());
const share = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/**
 * Attention for the answer to a row of an evaluation set in one view, as one line of `rows.jsonl`. The arrays have the
 * same meanings as in `LookedView`; the last axis varies fastest.
 */
export const setRowSchema = z
  .object({
    id: z.string(),
    view: viewIdSchema,
    /** Key of the row's image. Intervals are clustered by image, because rows about one image are not independent. */
    image: z.string(),
    question: z.string(),
    reference: z.string(),
    answer: z.string(),
    /** Whether the answer is right; null if it is not scored. */
    right: z.boolean().nullable(),
    /** Distance of the count from the right count; null if the answer is not a count. */
    count: z.enum(COUNT_VERDICTS).nullable(),
    heads: z.int().min(1),
    /** Number of image cells; 0 if the prompt had no image. */
    all_cells: z.int().min(0),
    /** Names of the queries: `answer`, `last`, and the first and the second object that the question names. */
    queries: z.array(z.string()).min(1),
    objects: z.array(
      z.object({ label: z.string(), role: z.enum(ROLES), box: share, cells: z.number().min(0) }),
    ),
    /** Attention on the whole image [layer, head, query]. */
    share: numbers,
    /** Share of the attention on the image that is inside the object's box [layer, head, query, object]. */
    mass: numbers,
    source_names: z.array(z.string()),
    /** Attention by source [layer, head, query, source]. */
    sources: numbers,
    words: z.array(z.string()),
    /** Log-probabilities of the words as the answer, by logit lens [layer, word]. */
    lens: numbers,
    /** Log-probabilities of the words while a part of the input is hidden from all tokens after the image. */
    blocked: z.array(z.object({ keys: z.string(), words: numbers })),
    /** Expected column, 0–1, on the map averaged over heads [layer, query]; empty if the prompt had no image. */
    column: numbers,
    /** Mirror error of the map averaged over heads [layer, query]; null if the other view is missing. */
    mirror_error: z.array(z.number().nullable()).nullable(),
    /** Mirror error if the mirror's map is not folded back. */
    unfolded_error: z.array(z.number().nullable()).nullable(),
    /**
     * Attention on the boxes of each role, as the mean over heads: number of cells in the boxes, mass inside [layer,
     * query], each cell once, and density of the map in other rows' boxes [layer, query], null if there are none.
     */
    roles: z.array(
      z.object({
        role: z.enum(ROLES),
        cells: z.number().min(0),
        mass: numbers,
        elsewhere: numbers.nullable(),
      }),
    ),
    /**
     * Map of the answer, as the mean over heads [layer, cell], for counting rows and the first rows of the set. Stored
     * as in `PackedMaps`, with its bytes as base64.
     */
    map: z
      .object({
        rows: z.int().min(1),
        cols: z.int().min(1),
        piece: share,
        pictures: z.int().min(1).optional(),
        max: numbers,
        bytes: z.base64(),
      })
      .nullable(),
  })
  .refine(({ share, mass, sources, heads, queries, objects, source_names: names }) => {
    const whole = share.length % (heads * queries.length) === 0;
    return (
      whole && mass.length === share.length * objects.length && sources.length === share.length * names.length
    );
  }, 'The lengths of the lists do not match the heads, queries and objects.');
export type SetRow = z.infer<typeof setRowSchema>;
