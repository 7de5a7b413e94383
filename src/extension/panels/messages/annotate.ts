import * as z from 'zod/mini';
import type { AnnotateHost } from '../../../core/protocol/annotate.ts';
import { VARIANT_NAMES } from '../../../core/spatial/views/list.ts';
import { callsTo } from './gate.ts';
import { count, imageRef, nothing } from './parts.ts';

const form = z.enum(VARIANT_NAMES);
const row = z.object({ row: count });

const change = z.pipe(
  z.object({
    path: z.array(z.union([z.string(), count])),
    // Without a value, the field is removed.
    value: z.optional(z.unknown()),
  }),
  z.transform(({ path, value }) => ({ path, value })),
);

export const annotateCalls = callsTo<AnnotateHost>()({
  ready: nothing,
  lines: z.object({ rows: z.array(count), form }),
  queue: z.object({ filter: z.string(), form }),
  row,
  change: z.object({
    row: count,
    id: z.string(),
    changes: z.array(change),
    label: z.string(),
    typing: z.boolean(),
  }),
  add: row,
  remove: row,
  find: z.object({ row: z.int(), by: z.union([z.literal(1), z.literal(-1)]), text: z.string() }),
  image: z.object({ ref: imageRef }),
  openRow: row,
  tryRow: row,
  openKeybindings: nothing,
});
