/**
 * How long an agent waits: each tool's first answer and the next ones, on a run of 10,000 steps of which every tenth is
 * traced, and among 10,000 runs. Milliseconds, and how many times faster the next answers are, in one run.
 *
 *     node scripts/bench.mjs agents
 */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from '../support/agent.ts';
import { plantRun } from '../support/planted-run.ts';

const folder = await mkdtemp(join(tmpdir(), 'agents-bench-'));
try {
  await plantRun(join(folder, 'long/runs/long'), { steps: 10_000, every: 10 });
  await time(await Agent.in(join(folder, 'long')), [
    ['list_runs', {}],
    ['read_run', { run: 'long' }],
    ['read_run', { run: 'long', part: 'metrics', metrics: ['reward', 'accuracy_mirror'] }],
    ['find_pairs', { run: 'long', where: 'verdict = only_original and step > 9000' }],
    ['find_pairs', { run: 'long', count_by: 'verdict' }],
    ['read_pair', { run: 'long', step: 9000, pair: 1 }],
  ]);

  const runs = join(folder, 'many/runs');
  await mkdir(join(runs, 'run-0'), { recursive: true });
  for (const name of ['run.yaml', 'state.json', 'metrics.jsonl'])
    await cp(join('test/fixtures/recorded/project/runs/spatial', name), join(runs, 'run-0', name));
  for (let i = 1; i < 10_000; i++) {
    await mkdir(join(runs, `run-${i}`));
    for (const name of ['run.yaml', 'state.json'])
      await cp(join(runs, 'run-0', name), join(runs, `run-${i}`, name));
  }
  await writeFile(join(runs, 'note.txt'), '');
  await time(await Agent.in(join(folder, 'many')), [
    ['list_runs', {}],
    ['list_runs', { match: '99', status: ['running'] }],
    ['read_run', { run: 'run-0' }],
  ]);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function time(agent: Agent, calls: readonly (readonly [string, object])[]): Promise<void> {
  for (const [name, input] of calls) {
    const once = async () => {
      const start = performance.now();
      // A first reading may take several calls.
      for (let told = await agent.told(name, input); 'error' in told; told = await agent.told(name, input))
        if (!told.error.includes('Call again')) throw new Error(told.error);
      return performance.now() - start;
    };
    const first = await once();
    const next = [await once(), await once(), await once()].sort((a, b) => a - b)[1]!;
    console.log(
      `${name} ${JSON.stringify(input)}: ${first.toFixed(0)} ms, then ${next.toFixed(0)} ms (${(first / next).toFixed(1)} times faster)`,
    );
  }
}
