import { describe, expect, it } from 'vitest';
import { allChecks } from '../../src/engines/conformance/inspector-conformance.ts';
import { checkTrainer } from '../../src/engines/conformance/trainer-conformance.ts';
import type { TorchOptions } from '../../src/engines/torch/torch-engine.ts';
import { KINDS } from './models.ts';
import { openTiny, scratch, task, torch } from './open.ts';
import { few } from '../support/slow.ts';

interface Case {
  kind: string;
  what: string;
  options: Partial<TorchOptions>;
}

const CASES: Case[] = [
  ...KINDS.map((kind) => ({ kind, what: 'an adapter', options: {} })),
  { kind: 'qwen2_5_vl', what: 'all weights', options: { adapter: null } },
  { kind: 'qwen2_5_vl', what: 'all weights, in bfloat16', options: { adapter: null, precision: 'bfloat16' } },
  { kind: 'qwen2_5_vl', what: 'an adapter, in bfloat16', options: { precision: 'bfloat16' } },
];

describe.skipIf(!torch)('torch engine: trainer and inspector conformance', () => {
  it.each(few(CASES))('passes the conformance checks for $kind with $what', async ({ kind, options }) => {
    const trainer = await openTiny(kind, options);
    const results = await checkTrainer(trainer, await task(), scratch(), allChecks);
    expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
    await trainer.close();
  });
});
