import * as z from 'zod/mini';
import type { TraceHost } from '../../../core/protocol/trace-panel.ts';
import { callsTo } from './gate.ts';
import { copied, count, nothing, saved } from './parts.ts';

const run = z.string();
const source = z.optional(z.string());
const sample = z.string();
const id = z.object({ step: count, pair: count });
const changes = z.record(z.string(), z.union([z.number(), z.string()]));
/** Settings as `fork --set` takes them. */
const set = z.array(z.string());

const query = z.object({
  filter: z.string(),
  text: z.string(),
  sort: z.nullable(z.object({ field: z.string(), descending: z.boolean() })),
});

export const traceCalls = callsTo<TraceHost>()({
  ready: nothing,
  compare: z.object({ source: z.nullable(z.string()) }),
  annotate: z.object({ run, source, ids: z.array(id) }),
  saveRows: z.object({ run, source, ids: z.array(id) }),
  moved: z.pipe(
    z.object({ source, id: z.nullable(id) }),
    z.transform(({ source, id }) => ({ source, id })),
  ),
  openRow: z.object({ path: z.string(), line: count }),
  openKeybindings: nothing,
  startWith: z.object({ run, set }),
  fork: z.object({ run, step: count, set }),
  copy: copied,
  save: saved,
  traceSources: z.object({ run }),
  traces: z.object({ run, source, query, list: z.exactOptional(count) }),
  traceWall: z.object({ run, source, list: count }),
  traceRows: z.object({ run, source, list: count, from: count, count }),
  traceIndex: z.object({ run, source, list: count, id }),
  tracePair: z.object({ run, source, id }),
  traceSample: z.object({ run, source, sample }),
  traceImage: z.object({ run, source, id, image: count }),
  traceRow: z.object({ run, source, sample, set: z.nullable(z.string()) }),
  whatIfConfig: z.object({ run }),
  whatIfStep: z.object({ run, step: count }),
  whatIfRun: z.object({ run, changes }),
});

export const traceMemory = z.looseObject({
  run,
  source,
  name: z.string(),
  id: z.nullable(id),
  filter: z.exactOptional(z.string()),
  against: z.optional(z.object({ run, source: z.string() })),
});
