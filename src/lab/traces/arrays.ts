import type { FileHandle } from 'node:fs/promises';
import { isNatural } from '../../base/json.ts';
import type { ArrayRef, Completion, RecordedPair, SegmentArrays } from '../../core/run-data/trace.ts';
import { readArray } from '../runs/trace-files.ts';
import { explainError } from '../files/disk-error.ts';
import { openFile } from '../files/regular.ts';

type Segment = Completion['segments'][number];

interface Opened {
  /** Arrays by `[view][completion][segment]`. Null if the arrays were not stored. */
  arrays: (SegmentArrays | null)[][][];
  /** Reason why stored arrays are unreadable. Null if they are readable. */
  arraysProblem: string | null;
}

/** Maximum size of the arrays of one pair, in bytes. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads the arrays of a pair from the `.bin` file next to its trace, or from the bytes of this file. If the file is
 * invalid, the arrays are absent, with the reason, but the pair can still be displayed.
 * @param texts decodes tokens to strings, if possible
 */
export async function openArrays(
  from: string | Uint8Array,
  { views }: RecordedPair,
  texts: ((tokens: readonly number[]) => string[]) | null,
): Promise<Opened> {
  const refs = views.flatMap(({ group }) => group.flatMap(({ segments }) => segments.flatMap(refsOf)));
  const none = (arraysProblem: string | null): Opened => ({
    arrays: views.map(({ group }) => group.map(({ segments }) => segments.map(() => null))),
    arraysProblem,
  });
  if (refs.length === 0) return none(null);
  /** @param first offset in the file of the first byte in `bytes` */
  const read = (bytes: Uint8Array, first: number): Opened['arrays'] => {
    const array = ({ at, n }: ArrayRef, type: 'int32' | 'float32') =>
      readArray(bytes, { at: at - first, n }, type);
    const segment = (s: Segment): SegmentArrays | null => {
      if (!s.tokens || !s.logprobs) return null;
      const tokens = array(s.tokens, 'int32');
      return {
        tokens,
        texts: texts?.(tokens) ?? null,
        logprobs: array(s.logprobs, 'float32'),
        ref_logprobs: s.ref_logprobs ? array(s.ref_logprobs, 'float32') : null,
        entropies: s.entropies ? array(s.entropies, 'float32') : null,
      };
    };
    return views.map(({ group }) => group.map(({ segments }) => segments.map(segment)));
  };
  const missing = 'The file with tokens and log-probabilities (.bin next to the trace) does not exist.';
  if (typeof from !== 'string') return { arrays: read(from, 0), arraysProblem: null };
  const file = await openFile(from).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? missing : explainError(error),
  );
  if (typeof file === 'string') return none(file);
  try {
    const { bytes, from: first } = await readRange(file, refs);
    return { arrays: read(bytes, first), arraysProblem: null };
  } catch (error) {
    return none((error as Error).message);
  } finally {
    await file.close();
  }
}

const refsOf = (segment: Segment): ArrayRef[] =>
  [segment.tokens, segment.logprobs, segment.entropies, segment.ref_logprobs].filter((ref) => ref != null);

/**
 * Reads the bytes that the references cover, and returns the offset of the first byte. @throws an error with a message
 * for users, if the references are invalid
 */
async function readRange(
  file: FileHandle,
  refs: readonly ArrayRef[],
): Promise<{ bytes: Uint8Array; from: number }> {
  const { size } = await file.stat();
  let [from, to] = [Infinity, 0];
  for (const { at, n } of refs) {
    if (![at, n].every(isNatural))
      throw new Error('The trace contains no positions of its tokens and log-probabilities.');
    from = Math.min(from, at);
    to = Math.max(to, at + 4 * n);
  }
  if (to > size)
    throw new Error(`The file with tokens and log-probabilities ends at byte ${size}, before byte ${to}.`);
  if (to - from > MAX_BYTES) throw new Error('The tokens and log-probabilities of this pair exceed 256 MiB.');
  const bytes = new Uint8Array(to - from);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  return { bytes: bytes.subarray(0, bytesRead), from };
}
