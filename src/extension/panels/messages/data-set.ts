import * as z from 'zod/mini';
import type { DataHost } from '../../../core/protocol/data-panel.ts';
import { callsTo } from './gate.ts';
import { count, imageRef, nothing } from './parts.ts';

export const dataSetCalls = callsTo<DataHost>()({
  ready: nothing,
  rows: z.object({ chosen: z.record(z.string(), z.number()), text: z.string() }),
  cards: z.object({ rows: z.array(count) }),
  image: z.object({ ref: imageRef }),
  openRow: z.object({ line: count }),
  tryRow: z.object({ line: count }),
  readAgain: nothing,
});

export const dataSetMemory = z.looseObject({ uri: z.string() });
