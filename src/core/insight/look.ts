import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

const numbers = z.array(z.number());
const share = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const count = z.int().min(0);
const maps = z.object({ shape: z.array(count).length(4), max: numbers, bytes: numbers });

/** One view of a look. The arrays of numbers are flat; in the axes given in brackets, the last varies fastest. */
const viewSchema = z.object({
  view: viewIdSchema,
  question: z.string(),
  /** The right answer. */
  reference: z.string(),
  /** What the model wrote, and the answer in it. */
  text: z.string(),
  answer: z.string(),
  /** Null if unknown. */
  right: z.boolean().nullable(),
  /** The text tokens in reading order, without the special tokens between turns. */
  tokens: z.array(
    z.object({
      text: z.string(),
      /** Whether it belongs to the prompt or to what the model wrote. */
      of: z.enum(['prompt', 'completion']),
      /** Whether white space precedes it. */
      spaced: z.boolean(),
      /** The query that asks for its attention (`word#2`); '' if there is none. */
      query: z.string(),
    }),
  ),
  /** Null if the model was shown no image. */
  grid: z
    .object({
      rows: z.int().min(1),
      cols: z.int().min(1),
      piece: share,
      pictures: z.int().min(1).optional(),
    })
    .nullable(),
  /** With indices into `tokens`; none for a special token, such as the one after which the model writes. */
  queries: z.array(z.object({ name: z.string(), tokens: z.array(count) })),
  objects: z.array(
    z.object({
      label: z.string(),
      /** In shares of the image's width and height, in this view. */
      box: share,
      /** How many cells it covers, as a sum of shares. Below 1, it is smaller than a cell. */
      cells: z.number().min(0),
    }),
  ),
  /** Attention [layer, head, query, cell], as a share of all attention. */
  maps,
  /**
   * Attention of the last token of the general prompt on the same image [layer, head, 1, cell]. Relative maps are
   * divided by it. Null without an image.
   */
  general: maps.nullable(),
  /** Attention on the whole image [layer, head, query]. */
  share: numbers,
  /** Share of the attention on the image inside the object's box [layer, head, query, object]. */
  mass: numbers,
  /** The names of the sources, in the order of the last axis of `sources`. */
  source_names: z.array(z.string()),
  /** Attention by source [layer, head, query, source]. */
  sources: numbers,
  /**
   * Log-probabilities of the words as the answer, read off after each layer [layer, word]; after the last one, the
   * model's own.
   */
  lens: numbers,
  /**
   * The log-probabilities of the words while something, named by `keys`, was hidden from the tokens after the
   * image.
   */
  blocked: z.array(z.object({ keys: z.string(), words: numbers })),
});
export type LookedView = z.infer<typeof viewSchema>;

/** Where a model looked while it answered a row, and what can be read off its layers, in every view that was asked. */
export const lookSchema = z.object({
  kind: z.literal('look'),
  engine: z.string(),
  model: z.string(),
  /** The step of the run's checkpoint; null for other models. */
  step: count.nullable(),
  strategy: z.string(),
  /** The prompt of the maps in `general`; '' if it was the image alone. */
  general_prompt: z.string(),
  id: z.string(),
  /** The layers that were looked at, counted from 0; the arrays below have them in this order. */
  layers: z.array(count).min(1),
  heads: z.int().min(1),
  /** The words whose log-probabilities are in `lens` and `blocked`. */
  words: z.array(z.string()),
  /** The original first. */
  views: z
    .array(
      viewSchema.refine((view) => shapeProblem(view) === null, {
        error: ({ input }) => shapeProblem(input as LookedView) ?? '',
      }),
    )
    .min(1),
});
export type Look = z.infer<typeof lookSchema>;

/** Says in a sentence why the arrays of a view do not fit together; null if they do. */
function shapeProblem({ maps, general, grid, queries, objects, tokens, ...view }: LookedView): string | null {
  const [layers, heads, expected, cells] = maps.shape as [number, number, number, number];
  const rows = layers * heads * expected;
  if (expected !== queries.length || cells !== (grid ? grid.rows * grid.cols : 0))
    return 'The shape of the maps does not match the queries and cells.';
  const wholly = general?.max.length === layers * heads && general.bytes.length === layers * heads * cells;
  if (general?.shape.at(-1) !== (grid ? cells : undefined) || (general && !wholly))
    return 'The maps of the general prompt do not match the layers and heads.';
  const fits =
    maps.max.length === rows &&
    maps.bytes.length === rows * cells &&
    view.share.length === rows &&
    view.mass.length === rows * objects.length &&
    view.sources.length === rows * view.source_names.length;
  if (!fits) return 'The lengths of the lists do not match the layers, heads and queries.';
  if (queries.some((query) => query.tokens.some((token) => token >= tokens.length)))
    return 'A query refers to a token that does not exist.';
  return null;
}
