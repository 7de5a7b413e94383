import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { MetricsRow } from '../../../../src/core/rewards/metrics-row.ts';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import type { EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { createRun, readRunConfig } from '../../../../src/lab/runs/make-run.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { stopRun } from '../../../../src/lab/runs/launch.ts';
import { readArray, readTraces } from '../../../../src/lab/runs/trace-files.ts';
import { slowly } from '../../../support/slow.ts';
import { chirality, fingerprint, startWork, tinyProject } from './cli.ts';
import { folderOfTests } from '../../../support/folder.ts';

type Tree = Record<string, unknown>;

const folder = folderOfTests('chirality-stages-');
let config: Tree;
/** A model that was shown how both stages are written: JSON that names the objects, then one word. */
beforeAll(async () => {
  await tinyProject(folder);
  const lines = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
  const rows = lines.flatMap((line) => {
    const row = JSON.parse(line) as { id: string; question: string; reasoning: string };
    const labels = row.reasoning.split(' , ').flatMap((fact) => /^\S+-\S+(?= )/.exec(fact)?.[0] ?? []);
    const graph = JSON.stringify({ objects: labels.map((label) => ({ label })) });
    return [
      {
        ...row,
        id: `${row.id}-graph`,
        question: `draw : ${row.question}`,
        answer: graph,
        task: 'scenegraph',
      },
      { ...row, id: `${row.id}-answer`, question: `${graph} ${row.question}` },
    ];
  });
  await writeFile(join(folder, 'train/stages.qa.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const read = async (name: string) =>
    parse(await readFile(join(folder, `${name}.run.yaml`), 'utf8')) as Tree;
  const sft = await read('sft');
  const engine = { ...(sft.engine as Tree), prompt_tokens: 48 };
  const data = { train: 'train/stages.qa.jsonl' };
  await writeFile(
    join(folder, 'stages.run.yaml'),
    stringify({ ...sft, steps: 60, engine, data, target: '{answer}' }),
  );
  const learnt = await chirality(folder, 'train', 'stages.run.yaml');
  if (learnt.code !== 0) throw new Error(learnt.stderr);
  config = {
    ...(await read('grpo')),
    steps: 2,
    engine,
    init: 'runs/stages/checkpoints/step-000060',
    // No other rows: the model has words for these alone.
    data: { train: 'train/data.qa.jsonl', eval: { val: 'train/data.qa.jsonl' } },
    prompt: '{graph} {question}',
    extraction: 'lenient',
    graph: { prompt: 'draw : {question}', max_tokens: 20 },
    sampling: { group_size: 4, max_tokens: 4 },
    evaluate: { limit: 2 },
  };
});

async function run(name: string, graph: Tree, more: Tree = {}) {
  const path = join(folder, `${name}.run.yaml`);
  await writeFile(path, stringify({ ...config, ...more, graph: { ...(config.graph as Tree), ...graph } }));
  const { code, stderr } = await chirality(folder, 'train', path);
  expect(code, stderr).toBe(0);
  const dir = join(folder, 'runs', name);
  const lines = async (file: string) => (await readFile(join(dir, file), 'utf8')).trim().split('\n');
  const metrics = (await lines('metrics.jsonl')).map((line) => JSON.parse(line) as MetricsRow);
  const pairs = [...(await readTraces(dir, 1)), ...(await readTraces(dir, 2))];
  const evaluated = (await lines('eval/step-000002/rows.jsonl')).map((l) => JSON.parse(l) as EvaluationRow);
  return { dir, metrics, pairs, evaluated };
}

const segmentsOf = (pairs: readonly TracedPair[]) =>
  pairs.flatMap(({ views }) => views.flatMap(({ group }) => group.map(({ segments }) => segments)));
const tokens = (pairs: readonly TracedPair[], stage: string) =>
  segmentsOf(pairs)
    .flat()
    .reduce((n, segment) => n + (segment.stage === stage ? segment.tokens!.n : 0), 0);

it('graph stage: samples a graph, then an answer to a prompt with the graph; trains on both', async () => {
  const { metrics, pairs, evaluated } = await run('both', {});
  expect(
    segmentsOf(pairs).every(([graph, answer]) => graph!.stage === 'graph' && answer!.stage === 'answer'),
  ).toBe(true);
  expect(metrics[1]!.num_tokens).toBe(tokens(pairs, 'graph') + tokens(pairs, 'answer'));
  expect(metrics[0]!['graph/json_frac']).toBeGreaterThan(0.5);
  // The trainer sees each answer after the very prompt from which it was drawn.
  for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
  for (const { segments } of evaluated)
    expect(segments.map(({ stage }) => stage)).toEqual(['graph', 'answer']);
  expect(evaluated.some(({ segments: [graph] }) => graph!.source !== 'raw')).toBe(true);
});

it('graph stage: truncates the answer after a graph that leaves no room for the question', async () => {
  const { metrics, pairs, evaluated } = await run(
    'overlong',
    {},
    { prompt: '{graph} {graph} {graph} {question}' },
  );
  const answers = pairs.flatMap(({ views }) =>
    views.flatMap(({ group }) => group.map((one) => ({ ...one, answer: one.segments[1]! }))),
  );
  const cut = answers.filter(({ answer }) => answer.tokens!.n === 0);
  expect(cut.length).toBeGreaterThan(0);
  expect(cut.length).toBeLessThan(answers.length);
  for (const { answer, answer_text, right, rewards } of cut) {
    expect(answer).toMatchObject({ stage: 'answer', text: '', stop_reason: 'length' });
    expect([answer_text, right, rewards.format!.value]).toEqual(['', false, 0]);
  }
  const ended = answers.filter(({ segments }) => segments.every((one) => one.stop_reason !== 'length'));
  const ratios = metrics.map((row) => row['completions/clipped_ratio']!);
  expect((ratios[0]! + ratios[1]!) / 2).toBeCloseTo(1 - ended.length / answers.length, 10);
  for (const { segments, right } of evaluated.filter(({ segments }) => segments[1]!.text === ''))
    expect([segments[1]!.stop_reason, right]).toEqual(['length', false]);
});

slowly('graph stage: trains only the configured stage and does not score the other', async () => {
  for (const [trained, masked] of [
    ['answer', 0],
    ['graph', 1],
  ] as const) {
    const { dir, metrics, pairs } = await run(trained, { trained });
    expect(metrics[1]!.num_tokens).toBe(tokens(pairs, trained));
    const bytes = await readFile(join(dir, 'traces/step-000001.bin'));
    const [first] = segmentsOf(pairs);
    expect(readArray(bytes, first![masked]!.ref_logprobs!, 'float32')).toEqual([]);
    expect(readArray(bytes, first![1 - masked]!.ref_logprobs!, 'float32')).not.toEqual([]);
  }
});

slowly('graph stage: a resumed run equals one that never stopped', async () => {
  const long = {
    ...config,
    steps: 12,
    checkpoint: { every: 3, keep_last: 9 },
    trace: { arrays: 'all' },
    // Cool, so that every graph is of words that the model has.
    sampling: { ...(config.sampling as Tree), temperature: 0.3 },
  };
  await writeFile(join(folder, 'whole.run.yaml'), stringify(long));
  const { code, stderr } = await chirality(folder, 'train', 'whole.run.yaml');
  expect(code, stderr).toBe(0);
  const whole = join(folder, 'runs/whole');
  const dir = await createRun(join(folder, 'runs'), 'stopped', await readRunConfig(whole));
  const ended = once(startWork(dir), 'exit');
  while (((await readState(dir).catch(() => null))?.step ?? 0) < 1) await sleep(5);
  expect(await stopRun(dir)).toMatchObject({ status: 'stopped' });
  await ended;
  expect((await readState(dir))!.step).toBeLessThan(12);
  const resumed = await chirality(folder, 'resume', 'stopped');
  expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
  expect(await fingerprint(dir)).toMatchObject(await fingerprint(whole));
});

it('graph stage: requires the graph in the prompt exactly if a stage writes the graph', async () => {
  for (const [change, words] of [
    [{ prompt: '{question}' }, 'does not contain the graph of the first stage'],
    [{ graph: undefined }, 'no first stage that writes a graph'],
  ] as const) {
    const path = join(folder, 'wrong.run.yaml');
    await writeFile(path, stringify({ ...config, ...change }));
    const { code, stderr } = await chirality(folder, 'train', path);
    expect(code).toBe(1);
    expect(stderr).toContain(words);
  }
});
