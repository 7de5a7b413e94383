// The loop of GRPO against an engine that is scripted: which calls it makes in which order, and which numbers they carry.
import { mkdir, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadRun } from '../../../../src/core/config/load.ts';
import { FEATURES, type Feature } from '../../../../src/engines/sampler.ts';
import type { TrainerInfo } from '../../../../src/engines/trainer.ts';
import { sourceOptions } from '../../../../src/lab/models/recipe-tools.ts';
import { RowSource } from '../../../../src/lab/rollouts/draw-groups.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { BASE, checkScripted, POLICY, REFERENCE, trainScripted, type Script } from './scripted-training.ts';
import { parseRows, rowLines } from '../../../support/rows.ts';

const folder = folderOfTests('chirality-grpo-');
const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
await writeFile(join(folder, 'dot.png'), pixel);
const rows = [1, 2, 3, 4].map((n) => ({
  id: `row-${n}`,
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  task: 'yesno',
  images: ['dot.png'],
}));
await writeFile(join(folder, 'rows.qa.jsonl'), rowLines(rows));
// A trace of a step that failed may still be being written.

const train = (script: Script, change: object = {}, from: Parameters<typeof trainScripted>[3] = {}) =>
  trainScripted(folder, script, change, from);

const right = '<answer>Yes</answer>';
const wrong = '<answer>No</answer>';

it('GRPO: samples, updates once, and weights tokens by equation 5 with ρ = 1', async () => {
  const { trainer, metrics } = await train({ answers: () => [right, `so then ${wrong}`] });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step']);
  // Rewards 1 and 0: mean 0.5, sample deviation √0.5, TRL's ε = 1e-4. Each completion counts 1/N, spread over its tokens.
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  const [first, second] = trainer.weights;
  expect(first).toHaveLength(1);
  expect(first![0]).toBeCloseTo(A / 2, 12);
  expect(second).toHaveLength(3);
  for (const w of second!) expect(w).toBeCloseTo(-A / 2 / 3, 12);
  expect(metrics[0]).toMatchObject({ reward: 0.5, accuracy: 0.5, num_tokens: 4, grad_norm: 1 });
});

it('GRPO: logs GPU memory and use with the times of a step', async () => {
  const { timings } = await train({ answers: () => [right, wrong] });
  const [first] = timings.split('\n');
  expect(JSON.parse(first!)).toMatchObject({ step: 1, 'perf/peak_memory_gb': 0, 'perf/gpu_use': 0.5 });
});

it('GRPO: scores the reference model before the update, and adds β(exp(lp_ref − lp) − 1)', async () => {
  const { trainer } = await train({ answers: () => [right, right] }, { loss: { beta: 0.5 } });
  expect(trainer.calls).toEqual(['sample', 'forward reference', 'backward', 'step']);
  // No spread, so no advantage: what is left is the pull of the reference.
  const pull = 0.5 * (Math.exp(REFERENCE - POLICY) - 1);
  for (const weights of trainer.weights) expect(weights[0]).toBeCloseTo(pull / 2, 12);
});

it('GRPO: samples both views, and couples the views as a pair', async () => {
  const answers = (prompt: number) => (prompt === 0 ? [right, right] : [right, wrong, wrong]);
  const semantic = { weight: 1, encoder: 'lexical' };
  const rewards = { ...BASE.rewards, semantic };
  const { trainer, pairs } = await train({ answers }, { views: { mirror: true }, rewards });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step']);
  expect(pairs[0]!.views.map(({ question }) => question)).toEqual([
    'Is the cup left of the plate?',
    'Is the cup right of the plate?',
  ]);
  expect(pairs[0]).toMatchObject({ verdict: 'only_original', penalised: 'original', effect: 'none' });
  // Equations 2–4 with η = 1: the originals, who do better, lose Δ.
  const { delta, views } = pairs[0]!;
  expect(delta).toBeGreaterThan(0);
  expect(views.map(({ group }) => group.map(({ penalty }) => penalty))).toEqual([
    [delta, delta],
    [0, 0, 0],
  ]);
  // The original's group has zero variance; of the mirror's, the first is right.
  expect(trainer.weights.map(([w]) => Math.sign(w!))).toEqual([0, 0, 1, -1, -1]);
});

it('GRPO with views.use [mirror]: has the metrics and traces of views.mirror', async () => {
  const answers = (prompt: number) => (prompt % 2 === 0 ? [right, right] : [right, wrong]);
  const rewards = { ...BASE.rewards, semantic: { weight: 1, encoder: 'lexical' } };
  const of = (views: object) => train({ answers }, { views, rewards, batch: { rows: 3 } });
  const [old, now] = [await of({ mirror: true }), await of({ use: ['mirror'], partner: 'first' })];
  expect(now.metrics).toEqual(old.metrics);
  expect(now.pairs).toEqual(old.pairs);
  expect(now.trainer.weights).toEqual(old.trainer.weights);
  expect(now.state).toEqual(old.state);
});

describe('GRPO with several views', () => {
  const answers = (prompt: number) => (prompt % 2 === 0 ? [right, right] : [right, wrong]);
  const rewards = { ...BASE.rewards, semantic: { weight: 1, encoder: 'lexical' } };
  const of = (views: object, change: object = {}) =>
    train({ answers }, { views, rewards, batch: { rows: 4 }, ...change });

  it('pairs a row with the next view if the first is not available', async () => {
    // An unanchored side defers in a turned photograph.
    const { pairs, metrics } = await of({ use: ['rotate:180', 'converse'] });
    expect(pairs.map(({ views }) => views.map(({ view }) => view))).toEqual(
      pairs.map(() => ['original', 'converse']),
    );
    expect(pairs[0]!.views[1]!.question).toBe('Is the plate right of the cup?');
    expect(pairs[0]).toMatchObject({ verdict: 'only_original', penalised: 'original' });
    // Of the four pairs of answers, two agree.
    expect(metrics[0]).toMatchObject({
      'views/rotate:180/n': 0,
      'views/rotate:180/agree': null,
      'views/converse/n': 4,
      'views/converse/accuracy': 0.5,
      'views/converse/agree': 0.5,
      'views/converse/both_right': 0,
      'views/converse/penalised': 0,
      'spatial/label_free_agreement': 0.5,
      'spatial/penalised_original': 1,
      accuracy: 1,
      accuracy_view: 0.5,
    });
    expect(metrics[0]).not.toHaveProperty('accuracy_mirror');
    expect(metrics[0]!['views/converse/delta']).toBeCloseTo(metrics[0]!['spatial/delta']!, 12);
  });

  it('scores the same answer as right in only one view under mirror/keep', async () => {
    const { pairs } = await train(
      { answers: () => [right, right] },
      { views: { use: ['mirror/keep'] }, rewards, batch: { rows: 4 } },
    );
    const [original, kept] = pairs[0]!.views;
    expect(kept).toMatchObject({ view: 'mirror/keep', question: original!.question });
    expect(kept!.answer).not.toBe(original!.answer);
    expect(pairs.map(({ verdict }) => verdict)).toEqual(pairs.map(() => 'only_original'));
  });

  it('trains a row without any of the views as a single row, or drops the row', async () => {
    const { pairs } = await of({ use: ['rotate:180'] });
    expect(pairs.map(({ views }) => views.length)).toEqual([1, 1, 1, 1]);
    await expect(of({ use: ['rotate:180'], unpaired: 'drop' })).rejects.toThrow(
      'has no usable training rows',
    );
  });

  it('draws partners by the seed, and tracks the hardest views', async () => {
    const use = ['mirror', 'converse', 'exchange-names'];
    const drawn = ({ pairs }: Awaited<ReturnType<typeof train>>) => pairs.map(({ views }) => views[1]!.view);
    const once = await of({ use, partner: 'uniform' });
    expect(drawn(once)).toEqual(drawn(await of({ use, partner: 'uniform' })));
    expect(
      new Set([...drawn(once), ...drawn(await of({ use, partner: 'uniform' }, { seed: 2 }))]).size,
    ).toBeGreaterThan(1);
    expect(once.state).not.toHaveProperty('partners');
    const hardest = await of({ use, partner: 'hardest' });
    const seen = Object.fromEntries(
      Object.entries(hardest.state.partners!).map(([view, { pairs }]) => [view, pairs]),
    );
    const counts: Record<string, number> = {};
    for (const view of drawn(hardest)) counts[view] = (counts[view] ?? 0) + 1;
    expect(seen).toEqual(counts);
    for (const { share } of Object.values(hardest.state.partners!)) expect(share).toBe(0.5);
  });
});

describe('GRPO with agreement as a reward', () => {
  const only = { format: { weight: 0 }, semantic: { weight: 0 }, accuracy: { weight: 0 } };
  const of = (answers: Script['answers'], agreement: object, change: object = {}) =>
    train(
      { answers },
      {
        views: { use: ['exchange-names'] },
        coupling: { eta: 0 },
        rewards: { ...only, agreement },
        ...change,
      },
    );
  const rewards = ({ pairs }: Awaited<ReturnType<typeof train>>) =>
    pairs[0]!.views.map(({ group }) => group.map(({ reward }) => reward));

  it('rewards the share of the other view’s completions that agree once mapped back', async () => {
    // Exchanged names turn yes into no: "yes" agrees with "no".
    const answers = (prompt: number) =>
      prompt === 0 ? [right, wrong] : [wrong, wrong, right, '<answer>a cup</answer>'];
    const trained = await of(answers, { weight: 2 });
    expect(rewards(trained)).toEqual([
      [1, 0.5],
      [1, 1, 1, 0],
    ]);
    expect(trained.pairs[0]!.views[0]!.group[0]!.rewards.agreement).toEqual({
      value: 0.5,
      why: '2 of 4 completions of the other view agree',
    });
    expect(trained.metrics[0]!['spatial/label_free_agreement']).toBe(0.375);
  });

  it('rewards a consistently wrong model as much as a right model', async () => {
    const model = (first: string, second: string) => (prompt: number) =>
      prompt === 0 ? [first, first] : [second, second];
    const [seeing, inverted] = [model(right, wrong), model(wrong, right)];
    expect(rewards(await of(seeing, { weight: 1 }))).toEqual(rewards(await of(inverted, { weight: 1 })));
    expect(rewards(await of(inverted, { weight: 1 }))).toEqual([
      [1, 1],
      [1, 1],
    ]);
    // A constant answer earns nothing where the right one changes, and everything where it stays.
    const constant = model(right, right);
    expect(rewards(await of(constant, { weight: 1 })).flat()).toEqual([0, 0, 0, 0]);
    const mirrored = { views: { mirror: true } };
    expect(rewards(await of(constant, { weight: 1 }, mirrored)).flat()).toEqual([1, 1, 1, 1]);
    expect(rewards(await of(constant, { weight: 1, rows: 'changing' }, mirrored)).flat()).toEqual([
      0, 0, 0, 0,
    ]);
  });

  it('requires an answer block for the agreement reward, like the other rewards', async () => {
    expect(rewards(await of(() => ['Yes', right, wrong], { weight: 1 }))[0]).toEqual([0, 1 / 3, 1 / 3]);
  });
});

describe('checks before GRPO starts', () => {
  const check = (change: object, info: Partial<TrainerInfo> = {}) => checkScripted(folder, change, info);

  it.skipIf(process.platform !== 'linux')('the checks close a file with an unreadable row', async () => {
    const path = join(folder, 'broken.qa.jsonl');
    await writeFile(path, '{"id": 1}\n');
    const { config } = loadRun(
      stringify({ ...BASE, data: { train: path, root: folder } }),
      'test',
      () => null,
    );
    await expect(RowSource.open(sourceOptions(config!))).rejects.toThrow(/broken\.qa\.jsonl/);
    const names = await readdir('/proc/self/fd');
    const open = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
    expect(open).not.toContain(path);
  });

  it('checks before GRPO reject a row that leaves no room for the longest completion', async () => {
    const longest = BASE.sampling.max_tokens;
    await check({}, { contextTokens: 1 + longest });
    await expect(check({}, { contextTokens: longest })).rejects.toThrow(
      `Row "row-1" of ${join(folder, 'rows.qa.jsonl')}: A prompt of 1 tokens and a completion of ${longest} exceed the context of the model (${longest}).`,
    );
  });

  const labelFree = (use: string[], accuracy = 0) => ({
    views: { use },
    coupling: { eta: 0 },
    rewards: { format: { weight: 1 }, accuracy: { weight: accuracy }, agreement: { weight: 1 } },
  });

  it('checks before GRPO count the rows of each view, and warn about a view without rows', async () => {
    const { found, warnings } = await check({
      views: { use: ['rotate:180', 'converse'] },
      coupling: { eta: 0 },
    });
    expect(found).toMatchObject({ paired: 4, 'paired/rotate:180': 0, 'paired/converse': 4 });
    expect(warnings).toEqual([expect.stringContaining('The rows have no view rotate:180')]);
    expect((await check({ views: { mirror: true }, coupling: { eta: 0 } })).found).not.toHaveProperty(
      'paired/mirror',
    );
  });

  it('rejects agreement rewards that a constant answer earns, and suggests another view', async () => {
    for (const use of [['mirror'], ['converse'], ['mirror', 'converse']])
      await expect(check(labelFree(use))).rejects.toThrow(
        'for example "yes", agrees with itself in all views. To prevent this, add a view that changes the reference answer: mirror/keep, exchange-names or polarity',
      );
    expect((await check(labelFree(['mirror', 'exchange-names']))).found.fixed_answers).toBe(0);
    const labelled = await check(labelFree(['mirror'], 1));
    expect(labelled.found.fixed_answers).toBe(4);
    expect(labelled.warnings[0]).toContain('4 of 4 paired rows have the same answer in every view');
  });

  it('checks before GRPO warn about later turns and about rows without reasoning', async () => {
    const told = join(folder, 'told');
    await mkdir(told);
    await writeFile(join(told, 'dot.png'), pixel);
    const turns = [{ question: 'And the fork?', answer: 'No' }];
    const some = rows.map((row, i) => ({
      ...row,
      ...(i < 3 && { meta: { turns } }),
      ...(i > 1 && { reasoning: i === 2 ? ' ' : 'The cup is on the left.' }),
    }));
    await writeFile(join(told, 'rows.qa.jsonl'), rowLines(some));
    const target = '<think> {reasoning} </think> <answer> {answer} </answer>';
    const none = {
      batch: undefined,
      sampling: undefined,
      rewards: undefined,
      loss: undefined,
      trace: undefined,
    };
    const sft = { ...none, recipe: 'sft', views: undefined };
    const { found, warnings } = await checkScripted(told, { ...sft, target });
    expect(found).toMatchObject({ later_turns: 3, without_reasoning: 3 });
    expect(warnings).toEqual([
      expect.stringContaining('3 of 4 rows have unused later turns (meta.turns)'),
      expect.stringContaining(
        '3 of 4 rows have no reasoning, so the model learns to omit reasoning. Remove these rows, or',
      ),
    ]);
    const plain = await checkScripted(told, { ...sft, target: '{answer}' });
    expect(plain.found).not.toHaveProperty('without_reasoning');
    const unwarned = await checkScripted(folder, {});
    expect(unwarned.warnings).toEqual([]);
    // All rows are about one image.
    expect(unwarned.found).toMatchObject({ rows: 4, images: 1 });
    const bare = await checkScripted(folder, { ...sft, target });
    expect(bare.warnings).toEqual([
      '4 of 4 rows have no reasoning, so the model learns to omit reasoning. Remove {reasoning} from target.',
    ]);
  });

  it('checks before SFT warn about usable mirrors that a config neither uses nor declines', async () => {
    const mirrored = join(folder, 'mirrored');
    await mkdir(mirrored);
    await writeFile(join(mirrored, 'dot.png'), pixel);
    const stored = {
      status: 'flipped',
      question: 'Is the cup right of the plate?',
      answer: 'Yes',
      image_op: 'hflip',
      rules: ['r'],
    };
    const some = rows.map((row, i) => ({
      ...row,
      variants: { mirror: { ...stored, ...(i === 0 && { review: { state: 'discarded' } }) } },
    }));
    await writeFile(join(mirrored, 'rows.qa.jsonl'), rowLines(some));
    const none = Object.fromEntries(
      ['batch', 'sampling', 'rewards', 'loss', 'trace'].map((key) => [key, undefined]),
    );
    const of = async (views?: object) =>
      (await checkScripted(mirrored, { ...none, recipe: 'sft', views })).warnings;
    expect(await of()).toEqual([
      '3 of 4 rows have a mirror, but the config trains only the originals. To train both views, set views to { mirror: true }. To train only the originals, set views to { mirror: false }.',
    ]);
    expect(await of({ mirror: true })).toEqual([]);
    expect(await of({ mirror: false })).toEqual([]);
    expect((await checkScripted(mirrored, { views: { mirror: false } })).warnings).toEqual([]);
  });

  it('checks before GRPO reject views that the engine does not support', async () => {
    const features = (Object.keys(FEATURES) as Feature[]).filter((feature) => feature !== 'view-mirror');
    await expect(check({ views: { mirror: true }, coupling: { eta: 0 } }, { features })).rejects.toThrow(
      'does not support',
    );
    await check({ views: { use: ['converse'] }, coupling: { eta: 0 } }, { features });
  });
});

it('GRPO: couples views by the configured reward, and subtracts the penalty from this reward', async () => {
  const answers = (prompt: number) => (prompt === 0 ? [right, right] : [right, wrong]);
  const coupling = { signal: 'accuracy', eta: 1 };
  const { pairs } = await train({ answers }, { views: { mirror: true }, coupling });
  expect(pairs[0]).toMatchObject({ delta: 0.5, penalised: 'original', signal: 'accuracy' });
  expect(pairs[0]!.views[0]!.group.map(({ penalty, reward }) => [penalty, reward])).toEqual([
    [0.5, 0.5],
    [0.5, 0.5],
  ]);
});

it('GRPO: samples again for zero-variance groups, up to the maximum number of rounds', async () => {
  const mixedFrom = (n: number) => (prompt: number) => (prompt < n ? [right, right] : [right, wrong]);
  const refill = (max_rounds: number) => ({ dynamic_sampling: { mode: 'refill', max_rounds } });
  const some = await train({ answers: mixedFrom(2) }, refill(4));
  expect(some.trainer.calls).toEqual(['sample', 'sample', 'sample', 'backward', 'step']);
  expect(some.state.cursor).toBe(3);
  expect(some.metrics[0]).toMatchObject({
    'dynamic_sampling/rounds': 3,
    'dynamic_sampling/groups_drawn': 3,
    'dynamic_sampling/groups_kept': 1,
    'dynamic_sampling/dropped_all_right': 2,
  });
  const none = await train({ answers: mixedFrom(9) }, refill(2));
  expect(none.trainer.calls).toEqual(['sample', 'sample']);
  expect(none.metrics[0]).toMatchObject({ loss: null, kl: null, grad_norm: null, num_tokens: 0 });
});

it('GRPO with mode skip: drops zero-variance groups, but includes them in the normaliser', async () => {
  const answers = (prompt: number) => (prompt === 0 ? [right, right] : [right, wrong]);
  const change = { batch: { rows: 2 }, dynamic_sampling: { mode: 'skip' } };
  const { trainer } = await train({ answers }, change);
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  expect(trainer.weights.map(([w]) => w)).toEqual([expect.closeTo(A / 4, 12), expect.closeTo(-A / 4, 12)]);
});

it('GRPO: sends an update in parts of micro_groups, and steps once', async () => {
  const { trainer } = await train(
    { answers: () => [right, wrong] },
    { batch: { rows: 3, micro_groups: 2 }, loss: { beta: 0.1 } },
  );
  expect(trainer.calls).toEqual([
    'sample',
    'forward reference',
    'forward reference',
    'backward',
    'backward',
    'step',
  ]);
});

it('GRPO: scores the policy again before each further update on the same rollouts', async () => {
  const { trainer } = await train({ answers: () => [right, wrong] }, { loss: { beta: 0, iterations: 2 } });
  expect(trainer.calls).toEqual(['sample', 'backward', 'step', 'forward policy', 'backward', 'step']);
});

it('GRPO: logs the last of several updates, and counts completion tokens once', async () => {
  const answers = () => [right, wrong];
  const loss = { beta: 0.1, iterations: 2 };
  const { metrics } = await train({ answers, policy: POLICY, updated: POLICY + 0.5 }, { loss });
  const A = 0.5 / (Math.SQRT1_2 + 1e-4);
  const [ratio, gap] = [Math.exp(0.5), REFERENCE - POLICY - 0.5];
  const k3 = Math.exp(gap) - 1 - gap;
  // One token each: the good one is clipped at 1.2, the other one's pull is not.
  expect(metrics[0]).toMatchObject({
    num_tokens: 2,
    grad_norm: 2,
    kl: expect.closeTo(k3, 12),
    'clip_ratio/high_mean': 0.5,
    'clip_ratio/low_mean': 0,
    loss: expect.closeTo(-(1.2 * A - ratio * A) / 2 + 0.1 * k3, 12),
    // Of the first, before anything moved.
    'sampling/sampling_logp_difference/max': 0,
  });
});

it('GRPO: scores rollouts with the trainer after a disagreement with the sampler', async () => {
  const { trainer, events, metrics } = await train(
    { answers: () => [right, wrong], policy: POLICY + 0.25, lacks: 'pull' },
    { steps: 2, loss: { beta: 0.1 } },
  );
  expect(trainer.calls).toEqual([
    'sample',
    'forward reference',
    'backward',
    'step',
    'sample',
    'forward reference',
    'forward policy',
    'backward',
    'step',
  ]);
  expect(events).toContain('differ by up to 0.25.');
  expect(metrics[0]!['sampling/sampling_logp_difference/max']).toBeCloseTo(0.25, 12);
});

it('GRPO: continues to score rollouts with the trainer after a resume', async () => {
  const script: Script = { answers: () => [right, wrong], policy: POLICY + 0.25, lacks: 'pull' };
  const change = { steps: 2, loss: { beta: 0.1 } };
  const { state } = await train(script, { ...change, steps: 1 });
  expect(state).toMatchObject({ step: 1, rescores: true });
  const { trainer } = await train(script, change, state);
  expect(trainer.calls).toEqual(['sample', 'forward reference', 'forward policy', 'backward', 'step']);
});

it('GRPO: skips the reference pass until an update has changed the weights', async () => {
  const loss = { beta: 0.1, iterations: 2 };
  const script = { answers: () => [right, right], policy: POLICY, updated: POLICY + 0.5 };
  const { trainer, metrics, state } = await train(script, { steps: 2, loss }, { unmoved: true });
  const update = ['backward', 'step', 'forward policy', 'backward', 'step'];
  expect(trainer.calls).toEqual(['sample', ...update, 'sample', 'forward reference', ...update]);
  expect(state).not.toHaveProperty('unmoved');
  // Equal rewards: nothing at first; then the pull back by 0.5 nats.
  expect(trainer.weights.slice(0, 2).flat()).toEqual([0, 0]);
  expect(trainer.weights[2]![0]).toBeCloseTo((0.1 * Math.expm1(-0.5)) / 2, 12);
  expect(metrics[0]!.kl).toBeCloseTo(Math.expm1(-0.5) + 0.5, 12);
});

describe('GRPO with a non-finite number', () => {
  const answers = () => [right, `so then ${wrong}`];
  const messages = (events: string) =>
    parseRows<{ kind: string; step: number; message: string }>(events)
      .filter(({ kind }) => kind === 'skipped-update')
      .map(({ step, message }) => `${step}: ${message}`)
      .map((message) => message.replace(/"row-\d"/, 'ROW'));

  it('skips a non-finite update, and reports token, skipped step and a suggested change', async () => {
    const overflows = { update: (call: number) => (call === 2 ? NaN : POLICY) };
    const { metrics, state, events } = await train({ answers, overflows }, { steps: 3 });
    expect(messages(events)).toEqual([
      '2: Skipped update 1 and the rest of step 2, because the log-probability of token 0 (row ROW, pair 0, view original, completion 0) is not a finite number. Weights and optimiser moments are unchanged. Lower optimizer.learning_rate.',
    ]);
    // Null, and no tokens that were trained.
    expect(metrics[1]).toMatchObject({ reward: 0.5, loss: null, kl: null, grad_norm: null, num_tokens: 4 });
    expect(metrics[2]).toMatchObject({ grad_norm: 2, num_tokens: 8 });
    expect(state.skipped).toEqual({ steps: 1, row: 0, why: expect.stringMatching(/^step 2: /) as string });
  });

  it('names a weight that overflows because of the reference model, and does not send the weight', async () => {
    // 0.1 · exp(−1.5 + 120) / 2 is beyond float32.
    const change = { loss: { beta: 0.1, iterations: 2 } };
    const { trainer, events, metrics } = await train({ answers, policy: POLICY, updated: -120 }, change);
    expect(messages(events)[0]).toMatch(
      /^1: Skipped update 2 and the rest of step 1, .* the weight of token 0 \(row ROW, pair 0, view original, completion 0\) is 1\.4\d*e\+50\./,
    );
    expect(trainer.calls.filter((call) => call === 'step')).toHaveLength(1);
    // The first update counts.
    expect(metrics[0]).toMatchObject({ num_tokens: 4, loss: null, kl: null });
  });

  it('ends the run after three skipped steps, and names the last good checkpoint', async () => {
    const overflows = { update: (call: number) => (call >= 4 ? NaN : POLICY) };
    const change = { steps: 9, checkpoint: { every: 1, keep_last: 9 } };
    await expect(train({ answers, overflows }, change)).rejects.toThrow(
      /^Skipped update 1 and the rest of step 6, .*The run ended after 3 skipped steps, and a resume would fail in the same way\. Continue from the last good checkpoint with `chirality fork run.* --step 2 --set optimizer\.learning_rate=RATE`\.$/,
    );
  });

  it('ends the run at once if sampled log-probabilities contain a non-finite number', async () => {
    const overflows = { sampler: (prompt: number) => (prompt > 1 ? NaN : POLICY) };
    await expect(train({ answers, overflows }, { steps: 3 })).rejects.toThrow(
      /^Skipped step 2, because the log-probability of token 0 \(row "row-\d", pair 0, view original, completion 0\) is not a finite number\. The run ended, and a resume would fail in the same way\. No earlier checkpoint exists/,
    );
  });
});

describe("GRPO with a bfloat16 trainer whose log-probabilities differ from the sampler's", () => {
  const script: Script = {
    answers: (prompt) => (prompt % 2 ? [right, `so then ${wrong}`] : [wrong, `well then ${right}`]),
    policy: POLICY + 0.25,
    updated: POLICY - 0.5,
    precision: 'bfloat16',
  };
  const passes = ({ trainer: { calls } }: Awaited<ReturnType<typeof train>>) =>
    calls.filter((call) => call === 'forward policy').length;
  const rounded = (values: object[]): unknown =>
    JSON.parse(
      JSON.stringify(values, (_, x: unknown) => (typeof x === 'number' ? Number(x.toPrecision(12)) : x)),
    );

  it.each(['sequence-mean', 'token-mean', 'dr-grpo'])(
    'GRPO requires no scoring pass if the update adds the KL term: %s',
    async (aggregation) => {
      const change = { steps: 3, batch: { rows: 2 }, loss: { beta: 0.1, aggregation } };
      const [folded, scored] = [
        await train(script, change),
        await train({ ...script, lacks: 'pull' }, change),
      ];
      expect([passes(folded), passes(scored)]).toEqual([0, 3]);
      expect(rounded(folded.trainer.weights)).toEqual(rounded(scored.trainer.weights));
      expect(rounded(folded.metrics)).toEqual(rounded(scored.metrics));
      expect(folded.metrics[0]).toMatchObject({ kl: expect.closeTo(Math.expm1(-0.75) + 0.75, 12) });
      expect(folded.metrics[0]!['sampling/sampling_logp_difference/max']).toBeCloseTo(0.25, 12);
    },
  );

  it('GRPO requires no scoring pass without a reference model', async () => {
    expect(passes(await train({ ...script, lacks: 'pull' }, { steps: 2 }))).toBe(0);
  });

  it('requires a scoring pass for several updates per sample or with dropout', async () => {
    const engine = { kind: 'torch', model: 'any', adapter: { dropout: 0.1 } };
    expect(passes(await train(script, { loss: { beta: 0.1, iterations: 2 } }))).toBe(2);
    const sampling = { ...BASE.sampling, allow_biased_ratio: true };
    expect(passes(await train(script, { loss: { beta: 0.1 }, engine, sampling }))).toBe(1);
  });
});

it.each([
  ['reference', 'The reference is lost.'],
  ['update', 'The update broke.'],
] as const)('GRPO: reports the original error of parallel work: %s', async (fail, message) => {
  const script: Script = { answers: () => [right, wrong], fail };
  await expect(train(script, { loss: { beta: 0.1 } })).rejects.toThrow(message);
});
