import { describe, expect, it } from 'vitest';
import { checkTrainer } from '../../src/engines/conformance/trainer.ts';
import { openTiny, scratch, task, torch } from './open.ts';

describe.skipIf(!torch)('the torch engine keeps every promise of a trainer', () => {
  it.each([
    ['qwen2_5_vl', 'an adapter', {}],
    ['qwen2_5_vl', 'all weights', { adapter: null }],
  ])('%s with %s', async (kind, _, options) => {
    const trainer = await openTiny(kind, options);
    const results = await checkTrainer(trainer, await task(), scratch());
    expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
    await trainer.close();
  });
});
