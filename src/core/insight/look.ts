import * as z from 'zod';
import { parseRecord, type RecordSource } from '../record.ts';
import type { Xyxy } from '../spatial/boxes.ts';
import { viewIdSchema } from '../spatial/schemas.ts';
import type { ViewId } from '../spatial/views/list.ts';
import type { Grid } from './maps.ts';
import type { PackedMaps } from './values.ts';

/** Where a model looked while it answered a row, and what its layers had read: in the views that it was asked in. */
export interface Look {
  kind: 'look';
  engine: string;
  model: string;
  /** Of the run's checkpoint; null for other models. */
  step: number | null;
  strategy: string;
  /** The text with which the maps of `general` were read; '': the picture alone. */
  general_prompt: string;
  /** The row. */
  id: string;
  /** Those that were looked at, from 0, in the order of the lists below. */
  layers: number[];
  heads: number;
  /** Whose log-probabilities `lens` and `blocked` are. */
  words: string[];
  /** The original first. */
  views: LookedView[];
}

/** Lists of numbers run over the axes in their order, the last one fastest. */
export interface LookedView {
  view: ViewId;
  question: string;
  /** The right answer. */
  reference: string;
  /** What the model wrote, and the answer in it. */
  text: string;
  answer: string;
  /** null: nobody knows. */
  right: boolean | null;
  /** Text tokens in the order in which they are read; those of signs between turns are left out. */
  tokens: LookedToken[];
  /** null: the model was shown no picture. */
  grid: Grid | null;
  queries: LookedQuery[];
  objects: LookedObject[];
  /** Attention [layer, head, query, cell], as a share of all attention. */
  maps: PackedMaps;
  /**
   * Attention of the last token of the general prompt about the same picture [layer, head, 1, cell], by which relative
   * maps are divided; null without a picture.
   */
  general: PackedMaps | null;
  /** Attention on the whole picture [layer, head, query]. */
  share: number[];
  /** Share of the attention on the picture inside the object's box [layer, head, query, object]. */
  mass: number[];
  /** Names of `sources`. */
  source_names: string[];
  /** Attention by source [layer, head, query, source]. */
  sources: number[];
  /** Log-probabilities of the words as the answer, read off each layer [layer, word]; of the last one, the model's own. */
  lens: number[];
  /** What was hidden from the tokens after the picture, and the words' log-probabilities then. */
  blocked: { keys: string; words: number[] }[];
}

export interface LookedToken {
  text: string;
  /** Where in the texts it stands: the prompt's, or what the model wrote. */
  of: 'prompt' | 'completion';
  /** Whether white space stands before it. */
  spaced: boolean;
  /** The query that asks for its attention (`word#2`); '' where none does. */
  query: string;
}

export interface LookedQuery {
  name: string;
  /** Indices of `tokens`; empty for a sign between turns, such as the one after which the model writes. */
  tokens: number[];
}

export interface LookedObject {
  label: string;
  /** In shares of the picture's width and height, as this view shows it. */
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

/** What `Look` says, of a value that may come from elsewhere. */
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

/** @throws RecordError with file and field */
export const readLook = (text: string, source: RecordSource): Look => parseRecord(lookSchema, text, source);

/** Why the lists of a view do not fit together, in a sentence; null where they do. */
function shapeProblem({ maps, general, grid, queries, objects, tokens, ...view }: LookedView): string | null {
  const [layers, heads, asked, cells] = maps.shape as [number, number, number, number];
  const rows = layers * heads * asked;
  if (asked !== queries.length || cells !== (grid ? grid.rows * grid.cols : 0))
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
