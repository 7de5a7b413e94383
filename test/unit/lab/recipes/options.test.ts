import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readAcuity } from '../../../../src/core/psychophysics/acuity-record.ts';
import { loadRun } from '../../../../src/core/config/load.ts';
import type { RunConfig } from '../../../../src/core/config/run-config.ts';
import type { MetricsRow } from '../../../../src/core/rewards/metrics-row.ts';
import type { TracedCompletion, TracedPair } from '../../../../src/core/run-data/trace.ts';
import { workOnRun } from '../../../../src/lab/train.ts';
import { createRun } from '../../../../src/lab/runs/make-run.ts';
import { readTraces } from '../../../../src/lab/runs/trace-files.ts';
import { chirality, tinyProject } from './cli.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';
import { readRows, rowLines } from '../../../support/rows.ts';
import { reply, ScriptedServer, textOf } from '../../engines/openai/server.ts';

type Tree = Record<string, unknown>;

const folder = folderOfTests('chirality-options-');
/** What `train` told while it trained the first run of the folder. */
let told: string;
let base: Record<'grpo' | 'sft', Tree>;
beforeAll(async () => {
  await tinyProject(folder);
  const sft = await chirality(folder, 'train', 'sft.run.yaml');
  if (sft.code !== 0) throw new Error(sft.stderr);
  told = sft.stderr;
  const data = { train: join(folder, 'train/data.qa.jsonl'), root: folder };
  const read = async (name: string) =>
    parse(await readFile(join(folder, `${name}.run.yaml`), 'utf8')) as Tree;
  const short = { steps: 2, data };
  base = {
    sft: { ...(await read('sft')), ...short },
    grpo: { ...(await read('grpo')), ...short, init: join(folder, 'runs/sft/checkpoints/step-000030') },
  };
});

it('train: estimates its duration from the last run with the same recipe and model', async () => {
  expect(told).toContain('The first steps show the remaining time');
  const again = await chirality(folder, 'train', 'sft.run.yaml', '--dry-run');
  expect(again.stderr).toMatch(
    /About \d+ (?:s|min).* of training, estimated from the run sft on this machine\./,
  );
});

interface Result {
  dir: string;
  metrics: MetricsRow[];
  pairs: TracedPair[];
}

/** Two steps of the tiny project with some settings changed. */
async function twoSteps(recipe: 'grpo' | 'sft', change: Tree): Promise<Result> {
  const merged = { ...base[recipe] };
  for (const [key, value] of Object.entries(change)) {
    const below = merged[key];
    merged[key] = typeof value === 'object' ? { ...(below as Tree | undefined), ...(value as Tree) } : value;
  }
  const { config, problems } = loadRun(stringify(merged), 'test', () => null);
  if (!config) throw new Error(JSON.stringify(problems));
  const dir = await createRun(join(folder, 'options'), 'run', config satisfies RunConfig);
  await workOnRun(dir);
  return {
    dir,
    metrics: readRows<MetricsRow>(join(dir, 'metrics.jsonl')),
    pairs: [...(await readTraces(dir, 1)), ...(await readTraces(dir, 2))],
  };
}

const completions = (pair: TracedPair) => pair.views.flatMap(({ group }) => group);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const cutOff = (pairs: readonly TracedPair[]) =>
  pairs.flatMap(completions).filter(({ segments }) => segments.at(-1)!.stop_reason === 'length');

/** No spread of rewards reaches this: every group is one that teaches nothing. */
const NEVER = 9;

const CASES: [name: string, change: Tree, check: (result: Result) => void][] = [
  [
    'skip: dropped groups are not trained',
    { dynamic_sampling: { mode: 'skip', min_std: NEVER } },
    ({ metrics, pairs }) => {
      for (const row of metrics) {
        expect(row).toMatchObject({
          'dynamic_sampling/groups_drawn': 6,
          'dynamic_sampling/groups_kept': 0,
          'dynamic_sampling/rounds': 1,
          loss: null,
          grad_norm: null,
          num_tokens: 0,
        });
      }
      expect(pairs.every(({ kept }) => !kept)).toBe(true);
    },
  ],
  [
    'refill: draws again up to max_rounds, and the cursor counts all draws',
    { dynamic_sampling: { mode: 'refill', min_std: NEVER, max_rounds: 3 } },
    ({ metrics }) => {
      expect(metrics.map((row) => row['dynamic_sampling/rounds'])).toEqual([3, 3]);
      expect(metrics.map((row) => row['dynamic_sampling/groups_drawn'])).toEqual([18, 18]);
      // 3 rows a round, 24 rows an epoch.
      expect(metrics.map(({ epoch }) => epoch)).toEqual([9 / 24, 18 / 24]);
    },
  ],
  [
    'truncated: mask trains only completions that ended',
    { sampling: { group_size: 4, max_tokens: 2 }, loss: { truncated: 'mask' } },
    ({ metrics, pairs }) => {
      expect(metrics[0]!['completions/clipped_ratio']).toBeGreaterThan(0.5);
      const ended = pairs
        .flatMap(completions)
        .flatMap(({ segments: [s] }) => (s!.stop_reason === 'length' ? [] : s!.tokens!.n));
      expect(metrics[1]!.num_tokens).toBe(sum(ended));
    },
  ],
  [
    'truncated: penalise gives reward 0 to truncated completions',
    { sampling: { group_size: 4, max_tokens: 2 }, loss: { truncated: 'penalise' } },
    ({ pairs }) => {
      const rewards = cutOff(pairs).map(({ reward }) => reward);
      expect(rewards.length).toBeGreaterThan(24);
      expect(new Set(rewards)).toEqual(new Set([0]));
    },
  ],
  [
    'iterations: 2 trains twice on the same rollouts, the second time off-policy',
    { loss: { iterations: 2, clip_low: 0, clip_high: 0 }, optimizer: { learning_rate: 1e-2 } },
    ({ metrics }) => {
      // With bounds of 0 whatever the first update moved the rewarded way is clipped in the second.
      expect(metrics[0]!['clip_ratio/region_mean']).toBeGreaterThan(0);
      expect(metrics[0]!['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
    },
  ],
  [
    'views.mirror: false samples the rows as given',
    { views: { mirror: false } },
    ({ metrics, pairs }) => {
      expect(metrics[0]).toMatchObject({ 'dynamic_sampling/groups_drawn': 3 });
      expect(metrics[0]).not.toHaveProperty('reward_mirror');
      expect(metrics[0]).not.toHaveProperty('spatial/delta');
      expect(pairs.map(({ delta, verdict }) => [delta, verdict])).toEqual(pairs.map(() => [null, null]));
    },
  ],
  [
    'unpaired: keep trains a row without a mirror as one group',
    { data: { train: 'unpaired' }, views: { unpaired: 'keep' } },
    ({ metrics, pairs }) => {
      expect(metrics[1]!.epoch).toBe(6 / 24);
      expect(new Set(pairs.map(({ views }) => views.length))).toEqual(new Set([1, 2]));
    },
  ],
  [
    'unpaired: drop skips a row without a mirror',
    { data: { train: 'unpaired' }, views: { unpaired: 'drop' } },
    ({ metrics, pairs }) => {
      expect(metrics[1]!.epoch).toBe(6 / 12);
      expect(pairs.map(({ views }) => views.length)).toEqual(pairs.map(() => 2));
    },
  ],
  [
    'advantages.scope: pair centres both views together',
    { advantages: { scope: 'pair' } },
    ({ pairs }) => {
      const ofView = pairs.flatMap(({ views }) =>
        views.map(({ group }) => Math.abs(sum(group.map(({ advantage }) => advantage!)))),
      );
      for (const pair of pairs)
        expect(sum(completions(pair).map(({ advantage }) => advantage!))).toBeCloseTo(0, 9);
      expect(Math.max(...ofView)).toBeGreaterThan(0.01);
    },
  ],
  [
    'coupling.mode: joint rewards completions that are right and agree in both views',
    { coupling: { mode: 'joint' }, advantages: { scope: 'pair' } },
    ({ metrics, pairs }) => {
      let earned = 0;
      for (const pair of pairs) {
        const [one, other] = pair.views.map(({ group }) => group) as [TracedCompletion[], TracedCompletion[]];
        const isJoint = one.map(({ right, agrees }, i) => right && other[i]!.right && agrees === true);
        expect(one.map(({ agrees }) => agrees)).toEqual(other.map(({ agrees }) => agrees));
        for (const group of [one, other])
          expect(group.map(({ penalty }) => penalty)).toEqual(
            group.map(({ rewards }, i) => (isJoint[i] ? 0 : rewards.semantic!.value)),
          );
        const count = isJoint.filter(Boolean).length;
        expect(pair).toMatchObject({ joint: count, penalised: null, effect: null });
        earned += count;
      }
      expect(earned).toBeGreaterThan(0);
      // Three pairs of four completions a step.
      expect(sum(metrics.map((row) => row['spatial/joint']!)) * 12).toBeCloseTo(earned, 9);
    },
  ],
];

it.each(CASES)('training option: %s', async (_, change, check) => {
  const wanted = change.data as { train?: string } | undefined;
  check(
    await twoSteps('grpo', wanted?.train === 'unpaired' ? { ...change, data: await unpaired() } : change),
  );
});

it('released_prompt_overwrite: trains on truncated prompts with equal targets', async () => {
  const [whole, cut] = [
    await twoSteps('sft', {}),
    await twoSteps('sft', { released_prompt_overwrite: true }),
  ];
  expect(cut.metrics[0]!.num_tokens).toBe(whole.metrics[0]!.num_tokens);
  expect(cut.metrics[0]!.loss).not.toBe(whole.metrics[0]!.loss);
  expect(cut.metrics[1]!.loss).toBeLessThan(cut.metrics[0]!.loss!);
});

slowly('SFT with views.mirror: trains on each row, and on its mirror if the mirror exists', async () => {
  const [rows, both, half] = [
    await twoSteps('sft', { views: { mirror: false } }),
    await twoSteps('sft', { views: { mirror: true } }),
    await twoSteps('sft', { views: { mirror: true }, data: await unpaired(), batch: { samples: 24 } }),
  ];
  expect(rows.metrics).toEqual((await twoSteps('sft', {})).metrics);
  // A mirror of a row about sides has as many words as the row, and the position counts rows.
  expect(both.metrics[0]!.num_tokens).toBe(2 * rows.metrics[0]!.num_tokens!);
  expect(both.metrics[0]!.epoch).toBe(rows.metrics[0]!.epoch);
  expect(both.metrics[0]!.loss).not.toBe(rows.metrics[0]!.loss);
  const whole = await twoSteps('sft', { views: { mirror: true }, batch: { samples: 24 } });
  expect(half.metrics[0]!.num_tokens! / whole.metrics[0]!.num_tokens!).toBeCloseTo(0.75, 1);
});

/** The rows again, every other one with a mirror that is not trusted. */
async function unpaired(): Promise<Tree> {
  const lines = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
  const rows = lines.map((line, i) => {
    const row = JSON.parse(line) as { question: string; answer: string };
    const mirror = { question: row.question, answer: row.answer, status: 'needs_llm' };
    return i % 2 === 0 ? row : { ...row, variants: { mirror } };
  });
  const path = join(folder, 'train/unpaired.qa.jsonl');
  await writeFile(path, rowLines(rows));
  return { train: path, root: folder };
}

slowly('evaluation with its own seed: does not change the training', async () => {
  // Enough questions to exclude a gain of ten points in two steps.
  const words = '--count 200 --style compact --families side --seed many --size 32 -o many'.split(' ');
  expect(await chirality(folder, 'worlds', ...words)).toMatchObject({ code: 0 });
  const data = { eval: { val: join(folder, 'many/data.qa.jsonl') } };
  const straight = await twoSteps('grpo', { data, evaluate: {} });
  const evaluated = await twoSteps('grpo', { data, evaluate: { every: 1, at_start: true, seed: 5 } });
  expect(evaluated.metrics).toEqual(straight.metrics);
  expect(evaluated.pairs).toEqual(straight.pairs);
  const gains = async ({ dir }: Result) =>
    (await readFile(join(dir, 'events.jsonl'), 'utf8')).match(/"kind":"gain","message":"[^"]*/g);
  expect(await gains(evaluated)).toEqual([expect.stringMatching(/No clear gain in .* on val: .* points\./)]);
  expect(await gains(straight)).toBe(null);
});

slowly('evaluation of acuity: uses the same scenes, and does not change the training', async () => {
  const straight = await twoSteps('grpo', {});
  const measured = await twoSteps('grpo', { evaluate: { every: 1, acuity: ['side'] } });
  expect(measured.metrics).toEqual(straight.metrics);
  expect(measured.pairs).toEqual(straight.pairs);
  const acuity = join(measured.dir, 'acuity');
  const names = (await readdir(acuity)).filter((name) => name !== 'rows').sort();
  expect(names.map((name) => name.slice(0, 16))).toEqual(['step-000001-side', 'step-000002-side']);
  const records = await Promise.all(
    names.map(async (name) => {
      const file = join(acuity, name, 'acuity.json');
      return readAcuity(await readFile(file, 'utf8'), { file });
    }),
  );
  expect(records.map(({ step, n }) => ({ step, n }))).toEqual([
    { step: 1, n: 156 },
    { step: 2, n: 156 },
  ]);
  expect(records[1]!.rows_sha256).toBe(records[0]!.rows_sha256);
});

it('evaluation during training: supports several answers, a judge and an encoder', async () => {
  const asked: string[] = [];
  const server = await ScriptedServer.start((request, response) => {
    asked.push(textOf(request));
    reply(response, '1');
  });
  const open = readRows<Tree>(join(folder, 'val/data.qa.jsonl'));
  const val = join(folder, 'val/open.qa.jsonl');
  await writeFile(val, rowLines(open.map((row) => ({ ...row, choices: undefined, task: 'open' }))));
  const judge = { url: server.url, model: `judge ${Date.now()}` };
  const evaluate = { n: 4, temperature: 1, encoder: 'lexical', judge, views: ['original'] };
  const { dir } = await twoSteps('sft', { data: { eval: { val } }, evaluate });
  await server.close();
  const results = JSON.parse(await readFile(join(dir, 'eval/step-000002/results.json'), 'utf8')) as Tree[];
  const valueOf = (task: string, metric: string) =>
    results.find((result) => result.task === task && result.metric === metric && !result.slice)?.value;
  expect(asked.length).toBeGreaterThan(0);
  expect(valueOf('all', 'judge')).toBe(1);
  expect(valueOf('text', 'sbert')).toBeTypeOf('number');
  expect(valueOf('all', 'pass@4')).toBeTypeOf('number');
  expect(readRows(join(dir, 'eval/step-000002/rows.jsonl'))).toHaveLength(4 * open.length);
}, 60_000);
