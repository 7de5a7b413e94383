import * as z from 'zod/mini';
import type { RunPanelHost } from '../../../core/protocol/run-panel.ts';
import { callsTo } from './gate.ts';
import { count, nothing } from './parts.ts';

const dir = z.string();
const x = z.enum(['step', 'time', 'tokens']);

export const runCalls = callsTo<RunPanelHost>()({
  ready: nothing,
  series: z.object({
    dir,
    x,
    metrics: z.array(z.string()),
    range: z.nullable(z.tuple([z.number(), z.number()])),
    columns: z.number(),
    smoothing: z.number(),
  }),
  spread: z.object({ dir, x, of: z.enum(['reward', 'group_std', 'delta']) }),
  act: z.object({
    action: z.enum([
      ...['stop', 'resume', 'attach', 'evaluate', 'openLog', 'openConfig'],
      ...['compare', 'showDiverging', 'showDiffering', 'showParent', 'remove'],
    ] as const),
    dir,
  }),
  openTraces: z.object({ dir, step: count }),
});

export const runMemory = z.looseObject({ dirs: z.array(z.string()) });
