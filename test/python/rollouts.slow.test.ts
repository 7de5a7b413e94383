import { expect, it } from 'vitest';
import { withRollouts } from '../../src/engines/vllm/rollouts.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { VllmServer } from '../support/vllm-server.ts';
import { ask } from '../../src/engines/conformance/check.ts';
import { openTiny, scratch, task, torch } from './open.ts';

/** Two processes of the torch engine: one trains, the other stands in for vLLM, with the adapters of the first. */
it.skipIf(!torch)('a server draws with the adapters of a Qwen2.5-VL that trains here', async () => {
  const server = await VllmServer.start(await openTiny('qwen2_5_vl'));
  const trainer = withRollouts(await openTiny('qwen2_5_vl'), {
    url: server.url,
    folder: scratch(),
    codec: imageCodec({ format: 'png', maxPixels: null }),
    maxPixels: null,
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
