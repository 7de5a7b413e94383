import { expect, it } from 'vitest';
import { RunConfig } from '../../../../src/core/config/run-config.ts';
import { requireRoom } from '../../../../src/lab/models/memory-fit.ts';

const config = (engine: object = {}, loss: object = {}) =>
  RunConfig.parse({
    recipe: 'grpo',
    steps: 1,
    engine: { kind: 'torch', model: 'm', adapter: { kind: 'none' }, ...engine },
    data: { train: 'rows.qa.jsonl' },
    prompt: '{question}',
    batch: { rows: 4 },
    views: { mirror: true },
    sampling: { group_size: 8, max_tokens: 700, temperature: 1 },
    rewards: { accuracy: { weight: 1 } },
    loss: { beta: 0.04, ...loss },
  });

/** All weights of a model of 3.75 billion in bfloat16, as the worker reports them for one process. */
const WHOLE = {
  weights: 7.5e9,
  training: 67.5e9,
  states: 45e9,
  offloadable: 0,
  pass_token: 4e6,
  checkpointed_token: 1e6,
  logits: 1e9,
  cached_token: 37e3,
};
const longest = { longest_prompt: 300, longest_target: 0 };

/** The refusal on a GPU with so many GB; null if the run fits. */
function refusal(room: number | null, of: RunConfig, sizes = WHOLE): string | null {
  try {
    requireRoom(of, { ...sizes, room: room === null ? null : room * 1e9 }, longest);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

it('requireRoom: accepts a run that fits exactly, and any run without a GPU', () => {
  // Weights and their frozen copy, gradients and optimiser, 1000 tokens with their logits.
  const sum = 7.5 + 7.5 + 67.5 + 4 + 1;
  expect(refusal(sum, config())).toBeNull();
  expect(refusal(sum - 0.001, config())).not.toBeNull();
  expect(refusal(null, config())).toBeNull();
});

it.each([
  [85, 'Set engine.gradient_checkpointing to true, which requires 84.5 GB.'],
  [80, 'Set engine.gradient_checkpointing to true and engine.devices to 2, which requires 62.0 GB.'],
  [48, 'Set engine.gradient_checkpointing to true and engine.devices to 8, which requires 45.1 GB.'],
  [24, 'Set engine.gradient_checkpointing to true and engine.adapter.kind to lora, which requires 10.8 GB.'],
  [8, 'Use a smaller model, or a GPU with more memory.'],
])('requireRoom: suggests the smallest change that fits on a GPU of %i GB', (room, advice) => {
  const message = refusal(room, config())!;
  expect(message).toBe(
    `Training requires at least 87.5 GB of GPU memory, but only ${room}.0 GB are available: weights 7.5 GB, reference model 7.5 GB, gradients and optimiser 67.5 GB, a pass over one completion 5.0 GB. ${advice}`,
  );
});

it('requireRoom: suggests only unset options, and accounts for the processes in use', () => {
  const checkpointing = { gradient_checkpointing: true };
  const smaller = { ...WHOLE, pass_token: WHOLE.checkpointed_token };
  expect(refusal(80, config(checkpointing), smaller)).toContain(' Set engine.devices to 2, ');
  const two = { ...smaller, training: 22.5e9 + 45e9 / 2 };
  expect(refusal(48, config({ ...checkpointing, devices: 2 }), two)).toContain(' Set engine.devices to 8, ');
  const adapter = config({ ...checkpointing, adapter: { kind: 'lora' } });
  const message = refusal(8, adapter, { ...smaller, training: 0.5e9, states: 0.3e9 });
  expect(message).toMatch(
    /^Training requires at least 10\.0 GB .*: weights 7\.5 GB, gradients .* Use a smaller model/,
  );
});

it('requireRoom: assumes checkpointing under auto, and does not suggest checkpointing', () => {
  // 7.5 + 7.5 + 67.5 + 1 + 1 with checkpointing.
  expect(refusal(84.5, config({ gradient_checkpointing: 'auto' }))).toBeNull();
  expect(refusal(84, config({ gradient_checkpointing: 'auto' }))).toContain(' Set engine.devices to 2, ');
});

it('requireRoom: suggests optimizer offloading before more GPUs if main memory suffices', () => {
  const roomy = { ...WHOLE, offloadable: 60e9 };
  expect(refusal(40, config(), roomy)).toContain(
    ' Set engine.gradient_checkpointing to true and engine.offload to optimizer, which requires 24.5 GB.',
  );
});

it('requireRoom: counts no reference model without a KL term', () => {
  expect(refusal(80.1, config({}, { beta: 0 }))).toBeNull();
});
