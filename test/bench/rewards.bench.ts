/**
 * Rewards of a large step without an encoder, against writing the same completions as JSON: processor time, the best
 * of several rounds.
 *
 *     node scripts/bench.mjs rewards
 */
import { readFileSync } from 'node:fs';
import { Random } from '../../src/base/random.ts';
import { RunConfig, type GrpoConfig } from '../../src/core/config/run-config.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import type { SampledRollout } from '../../src/core/rewards/rollout.ts';
import { scorePairs } from '../../src/lab/rollouts/score-pairs.ts';
import { inViews, type DrawnRow } from '../../src/lab/rollouts/draw-groups.ts';

const COMPLETIONS = 10_000;
const GROUP = 8;

const samples = readFileSync('test/fixtures/corpus/mirror.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => (JSON.parse(line) as { sample: Sample }).sample);
const config = RunConfig.parse({
  recipe: 'grpo',
  steps: 1,
  engine: { kind: 'embedded' },
  data: { train: 'rows.qa.jsonl' },
  rewards: Object.fromEntries(
    ['format', 'accuracy', 'exact_match', 'numeric', 'iou'].map((name) => [name, { weight: 0.2 }]),
  ),
}) as GrpoConfig;

const rows: DrawnRow[] = Array.from({ length: COMPLETIONS / GROUP }, (_, i) => {
  const sample = samples[i % samples.length]!;
  const known = inViews(sample, ['original']);
  return { sample, views: known.map((view) => ({ ...view, prompt: [], images: [] })), known };
});
const random = Random.from('rewards');
/** As a model in training writes: mostly right in form, a fifth truncated, answers of other rows among them. */
const completionsOf = ({ sample }: DrawnRow) =>
  Array.from({ length: GROUP }, (): SampledRollout => {
    const { reasoning = sample.question } = sample;
    const { answer } = random.chance(0.5) ? sample : random.pick(samples);
    const whole = `<think> ${reasoning} </think> <answer> ${answer} </answer>`;
    const text = random.chance(0.2) ? whole.slice(0, whole.length / 2) : whole;
    return {
      segments: [{ stage: 'answer', text, stop_reason: 'end', tokens: [], logprobs: [], entropies: [] }],
    };
  });
const sampled = rows.map((row) => ({
  ...row,
  views: row.views.map((view) => ({ ...view, group: completionsOf(row) })),
}));

/** Milliseconds of processor time, the best of nine rounds. */
async function cost(work: () => unknown): Promise<number> {
  let best = Infinity;
  for (let round = 0; round < 9; round++) {
    const start = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const rewards = await cost(() => scorePairs(sampled, config, null, null));
const json = await cost(() =>
  sampled.flatMap(({ views }) =>
    views.flatMap(({ group }) => group.map(({ segments }) => JSON.stringify(segments[0]!.text))),
  ),
);
console.log(`rewards of ${COMPLETIONS} completions: ${rewards.toFixed(0)} ms (aim: below 100 ms)`);
console.log(
  `${(rewards / json).toFixed(0)} times what JSON.stringify of their texts costs (${json.toFixed(1)} ms)`,
);
