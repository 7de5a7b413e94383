import { isRecord } from '../../core/json.ts';
import type { Problem } from '../../core/problem.ts';
import { jsonElements } from './json-elements.ts';
import { parseJson } from './json.ts';
import { jsonLines } from './qa-jsonl.ts';

/** One graph of a foreign file: its id, where the file gives one, and its line, where the file has lines. */
export interface ForeignGraph {
  id?: string;
  line?: number;
  value?: unknown;
  problem?: Problem;
}

/**
 * The graphs of a file as its data set writes them: one a line, a list (Visual Genome), `{scenes: […]}` (CLEVR), a map
 * from image to graph (GQA), or a single one. Lines and lists are read in bounded memory, maps as a whole.
 */
export async function* foreignGraphs(stream: AsyncIterable<Buffer>): AsyncGenerator<ForeignGraph> {
  const chunks = stream[Symbol.asyncIterator]();
  const head: Buffer[] = [];
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    head.push(next.value);
    if (Buffer.concat(head).includes(0x0a) || head.length > 16) break;
  }
  const rest = { [Symbol.asyncIterator]: () => chunks };
  async function* all(): AsyncGenerator<Buffer> {
    yield* head;
    yield* rest;
  }
  const start = Buffer.concat(head)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (start.startsWith('[')) {
    yield* jsonElements(all());
    return;
  }
  const line = start.indexOf('\n');
  if (line > 0 && start.slice(line).trim() !== '' && parseJson(start.slice(0, line)).value !== undefined) {
    yield* jsonLines(all());
    return;
  }
  const parts: Buffer[] = [];
  for await (const chunk of all()) parts.push(chunk);
  const { value, problem } = parseJson(Buffer.concat(parts).toString('utf8'));
  if (value === undefined) yield { ...(problem && { problem }) };
  else yield* graphsIn(value);
}

function* graphsIn(value: unknown): Generator<ForeignGraph> {
  if (isRecord(value) && Array.isArray(value.scenes)) {
    for (const scene of value.scenes as unknown[]) yield { value: scene };
  } else if (isRecord(value) && !('objects' in value) && Object.values(value).every(isRecord)) {
    for (const [id, graph] of Object.entries(value)) yield { id, value: graph };
  } else yield { value };
}
