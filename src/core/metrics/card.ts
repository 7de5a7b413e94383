import * as z from 'zod';
import { checkRecord, decodeRecord, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import { evaluationResultSchema } from '../evaluation/results.ts';
import type { Comparison } from './statistics.ts';
import { FRAME_CONTROLS } from '../prompts/frame-controls.ts';
import { MIRROR, MIRROR_KEEP, ORIGINAL, POLARITY, REVERSE } from '../../rows/view-list.ts';

/** Maximum size of a benchmark card, in bytes. */
export const CARD_BYTES = 16 << 20;

const text = z.string().min(1).max(300);
const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 in hexadecimal digits' });

const figures = z.array(evaluationResultSchema).max(20_000);

const pair = z.tuple([z.number(), z.number()]);
/** Fields of a comparison between paired rows (statistics.ts). */
export const comparisonFields = {
  difference: z.number().nullable(),
  n: count,
  bounds: pair.exactOptional(),
  not_judged: count.exactOptional(),
  interval: pair.exactOptional(),
  p: z.number().nullable(),
  only_first: count.exactOptional(),
  only_second: count.exactOptional(),
} satisfies Record<keyof Comparison, z.ZodType>;

const setCardSchema = z.object({
  name: text,
  /** Checksum of the ids, texts, rewrites and images of the evaluated rows, independent of file locations. */
  sha256,
  /** Number of rows that were evaluated in the original view. */
  rows: count,
  /** For each requested view: number of rows with the view, and number of rows without the view by reason code. */
  views: z
    .array(z.object({ view: viewIdSchema, rows: count, lacking: z.record(text, count) }))
    .min(1)
    .max(50),
  figures,
  /** Metrics of the motion benchmark under each frame control; absent for other benchmarks. */
  controls: z
    .array(
      z.object({
        control: z.enum(FRAME_CONTROLS),
        figures,
        /** For each view except the original: pair accuracy with ordered frames minus that under the control. */
        gains: z.array(z.object({ view: viewIdSchema, ...comparisonFields })).max(50),
      }),
    )
    .max(FRAME_CONTROLS.length)
    .exactOptional(),
});

/**
 * Result of `chirality benchmark consistency` or `motion`: metrics of a model's answers to sets in several views, and
 * all settings that comparable results must share. The file is untrusted input.
 */
const cardSchema = z.object({
  kind: z.literal('chirality-card'),
  version: z.literal(1),
  /** Version of Chirality, whose rules created the views. */
  program: text,
  date: z.iso.datetime(),
  scoring_rules: count,
  model: z.object({ name: text, engine: text }),
  asked: z.object({
    strategy: text,
    sampling: z.object({ n: count, temperature: z.number().min(0), max_tokens: count }),
    /** Checksum of the prompting strategy, its prompts, and the sampling settings. */
    sha256,
  }),
  sets: z.array(setCardSchema).min(1).max(100),
});
export type Card = z.infer<typeof cardSchema>;
export type SetCard = Card['sets'][number];

/** Reads a benchmark card. @throws RecordError with the file and the field */
export const readCard = (text: string, source: RecordSource): Card =>
  checkRecord(cardSchema, decodeRecord(text, source), { ...source, madeBy: 'chirality benchmark' });

export const BENCHMARK_VIEWS = {
  /** One view of each kind that the rules can rewrite without guessing. */
  consistency: [
    ORIGINAL,
    MIRROR,
    MIRROR_KEEP,
    'rotate:180',
    'flip',
    'converse',
    'exchange-names',
    POLARITY,
    'permute-options:1',
    'extend-options',
  ],
  /** Views in which a model that perceives motion is always right. */
  motion: [ORIGINAL, REVERSE, MIRROR, `${MIRROR}+${REVERSE}`],
} as const;
