import * as z from 'zod/mini';
import type { PairHost } from '../../../core/protocol/pair.ts';
import { callsTo } from './gate.ts';
import { imageRef, nothing } from './parts.ts';

export const pairCalls = callsTo<PairHost>()({
  ready: nothing,
  move: z.object({ by: z.int() }),
  openRow: nothing,
  openKeybindings: nothing,
  image: z.object({ uri: z.string(), ref: imageRef }),
  look: z.object({
    uri: z.string(),
    line: z.int(),
    queries: z.array(z.string().check(z.maxLength(1000))).check(z.maxLength(50)),
    choose: z.boolean(),
  }),
});

export const pairMemory = z.looseObject({
  uri: z.nullable(z.string()),
  line: z.int().check(z.positive()),
});
