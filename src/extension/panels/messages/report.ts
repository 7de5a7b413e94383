import * as z from 'zod/mini';
import { PAIRINGS } from '../../../core/metrics/pairing.ts';
import type { ReportHost } from '../../../core/protocol/report-panel.ts';
import { PUBLISHED_SETS, type PublishedSet } from '../../../core/reports/published/table.ts';
import { callsTo } from './gate.ts';
import { copied, count, nothing, saved } from './parts.ts';

const choices = z.object({
  checkpoints: z.enum(['last', 'best', 'all']),
  metric: z.string(),
  base: z.nullable(z.string()),
  // A tab of an earlier version remembers no choice here.
  published: z._default(z.boolean(), false),
  map: z.record(z.string(), z.enum([...(Object.keys(PUBLISHED_SETS) as PublishedSet[]), ''])),
  compare: z.nullable(z.tuple([z.string(), z.string()])),
});

export const reportCalls = callsTo<ReportHost>()({
  ready: nothing,
  choose: choices,
  chooseRuns: nothing,
  evaluate: nothing,
  rows: z.object({ outcome: z.enum(['both', 'only_first', 'only_second', 'neither']), from: count, count }),
  viewRows: z.object({
    cell: z.object({ key: z.string(), set: z.string(), views: z.tuple([z.string(), z.string()]) }),
    pairing: z.enum(PAIRINGS),
    from: count,
    count,
  }),
  showWall: nothing,
  open: z.object({
    key: z.string(),
    row: z.exactOptional(z.object({ set: z.string(), view: z.string(), id: z.string() })),
  }),
  save: saved,
  copy: copied,
});

export const reportMemory = z.looseObject({
  runs: z.nullable(z.array(z.string())),
  sweep: z.nullable(z.string()),
  choices,
});
