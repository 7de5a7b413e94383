import { expect, test } from 'vitest';
import {
  metricName,
  withGroupSpread,
  type Figures,
} from '../../../../../src/lab/foreign/values/metric-names.ts';

test.each([
  ['train/rewards/format', 'rewards/format/mean'],
  ['eval/reward', 'eval_reward'],
  ['eval_rewards/format', 'eval_rewards/format/mean'],
  ['eval/completion_length', 'eval_completions/mean_length'],
  ['reward/accuracy', 'rewards/accuracy/mean'],
  // SkyRL: means of its own, which are not parts.
  ['reward/avg_raw_reward', 'reward'],
  ['reward/avg_pass_at_8', 'reward/avg_pass_at_8'],
  ['timing/generate', 'timing_s/generate'],
  // OpenRLHF
  ['rollout/reward_mean', 'reward'],
  ['timing/step_total', 'step_time'],
  ['train/actor_lr', 'learning_rate'],
  // verl; `timing_s/step` is the whole step.
  ['timing_s/step', 'step_time'],
  ['critic/rewards/mean', 'critic/rewards/mean'],
  ['profiling/Time taken: vLLM', 'timing_s/vLLM'],
])('metricName: maps %s to %s', (theirs, ours) => expect(metricName(theirs)).toBe(ours));

test('withGroupSpread: renames reward_std to group_reward_std', () => {
  const metrics = new Map<number, Figures>([
    [1, { reward: 1, reward_std: 0.5 }],
    [2, { eval_reward_std: 1 }],
  ]);
  expect([...withGroupSpread(metrics)]).toEqual([
    [1, { reward: 1, group_reward_std: 0.5 }],
    [2, { eval_group_reward_std: 1 }],
  ]);
});
