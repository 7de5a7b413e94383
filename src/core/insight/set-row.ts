import * as z from 'zod';
import type { Xyxy } from '../sample/boxes.ts';
import { viewIdSchema } from '../sample/schemas.ts';
import type { ViewId } from '../view-list.ts';
import { COUNT_VERDICTS, type CountVerdict } from './counting.ts';
import { ROLES, type Role } from './set-names.ts';

/**
 * Where a model looked for the answer to a row of a set, in one view: a line of `rows.jsonl`. Its arrays mean the same
 * as those of a look (`LookedView`); the last axis varies fastest.
 */
export interface SetRow {
  id: string;
  view: ViewId;
  /** Rows about the same picture are not independent: intervals are by picture. */
  image: string;
  question: string;
  reference: string;
  answer: string;
  /** Null if unknown. */
  right: boolean | null;
  /** Null if the answer is not a count. */
  count: CountVerdict | null;
  heads: number;
  /** Number of cells of the picture; 0 if the model was shown none. */
  all_cells: number;
  /** `answer`, `last`, and the first and second object that the question names. */
  queries: string[];
  objects: { label: string; role: Role; box: Xyxy; cells: number }[];
  /** Attention on the whole picture [layer, head, query]. */
  share: number[];
  /** Share of the attention on the picture inside the object's box [layer, head, query, object]. */
  mass: number[];
  source_names: string[];
  /** [layer, head, query, source] */
  sources: number[];
  words: string[];
  /** Log-probabilities of the words as the answer, read off each layer [layer, word]. */
  lens: number[];
  /** The words' log-probabilities with something hidden from all tokens after the picture. */
  blocked: { keys: string; words: number[] }[];
  /** Expected column, 0–1, under the map of the mean head [layer, query]; empty without a picture. */
  column: number[];
  /** Mirror error of the mean head [layer, query]; null if the other view is missing. */
  mirror_error: (number | null)[] | null;
  /**
   * For counting rows and the first rows of the set: the answer's map of the mean head [layer, cell], as in `PackedMaps`,
   * its bytes as base64. Older rows do not say on which piece of the picture the grid lies.
   */
  map: { rows: number; cols: number; piece?: Xyxy | undefined; max: number[]; bytes: string } | null;
}

const numbers = z.array(z.number());
const share = z.tuple([z.number(), z.number(), z.number(), z.number()]);

export const setRowSchema: z.ZodType<SetRow> = z
  .looseObject({
    id: z.string(),
    view: viewIdSchema,
    image: z.string(),
    question: z.string(),
    reference: z.string(),
    answer: z.string(),
    right: z.boolean().nullable(),
    count: z.enum(COUNT_VERDICTS).nullable(),
    heads: z.int().min(1),
    all_cells: z.int().min(0),
    queries: z.array(z.string()).min(1),
    objects: z.array(
      z.looseObject({ label: z.string(), role: z.enum(ROLES), box: share, cells: z.number().min(0) }),
    ),
    share: numbers,
    mass: numbers,
    source_names: z.array(z.string()),
    sources: numbers,
    words: z.array(z.string()),
    lens: numbers,
    blocked: z.array(z.looseObject({ keys: z.string(), words: numbers })),
    column: numbers,
    mirror_error: z.array(z.number().nullable()).nullable(),
    map: z
      .looseObject({
        rows: z.int().min(1),
        cols: z.int().min(1),
        piece: share.optional(),
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
  }, 'Its lists are not as long as its heads, queries and objects ask for.');
