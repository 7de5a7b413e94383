import { expect, it } from 'vitest';
import { withRollouts } from '../../src/engines/vllm/rollouts.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { VllmServer } from '../support/vllm-server.ts';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import { readTraces } from '../../src/lab/runs/trace-files.ts';
import { openTiny, scratch, task, torch } from './open.ts';
import { Runs } from './runs.ts';

/** Two processes of the torch engine: one trains, the other stands in for vLLM, with the adapters of the first. */
it.skipIf(!torch)('withRollouts samples with the adapters of a Qwen2.5-VL', async () => {
  const server = await VllmServer.start(await openTiny('qwen2_5_vl'));
  const trainer = withRollouts(await openTiny('qwen2_5_vl'), {
    url: server.url,
    folder: scratch(),
    codec: imageCodec({ format: 'png', maxPixels: null }),
  });
  const { image, question } = await task();
  const prompt = ask((await trainer.putImage(image)).hash, question);
  for (let step = 0; step < 2; step++) {
    const [drawn] = await trainer.sample([prompt], { n: 3, temperature: 0.9, topP: 1, maxTokens: 12 });
    const completions = drawn!.map(({ tokens }) => ({
      segments: [{ tokens, trained: true, weights: tokens.map(() => 0.1) }],
    }));
    const { logprobs } = await trainer.forwardBackward([{ prompt, completions }], { temperature: 0.9 });
    drawn!.forEach((each, c) =>
      each.logprobs.forEach((lp, t) => expect(lp).toBeCloseTo(logprobs[0]![c]![0]![t]!, 4)),
    );
    await trainer.optimStep({
      learningRate: 1e-2,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: null,
    });
  }
  expect(server.calls.filter((call) => call.startsWith('load'))).toHaveLength(2);
  await trainer.close();
  await server.close();
});

it.skipIf(!torch)('a run samples from an endpoint, from its config to curves and traced pairs', async () => {
  const server = await VllmServer.start(await openTiny('qwen2_5_vl'));
  const runs = new Runs(scratch());
  await runs.prepare();
  await runs.ok('train', 'sft.run.yaml');
  await runs.vary('drawn', 'grpo', {}, { endpoint: server.url });
  await runs.ok('train', 'drawn.run.yaml');
  await server.close();
  // Each step under an adapter of its own, which goes when the next one is there: 2 rows with their mirrors.
  const names = [...new Set(server.calls.map((call) => call.split(' ')[1]!))];
  expect(names).toHaveLength(4);
  expect(server.calls.filter((call) => call.startsWith('chat')).sort()).toEqual(
    names.flatMap((name) => Array<string>(4).fill(`chat ${name}`)).sort(),
  );
  expect(server.adapters.size).toBe(0);
  const metrics = await runs.metrics('drawn');
  expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
  for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
  expect(metrics.at(-1)!.kl).toBeGreaterThan(0);
  for (const { views } of await readTraces(runs.dir('drawn'), 4))
    expect(views.map(({ view, group }) => [view, group.length])).toEqual([
      ['original', 4],
      ['mirror', 4],
    ]);
});
