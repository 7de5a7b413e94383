import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainerChecks, checkTrainer } from '../../../src/engines/conformance/trainer.ts';
import type { EmbeddedTrainer } from '../../../src/engines/embedded/engine.ts';
import { openEmbedded } from '../../../src/engines/embedded/open.ts';
import { scratch, TASK, TINY } from './tiny.ts';

let engine: EmbeddedTrainer;
beforeAll(async () => (engine = await openEmbedded(TINY)));
afterAll(() => engine.close());

describe('the embedded engine conforms', () => {
  const folder = scratch();
  it.each(trainerChecks(folder).map((check) => [check.name, check] as const))('%s', async (_, check) => {
    const [result] = await checkTrainer(engine, TASK, folder, [check]);
    expect(result!.reason).toBeNull();
  });
});
