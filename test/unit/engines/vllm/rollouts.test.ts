import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadRun } from '../../../../src/core/config/load.ts';
import { openEmbedded } from '../../../../src/engines/embedded/open-embedded.ts';
import { withRollouts } from '../../../../src/engines/vllm/rollouts.ts';
import type { Prompt } from '../../../../src/core/prompts/message.ts';
import type { Group, SampledCompletion, Trainer } from '../../../../src/engines/trainer.ts';
import { imageCodec } from '../../../../src/lab/endpoint.ts';
import { decodeForModel } from '../../../../src/lab/images/decode.ts';
import { encodePng } from '../../../../src/lab/images/png.ts';
import { VllmServer } from '../../../support/vllm-server.ts';
import { COLOURS, QUESTION, scratchFolders, SIDE, TINY } from '../tiny.ts';

const scratch = scratchFolders();

const SAMPLING = { n: 4, temperature: 1, topP: 1, maxTokens: 8 };
let server: VllmServer;
let trainer: Trainer;
let folder: string;
let prompts: Prompt[];

beforeEach(async () => {
  const open = () => openEmbedded({ ...TINY, decodeImage: decodeForModel });
  server = await VllmServer.start(await open());
  folder = scratch();
  trainer = withRollouts(await open(), {
    url: `${server.url}/v1/`,
    key: 'k-1-secret',
    folder,
    codec: imageCodec({ format: 'png', maxPixels: null }),
  });
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgb.set(COLOURS[i % SIDE < SIDE / 2 ? 'red' : 'blue'], i * 3);
  const { hash } = await trainer.putImage(await encodePng({ w: SIDE, h: SIDE, rgb }));
  prompts = (['original', 'mirror'] as const).map((view) => [
    { role: 'user', content: [{ image: hash, view }, QUESTION] },
  ]);
});
afterEach(async () => {
  await trainer.close();
  expect([...server.adapters]).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
  await server.close();
});

const groupsOf = (drawn: SampledCompletion[][]): Group[] =>
  drawn.map((group, g) => ({
    prompt: prompts[g]!,
    completions: group.map(({ tokens }) => ({ segments: [{ tokens, trained: true }] })),
  }));

/** How far the server's log-probabilities are from the trainer's, at most. */
async function gap(drawn: SampledCompletion[][]): Promise<number> {
  const scores = await trainer.forward(groupsOf(drawn), { model: 'policy', temperature: 1 });
  return Math.max(
    ...drawn.flatMap((group, g) =>
      group.flatMap(({ logprobs }, c) =>
        logprobs.map((lp, t) => Math.abs(lp - scores[g]![c]![0]!.logprobs[t]!)),
      ),
    ),
  );
}

it('withRollouts samples only with the adapter of the current step', async () => {
  const first = await trainer.sample(prompts, SAMPLING);
  expect(first.map((group) => group.length)).toEqual([4, 4]);
  expect(await gap(first)).toBeLessThan(1e-4);
  await trainer.sample(prompts, SAMPLING);
  const weighted = groupsOf(first).map(({ prompt, completions }) => ({
    prompt,
    completions: completions.map(({ segments: [segment] }) => ({
      segments: [{ ...segment!, weights: segment!.tokens.map(() => 0.1) }],
    })),
  }));
  await trainer.forwardBackward(weighted, { temperature: 1 });
  await trainer.optimStep({
    learningRate: 0.05,
    betas: [0.9, 0.99],
    eps: 1e-8,
    weightDecay: 0,
    gradClip: null,
  });
  expect(await gap(first)).toBeGreaterThan(1e-2);
  const second = await trainer.sample(prompts, SAMPLING);
  expect(await gap(second)).toBeLessThan(1e-4);
  const names = server.calls.map((call) => call.replace(/chirality-\d+-/, ''));
  expect(names).toEqual([
    'load 1',
    'chat 1',
    'chat 1',
    'chat 1',
    'chat 1',
    'load 2',
    'unload 1',
    'chat 2',
    'chat 2',
  ]);
  expect([...server.keys]).toEqual(['Bearer k-1-secret']);
  // Whatever a server draws, a resumed run cannot have the same numbers.
  expect(trainer.info().features).not.toContain('exact-resume');
});

const answers: [string, (answer: Record<string, unknown>) => void, string][] = [
  [
    'tokenises a prompt differently',
    (answer) => (answer.prompt_token_ids as number[]).splice(2, 1),
    '12 tokens instead of 13, different from token ',
  ],
  ['returns no token ids', (answer) => delete answer.prompt_token_ids, 'Use vLLM 0.10.2 or later'],
  [
    'returns too few log-probabilities',
    (answer) => ((answer.choices as { logprobs: unknown }[])[0]!.logprobs = null),
    'with no log-probabilities',
  ],
  [
    'truncates completions at its context limit',
    (answer) => {
      const [{ token_ids, logprobs }] = answer.choices as [
        { token_ids: unknown[]; logprobs: { content: unknown[] } },
      ];
      for (const list of [token_ids, logprobs.content]) list.splice(2);
      Object.assign((answer.choices as object[])[0]!, { finish_reason: 'length' });
    },
    'ended a completion after 2 of 8 tokens. Start vLLM with a --max-model-len',
  ],
  ['omits answers', (answer) => (answer.choices as unknown[]).pop(), 'returned 3 of 4 completions'],
];
it.each(answers)('withRollouts rejects a server that %s', async (_, distort, words) => {
  server.distort = distort;
  await expect(trainer.sample(prompts, SAMPLING)).rejects.toThrow(words);
});

it('withRollouts truncates overlong prompts if overlong is set to cut', async () => {
  const long: Prompt = [{ role: 'user', content: [QUESTION.repeat(3)] }];
  const groups = await trainer.sample([prompts[0]!, long], { ...SAMPLING, overlong: 'cut' });
  expect(groups[0]!.every(({ tokens }) => tokens.length > 0)).toBe(true);
  expect(groups[1]).toHaveLength(4);
  expect(groups[1]![0]).toMatchObject({ text: '', tokens: [], stopReason: 'length' });
  await expect(trainer.sample([long], SAMPLING)).rejects.toThrow('maximum context length is 12');
});

const refusals: [string, number, string, RegExp][] = [
  [
    '/v1/load_lora_adapter',
    404,
    'Not Found',
    /rejected load_lora_adapter \(404\): Not Found\. Start vLLM with --enable-lora/,
  ],
  [
    '/v1/load_lora_adapter',
    401,
    'Unauthorized: k-1-secret',
    /\(401\): Unauthorized: \*{3}\. .*CHIRALITY_API_URL/,
  ],
  [
    '/v1/chat/completions',
    400,
    'max_tokens=2000 cannot be greater than max_model_len=1024. Please request fewer output tokens.',
    /fewer output tokens\. Start vLLM with a --max-model-len/,
  ],
  [
    '/v1/chat/completions',
    500,
    'EngineCore encountered an issue.',
    /Check the log of the server\. .*chirality resume/,
  ],
];
it.each(refusals)('withRollouts explains %s with status %s', async (route, status, words, expected) => {
  server.refusal = { route, status, words };
  await expect(trainer.sample(prompts, SAMPLING)).rejects.toThrow(expected);
  server.refusal = null;
});

it('withRollouts continues with a server that restarted between two steps', async () => {
  await trainer.sample(prompts, SAMPLING);
  server.adapters.clear();
  await trainer.optimStep({ learningRate: 0, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, gradClip: null });
  expect(await trainer.sample(prompts, SAMPLING)).toHaveLength(2);
});

it('withRollouts reports an unreachable server', async () => {
  const nowhere = withRollouts(trainer, {
    url: 'http://127.0.0.1:1',
    folder,
    codec: imageCodec({ format: 'png', maxPixels: null }),
  });
  await expect(nowhere.sample(prompts, SAMPLING)).rejects.toThrow('No server answers at 127.0.0.1:1');
});

it('sampling.endpoint requires an adapter run on the torch engine', () => {
  const text = (engine: string) => `
recipe: grpo
engine: ${engine}
data: { train: rows.qa.jsonl }
steps: 4
rewards: { accuracy: { weight: 1 } }
views: { mirror: false }
coupling: { eta: 0 }
sampling: { endpoint: "http://localhost:8000" }`;
  const codes = (engine: string) =>
    loadRun(text(engine), 'a.run.yaml', () => null)
      .problems.filter(({ severity }) => severity === 'error')
      .map(({ code }) => code);
  expect(codes('{ kind: torch, model: m }')).toEqual([]);
  expect(codes('{ kind: embedded }')).toContain('endpoint-adapter');
  expect(codes('{ kind: torch, model: m, adapter: { kind: none } }')).toEqual(['endpoint-adapter']);
});
