import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import { EndpointImages, type ImageCodec } from '../openai/images.ts';
import { NoRoom } from '../features.ts';
import type { PutImage } from '../sampler.ts';
import type { Processor } from './processor.ts';
import type { FlatGroup } from '../segments.ts';
import type { TinkerClient } from './client.ts';
import { scoresSchema } from './protocol.ts';

/** A piece of a prompt: tokens, or a picture that the server turns into `expected_tokens` tokens. */
export type Chunk =
  | { type: 'encoded_text'; tokens: number[] }
  | { type: 'image'; data: string; format: 'png'; expected_tokens: number };

/** The tokens that a chunk stands for. */
const chunkLength = (chunk: Chunk): number =>
  chunk.type === 'image' ? chunk.expected_tokens : chunk.tokens.length;

interface TensorData {
  data: number[];
  dtype: 'float32' | 'int64';
}

/** A row to score: the input lacks the last token, the targets the first; the prompt's targets and weights are 0. */
export interface Datum {
  model_input: { chunks: Chunk[] };
  loss_fn_inputs: { target_tokens: TensorData; weights: TensorData };
}

/**
 * The row for a completion of a prompt. With weights w, the server's `cross_entropy` is −Σ w·lp, summed over tokens and
 * rows: the one primitive of training.
 */
export function datumOf(
  prompt: readonly Chunk[],
  tokens: readonly number[],
  weights: readonly number[],
): Datum {
  const before = prompt.reduce((n, chunk) => n + chunkLength(chunk), 0) - 1;
  const zeros = new Array<number>(before).fill(0);
  const written: Chunk[] = tokens.length > 1 ? [{ type: 'encoded_text', tokens: tokens.slice(0, -1) }] : [];
  return {
    model_input: { chunks: [...prompt, ...written] },
    loss_fn_inputs: {
      target_tokens: { data: [...zeros, ...tokens], dtype: 'int64' },
      weights: { data: [...zeros, ...weights], dtype: 'float32' },
    },
  };
}

/** Converts prompts, with the pictures they show, to the form of the server. */
export class TinkerPrompts {
  private readonly images: EndpointImages;
  /** How many tokens each picture takes. */
  private readonly tokens = new Map<string, number>();

  /** @param contextTokens how many the server's model reads; null if it does not say */
  constructor(
    private readonly processor: Processor,
    codec: ImageCodec,
    private readonly contextTokens: number | null,
  ) {
    this.images = new EndpointImages(codec);
  }

  async putImage(file: Uint8Array): Promise<PutImage> {
    const put = await this.images.put(file);
    const tokens = this.processor.imageTokens({ w: put.width, h: put.height });
    this.tokens.set(put.hash, tokens);
    return { ...put, ...(tokens > 0 && { tokens }) };
  }

  /** @param room tokens that must fit after the prompt. @throws NoRoom if they do not */
  async chunks(prompt: Prompt, room = 1): Promise<Chunk[]> {
    const files = this.images.of([prompt]);
    const pictures = await Promise.all(
      imagesOf(prompt).map(async ({ image, view }) => ({
        data: await this.images.base64(image, files.get(image)!, view),
        // A quarter turn exchanges the sides, which does not change the number of tokens.
        tokens: this.tokens.get(image)!,
      })),
    );
    const chunks = this.processor.encode(prompt).map((part): Chunk => {
      if ('tokens' in part) return { type: 'encoded_text', tokens: part.tokens };
      const { data, tokens } = pictures[part.image]!;
      return { type: 'image', data, format: 'png', expected_tokens: tokens };
    });
    const length = chunks.reduce((n, chunk) => n + chunkLength(chunk), 0) + room;
    if (this.contextTokens !== null && length > this.contextTokens)
      throw new NoRoom(
        `A prompt with its completion may take ${length} tokens; the server's model reads ${this.contextTokens}.`,
      );
    return chunks;
  }
}

/**
 * Sends rows to score, in batches that a server accepts. The returned function waits for the results and returns those
 * of the completions: `[group][row][token]`.
 */
export async function submitRows(
  client: TinkerClient,
  flat: readonly FlatGroup[],
  chunksOf: (prompt: Prompt, room: number) => Promise<Chunk[]>,
  send: (data: Datum[]) => Promise<string>,
): Promise<() => Promise<number[][][]>> {
  const parts = batches(await dataOf(flat, chunksOf));
  const requests: string[] = [];
  for (const data of parts) requests.push(await send(data));
  return () => logprobs(client, flat, parts, requests);
}

/** All rows in order. */
async function dataOf(
  flat: readonly FlatGroup[],
  chunksOf: (prompt: Prompt, room: number) => Promise<Chunk[]>,
): Promise<Datum[]> {
  const data: Datum[] = [];
  for (const { prompt, rows } of flat) {
    const chunks = await chunksOf(prompt, Math.max(...rows.map(({ tokens }) => tokens.length)));
    for (const { tokens, weights } of rows)
      data.push(datumOf(chunks, tokens, weights.length > 0 ? weights : tokens.map(() => 0)));
  }
  return data;
}

/** How many rows, and about how many bytes, to send at once. The service's own client sends up to 5 MB. */
const ROWS_AT_ONCE = 128;
const BYTES_AT_ONCE = 4_000_000;

function batches(data: readonly Datum[]): Datum[][] {
  const out: Datum[][] = [];
  let bytes = 0;
  for (const datum of data) {
    const size = datum.model_input.chunks.reduce(
      (n, chunk) => n + (chunk.type === 'image' ? chunk.data.length : 8 * chunk.tokens.length),
      16 * datum.loss_fn_inputs.weights.data.length,
    );
    const part = out.at(-1);
    if (!part || part.length >= ROWS_AT_ONCE || bytes + size > BYTES_AT_ONCE) {
      out.push([datum]);
      bytes = size;
    } else {
      part.push(datum);
      bytes += size;
    }
  }
  return out;
}

async function logprobs(
  client: TinkerClient,
  flat: readonly FlatGroup[],
  parts: readonly Datum[][],
  requests: readonly string[],
): Promise<number[][][]> {
  const results = await Promise.all(requests.map((request) => client.result(scoresSchema, request)));
  const rows = results.flatMap(({ loss_fn_outputs: outputs }, i) => {
    if (outputs.length !== parts[i]!.length)
      throw new Error(`The server scored ${outputs.length} of ${parts[i]!.length} rows.`);
    return outputs.map(({ logprobs }) => logprobs.data);
  });
  let at = 0;
  return flat.map((group) =>
    group.rows.map(({ tokens }) => {
      const row = rows[at++]!;
      if (row.length < tokens.length)
        throw new Error(
          `The server scored ${row.length} tokens of a row; at least ${tokens.length} were sent.`,
        );
      return row.slice(row.length - tokens.length);
    }),
  );
}
