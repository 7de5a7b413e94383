import * as z from 'zod';
import { viewIdSchema } from '../../rows/sample/schemas.ts';

const numbers = z.array(z.number());
const share = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const count = z.int().min(0);
const maps = z.object({ shape: z.array(count).length(4), max: numbers, bytes: numbers });

/** One view in an attention analysis. Number arrays are flat: the last of the axes in brackets varies fastest. */
const viewSchema = z.object({
  view: viewIdSchema,
  question: z.string(),
  reference: z.string(),
  /** Text that the model generated, and the answer extracted from it. */
  text: z.string(),
  answer: z.string(),
  /** Whether the answer is right; null if it is not scored. */
  right: z.boolean().nullable(),
  /** Text tokens in reading order. Excludes special tokens between turns. */
  tokens: z.array(
    z.object({
      text: z.string(),
      /** Whether the token belongs to the prompt or to the generated text. */
      of: z.enum(['prompt', 'completion']),
      /** Whether white space precedes the token. */
      spaced: z.boolean(),
      /** Query for the attention of the token (`word#2`); '' if the token is not a query. */
      query: z.string(),
    }),
  ),
  /** Grid of the image tokens; null if the prompt had no image. */
  grid: z
    .object({ rows: z.int().min(1), cols: z.int().min(1), piece: share, pictures: z.int().min(1).optional() })
    .nullable(),
  /** Queries with indices into `tokens`; empty for special tokens, such as the one before the generated text. */
  queries: z.array(z.object({ name: z.string(), tokens: z.array(count) })),
  objects: z.array(
    z.object({
      label: z.string(),
      /** Box of the object, in shares of the image's width and height in this view. */
      box: share,
      /** Number of cells that the box covers, as a sum of shares; below 1, the object is smaller than a cell. */
      cells: z.number().min(0),
    }),
  ),
  /** Attention [layer, head, query, cell], as a share of all attention. */
  maps,
  /**
   * Attention of the last token of the general prompt on the same image [layer, head, 1, cell]: the divisor of relative
   * maps. Null if the prompt had no image.
   */
  general: maps.nullable(),
  /** Attention on the whole image [layer, head, query]. */
  share: numbers,
  /** Share of the attention on the image that is inside the object's box [layer, head, query, object]. */
  mass: numbers,
  /** Names of the attended sources, in the order of the last axis of `sources`. */
  source_names: z.array(z.string()),
  /** Attention by source [layer, head, query, source]. */
  sources: numbers,
  /**
   * Log-probabilities of the words as the answer, by logit lens after each layer [layer, word]. After the last layer,
   * these equal the model's output.
   */
  lens: numbers,
  /** Log-probabilities of the words while one part (`keys`) of the input is hidden from the tokens after the image. */
  blocked: z.array(z.object({ keys: z.string(), words: numbers })),
});
export type LookedView = z.infer<typeof viewSchema>;

/** Attention of a model while it answered a row, and the logit lens of its layers, in every analysed view. */
export const lookSchema = z.object({
  kind: z.literal('look'),
  engine: z.string(),
  model: z.string(),
  /** Training step of the run's checkpoint; null for models that are not checkpoints. */
  step: count.nullable(),
  strategy: z.string(),
  /** Prompt for the maps in `general`; '' for the image alone. */
  general_prompt: z.string(),
  id: z.string(),
  /** Numbers of the analysed layers, from 0, in the order of the layer axis of the arrays. */
  layers: z.array(count).min(1),
  heads: z.int().min(1),
  /** Words for which `lens` and `blocked` contain log-probabilities. */
  words: z.array(z.string()),
  /** Analysed views; the original is first. */
  views: z
    .array(
      viewSchema.refine((view) => shapeProblem(view) === null, {
        error: ({ input }) => shapeProblem(input as LookedView) ?? '',
      }),
    )
    .min(1),
});
export type Look = z.infer<typeof lookSchema>;

/** Describes the mismatch between the arrays of a view; null if they match. */
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
