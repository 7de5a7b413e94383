import * as z from 'zod';
import type { Xyxy } from '../sample/boxes.ts';
import { viewIdSchema } from '../sample/schemas.ts';
import type { ViewId } from '../view-list.ts';
import type { Grid } from './maps.ts';
import type { PackedMaps } from './values.ts';

/** Where a model looked while it answered a row, and what can be read off its layers, in every view that was asked. */
export interface Look {
  kind: 'look';
  engine: string;
  model: string;
  /** The step of the run's checkpoint; null for other models. */
  step: number | null;
  strategy: string;
  /** The prompt of the maps in `general`; '' if it was the picture alone. */
  general_prompt: string;
  /** The id of the row. */
  id: string;
  /** The layers that were looked at, counted from 0; the arrays below have them in this order. */
  layers: number[];
  heads: number;
  /** The words whose log-probabilities are in `lens` and `blocked`. */
  words: string[];
  /** The original first. */
  views: LookedView[];
}

/** One view of a look. The arrays of numbers are flat; in the axes given in brackets, the last varies fastest. */
export interface LookedView {
  view: ViewId;
  question: string;
  /** The right answer. */
  reference: string;
  /** What the model wrote, and the answer in it. */
  text: string;
  answer: string;
  /** Null if unknown. */
  right: boolean | null;
  /** The text tokens in reading order, without the special tokens between turns. */
  tokens: LookedToken[];
  /** Null if the model was shown no picture. */
  grid: Grid | null;
  queries: LookedQuery[];
  objects: LookedObject[];
  /** Attention [layer, head, query, cell], as a share of all attention. */
  maps: PackedMaps;
  /**
   * Attention of the last token of the general prompt on the same picture [layer, head, 1, cell]. Relative maps are
   * divided by it. Null without a picture.
   */
  general: PackedMaps | null;
  /** Attention on the whole picture [layer, head, query]. */
  share: number[];
  /** Share of the attention on the picture inside the object's box [layer, head, query, object]. */
  mass: number[];
  /** The names of the sources, in the order of the last axis of `sources`. */
  source_names: string[];
  /** Attention by source [layer, head, query, source]. */
  sources: number[];
  /**
   * Log-probabilities of the words as the answer, read off after each layer [layer, word]; after the last one, the
   * model's own.
   */
  lens: number[];
  /**
   * The log-probabilities of the words while something, named by `keys`, was hidden from the tokens after the picture.
   */
  blocked: { keys: string; words: number[] }[];
}

interface LookedToken {
  text: string;
  /** Whether it belongs to the prompt or to what the model wrote. */
  of: 'prompt' | 'completion';
  /** Whether white space precedes it. */
  spaced: boolean;
  /** The query that asks for its attention (`word#2`); '' if there is none. */
  query: string;
}

interface LookedQuery {
  name: string;
  /** Indices into `tokens`; empty for a special token, such as the one after which the model writes. */
  tokens: number[];
}

interface LookedObject {
  label: string;
  /** In shares of the picture's width and height, in this view. */
  box: Xyxy;
  /** How many cells it covers, as a sum of shares. Below 1, it is smaller than a cell. */
  cells: number;
}

const numbers = z.array(z.number());
const share = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const count = z.int().min(0);
const maps = z.looseObject({ shape: z.array(count).length(4), max: numbers, bytes: numbers });

const viewSchema: z.ZodType<LookedView> = z
  .looseObject({
    view: viewIdSchema,
    question: z.string(),
    reference: z.string(),
    text: z.string(),
    answer: z.string(),
    right: z.boolean().nullable(),
    tokens: z.array(
      z.looseObject({
        text: z.string(),
        of: z.enum(['prompt', 'completion']),
        spaced: z.boolean(),
        query: z.string(),
      }),
    ),
    grid: z.looseObject({ rows: z.int().min(1), cols: z.int().min(1), piece: share }).nullable(),
    queries: z.array(z.looseObject({ name: z.string(), tokens: z.array(count) })),
    objects: z.array(z.looseObject({ label: z.string(), box: share, cells: z.number().min(0) })),
    maps,
    general: maps.nullable(),
    share: numbers,
    mass: numbers,
    source_names: z.array(z.string()),
    sources: numbers,
    lens: numbers,
    blocked: z.array(z.looseObject({ keys: z.string(), words: numbers })),
  })
  .refine((view) => shapeProblem(view) === null, {
    error: ({ input }) => shapeProblem(input as LookedView) ?? '',
  });

/** Schema for `Look`, for files that may come from elsewhere. */
export const lookSchema: z.ZodType<Look> = z.looseObject({
  kind: z.literal('look'),
  engine: z.string(),
  model: z.string(),
  step: count.nullable(),
  strategy: z.string(),
  general_prompt: z.string(),
  id: z.string(),
  layers: z.array(count).min(1),
  heads: z.int().min(1),
  words: z.array(z.string()),
  views: z.array(viewSchema).min(1),
});

/** Says in a sentence why the arrays of a view do not fit together; null if they do. */
function shapeProblem({ maps, general, grid, queries, objects, tokens, ...view }: LookedView): string | null {
  const [layers, heads, expected, cells] = maps.shape as [number, number, number, number];
  const rows = layers * heads * expected;
  if (expected !== queries.length || cells !== (grid ? grid.rows * grid.cols : 0))
    return 'The shape of its maps is not that of its queries and cells.';
  const wholly = general?.max.length === layers * heads && general.bytes.length === layers * heads * cells;
  if (general?.shape.at(-1) !== (grid ? cells : undefined) || (general && !wholly))
    return 'The maps of its general prompt are not as many as its layers and heads.';
  const fits =
    maps.max.length === rows &&
    maps.bytes.length === rows * cells &&
    view.share.length === rows &&
    view.mass.length === rows * objects.length &&
    view.sources.length === rows * view.source_names.length;
  if (!fits) return 'Its lists are not as long as its layers, heads and queries ask for.';
  if (queries.some((query) => query.tokens.some((token) => token >= tokens.length)))
    return 'A query names a token that is not there.';
  return null;
}
