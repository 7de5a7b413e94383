import type { Values } from '../../base/numbers.ts';
import * as z from 'zod';
import { cellsOf } from '../../core/seen/token-grid.ts';
import { checkRecord } from '../../base/record.ts';
import {
  checkAligned,
  checkWanted,
  layersOf,
  resolve,
  tokensIn,
  type Block,
  type InspectCase,
  type Inspected,
  type Wanted,
} from '../inspector.ts';
import type { SamplerInfo } from '../sampler.ts';
import type { Worker } from './worker.ts';

/** Maximum number of cells in a map that is stored per head. */
const MOST_CELLS = 2048;

const locatedSchema = z.array(
  z.object({
    tokens: z.array(
      z.object({ text: z.string(), message: z.int(), part: z.int(), start: z.int(), end: z.int() }),
    ),
    prompt: z.int(),
    grid: z
      .object({
        rows: z.int(),
        cols: z.int(),
        piece: z.tuple([z.number(), z.number(), z.number(), z.number()]),
      })
      .nullable(),
  }),
);

const valuesSchema = z
  .object({ shape: z.array(z.int()), data: z.string() })
  .transform(({ shape, data }): Values => ({ shape, data: floats(data) }))
  .nullable();

const readSchema = z.array(
  z.object({
    logprobs: z.array(z.number()),
    weights: valuesSchema,
    share: valuesSchema,
    mass: valuesSchema,
    sources: valuesSchema,
    hidden: valuesSchema,
    lens: valuesSchema,
    blocked: valuesSchema,
    patched: valuesSchema,
  }),
);

/**
 * Inspects the model in the worker. Finds positions first, so that an invalid request computes nothing.
 * @param layers number of layers of the model. @throws if a case or the request is not supported
 */
export async function inspectInWorker(
  worker: Worker,
  info: SamplerInfo,
  layers: number,
  cases: InspectCase[],
  wanted: Wanted,
  signal?: AbortSignal,
): Promise<Inspected[]> {
  checkWanted(info, cases, wanted, layers);
  if (cases.length === 0) return [];
  const sent = cases.map(({ prompt, completion, model }) => ({ prompt, completion, model }));
  const located = checkRecord(
    locatedSchema,
    await worker.call('locate', { cases: sent }, { signal }),
    WORKER,
  );
  const resolved = cases.map((asked, i) => resolve(asked, located[i]!));
  const { attention, sources, lens, wordsAt, hidden, block, patch } = wanted;
  for (const { grid } of attention === 'heads' ? located : [])
    if (grid && cellsOf(grid) > MOST_CELLS)
      throw new Error(
        `An image of ${grid.rows} × ${grid.cols} cells is too large for maps of every head. Lower engine.max_pixels.`,
      );
  if (patch) for (const place of located) checkAligned(place, located[patch.from]!);
  const read = await worker.call(
    'inspect',
    {
      cases: cases.map(({ queries, boxes, parts }, i) => ({
        ...sent[i],
        queries: resolved[i]!.queries,
        parts: parts.map(({ span }) => tokensIn(located[i]!.tokens, span)),
        boxes: resolved[i]!.boxes.map((shares) => [...shares]),
        hidden: hidden.map((name) => {
          const query = queries.findIndex((asked) => asked.name === name);
          return query >= 0 ? ['query', query] : ['box', boxes.findIndex((box) => box.name === name)];
        }),
        words_at: wordsAt === null ? null : queries.findIndex(({ name }) => name === wordsAt),
      })),
      layers: layersOf(wanted, layers),
      attention,
      sources,
      words: lens,
      patch,
      blocks: block.map((blocked) => ({
        keys: blocked.keys,
        indices: cases.map((inspectCase) => indexOf(inspectCase, blocked)),
        layers: blocked.layers === 'all' ? [0, layers - 1] : blocked.layers,
      })),
    },
    { signal },
  );
  return checkRecord(readSchema, read, WORKER).map((result, i) => ({
    ...result,
    tokens: located[i]!.tokens,
    grid: located[i]!.grid,
    queries: resolved[i]!.queries,
  }));
}

const WORKER = { file: "The torch worker's answer" };

/** Returns the index of a block's box or part in a case, or −1 if the block refers to neither. */
const indexOf = ({ boxes, parts }: InspectCase, { keys, name }: Block): number =>
  (keys === 'part' ? parts : boxes).findIndex((named) => named.name === name);

function floats(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  // Copies the bytes: they can start anywhere in a buffer pool, but floats need an offset that is a multiple of four.
  return new Float32Array(new Uint8Array(bytes).buffer);
}
