import { fields, isBytes } from '../../core/protobuf.ts';
import { message, type Writer } from '../protobuf.ts';
import type { Chunk, Datum } from './rows.ts';

/*
 * The protocol buffers of the Tinker API (`tinker_public.proto` of the package `tinker` 0.38.0): rows to score, and
 * what comes back. Everything else is JSON.
 */

export const PROTOBUF = 'application/x-protobuf';

interface ScoringRequest {
  model_id: string;
  seq_id: number;
  data: readonly Datum[];
  /** Computes no gradient. */
  forward_only: boolean;
}

/** `ForwardBackwardRequest` with the loss `cross_entropy`. */
export const encodeScoring = ({
  model_id,
  seq_id,
  data,
  forward_only,
}: ScoringRequest): Uint8Array<ArrayBuffer> =>
  message((w) => {
    w.text(1, model_id);
    w.integer(2, seq_id);
    for (const { model_input, loss_fn_inputs } of data)
      w.message(3, (row) => {
        for (const chunk of model_input.chunks) row.message(1, (c) => writeChunk(c, chunk));
        for (const [name, { data, dtype }] of Object.entries(loss_fn_inputs))
          row.message(2, (entry) => {
            entry.text(1, name);
            entry.message(2, (tensor) => {
              tensor.bytes(
                1,
                raw(dtype === 'int64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data)),
              );
              tensor.integer(3, DTYPES[dtype]);
            });
          });
      });
    w.text(4, 'cross_entropy');
    if (forward_only) w.integer(6, 1);
  });

const DTYPES = { float32: 1, int64: 2 } as const;

function writeChunk(w: Writer, chunk: Chunk): void {
  if (chunk.type === 'encoded_text')
    return w.message(1, (text) => text.bytes(1, raw(Int32Array.from(chunk.tokens))));
  w.message(2, (image) => {
    image.bytes(1, Buffer.from(chunk.data, 'base64'));
    image.text(2, chunk.format);
    image.integer(3, chunk.expected_tokens);
  });
}

const raw = ({ buffer }: Int32Array | Float32Array | BigInt64Array): Uint8Array => new Uint8Array(buffer);

/** `SampleResponse`, in the form that it has as JSON. @throws RangeError if it is none */
export function decodeSamples(reply: Uint8Array): object {
  const sequences = messages(reply, 1).map((sequence) => {
    const [tokens, logprobs] = [bytes(sequence, 2), bytes(sequence, 3)];
    return {
      stop_reason: STOP_REASONS[Number(number(sequence, 1))],
      tokens: tokens ? [...new Int32Array(tokens)] : [],
      logprobs: logprobs && [...new Float32Array(logprobs)],
    };
  });
  return { sequences };
}

const STOP_REASONS = ['stop', 'length'];

/** `ForwardBackwardOutput`, in the form that it has as JSON. @throws RangeError if it is none */
export function decodeScores(reply: Uint8Array): object {
  const loss_fn_outputs = messages(reply, 2).flatMap((record) => {
    const entry = messages(record, 2).find(
      (entry) => new TextDecoder().decode(messages(entry, 1)[0]) === 'logprobs',
    );
    const tensor = entry && messages(entry, 2)[0];
    if (!tensor || number(tensor, 3) !== BigInt(DTYPES.float32))
      throw new RangeError('it has no log-probabilities in float32');
    const data = new Float32Array(bytes(tensor, 1) ?? NOTHING);
    // Where each row begins and the last one ends, in bytes.
    const offsets = [...new BigInt64Array(bytes(tensor, 2) ?? NOTHING)].map((at) => Number(at) / 4);
    return offsets.slice(1).map((end, i) => ({ logprobs: { data: [...data.subarray(offsets[i], end)] } }));
  });
  return { loss_fn_outputs };
}

const NOTHING = new ArrayBuffer();

/** The values of a repeated field that holds messages. */
const messages = (of: Uint8Array, field: number): Uint8Array[] =>
  [...fields(of)].flatMap(([number, value]) => (number === field && isBytes(value) ? [value] : []));

/** A copy of a field's bytes, aligned for typed arrays; null if it is absent. */
function bytes(of: Uint8Array, field: number): ArrayBuffer | null {
  const last = messages(of, field).at(-1);
  return last ? new Uint8Array(last).buffer : null;
}

/** A field's number; an absent one is 0. */
const number = (of: Uint8Array, field: number): bigint =>
  ([...fields(of)].findLast(([number, value]) => number === field && !isBytes(value))?.[1] as
    bigint | undefined) ?? 0n;
