import type { Prompt } from '../../core/prompts/message.ts';
import type { FlatGroup } from '../segments.ts';
import type { TinkerClient } from './client.ts';
import { scoresSchema } from './protocol.ts';
import { datumOf, type Chunk, type Datum } from './rows.ts';

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
