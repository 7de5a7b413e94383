import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForeignRun } from '../../src/lab/foreign/foreign-run.ts';
import { findModel } from '../../src/lab/models/open-model.ts';
import { ChatServer } from '../support/chat-server.ts';
import { environment } from './harness-environment.ts';
import { scratch, torch } from './open.ts';
import { parseRows, readRows, rowLines } from '../support/rows.ts';

const CLI = join(process.cwd(), 'dist/cli.js');
const call = promisify(execFile);

interface Trace {
  task: { data: { view: string; rows: Record<string, { question: string; answer: string }> } };
  rewards: Record<string, { score: number; weight: number }>;
  metrics: Record<string, number>;
  errors: unknown[];
  nodes: { message: { role: string; content: unknown } }[];
}
interface Episode {
  errors: unknown[];
  task: { data: { id: string } };
  traces: Trace[];
}

describe.skipIf(!torch)('the worlds environment', () => {
  const folder = scratch();
  const program = join(folder, 'chirality');
  let server: ChatServer;
  let seed = 0;
  const env = () => ({
    ...process.env,
    CHIRALITY_PROGRAM: program,
    PYTHONPATH: resolve('python/src'),
    KEY: 'none',
  });

  beforeAll(async () => {
    writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'bare.prompt.txt'), '{question}\n');
    writeFileSync(
      join(folder, 'bare.strategy.yaml'),
      'about: The question alone.\nstages:\n  answer: { user: bare.prompt.txt, options: none, max_tokens: 24 }\n',
    );
    const model = await (await findModel(resolve('test/fixtures/recorded/project/runs/spatial'), '.')).open();
    server = await ChatServer.start(model);
    // The model knows fifty words, and refuses others.
    const known = new Set(model.info().vocabulary);
    const isKnown = (line: string) =>
      (JSON.parse(line) as { question: string }).question.split(' ').every((word) => known.has(word));
    for (let isFit = false; !isFit;) {
      seed += 1;
      const drawn = ['--count', '2', '--seed', String(seed), '--style', 'compact', '--families', 'side'];
      await call(program, ['worlds', ...drawn, '-o', join(folder, `worlds-${seed}`)]);
      const rows = readFileSync(join(folder, `worlds-${seed}/data.qa.jsonl`), 'utf8');
      isFit = rows.trim().split('\n').every(isKnown);
    }
  }, 300_000);
  afterAll(() => server?.close());

  /** Plays two pairs, two answers a view, in verifiers. */
  async function play(out: string): Promise<Episode[]> {
    const python = environment('verifiers-0.4.0', ['verifiers==0.4.0 numpy pillow'], false);
    const taskset = [
      'count=2',
      `seed=${seed}`,
      'style=compact',
      'families=side',
      'strategy=bare.strategy.yaml',
    ];
    const args = taskset.flatMap((each) => [`--env.taskset.${each.split('=')[0]}`, each.split('=')[1]!]);
    const client = [
      '-m',
      'tiny',
      '--client.base-url',
      server.url,
      '--client.api-key-var',
      'KEY',
      '--sampling.max-tokens',
      '24',
    ];
    await call(
      join(python, '../vf-eval'),
      ['chirality-worlds', ...args, '--env.n', '2', ...client, '--no-push', '-o', out],
      { cwd: folder, env: env(), maxBuffer: 2 ** 26 },
    );
    const [name] = readdirSync(join(folder, out));
    return readRows<Episode>(join(folder, out, name!, 'traces.jsonl')).sort((a, b) =>
      a.task.data.id.localeCompare(b.task.data.id),
    );
  }

  it('plays a pair as one episode in verifiers, with the rewards of training', async () => {
    const episodes = await play('first');
    expect(episodes).toHaveLength(2);
    expect(
      episodes.flatMap(({ errors, traces }) => [...errors, ...traces.flatMap((trace) => trace.errors)]),
    ).toEqual([]);
    for (const { traces } of episodes) {
      expect(traces.map(({ task }) => task.data.view).sort()).toEqual(['mirror', 'mirror', 'original', 'original']); // prettier-ignore
      const rows = traces.map(({ task, nodes }, i) => {
        const { view, rows } = task.data;
        const completion = String(nodes.at(-1)!.message.content).trim();
        return { ...rows[view]!, id: String(i), images: [], completion };
      });
      writeFileSync(join(folder, 'said.jsonl'), rowLines(rows));
      const { stdout } = await call(program, ['score', 'said.jsonl', '--rewards', '--quiet'], {
        cwd: folder,
      });
      const scored = parseRows<{ rewards: Record<string, { value: number }> }>(stdout);
      const semantic = (view: string) =>
        scored
          .filter((_, i) => traces[i]!.task.data.view === view)
          .map(({ rewards }) => rewards.semantic!.value);
      const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
      const delta = mean(semantic('original')) - mean(semantic('mirror'));
      for (const [i, { rewards, metrics }] of traces.entries()) {
        expect(rewards.format!.score).toBe(scored[i]!.rewards.format!.value);
        expect(rewards.semantic!.score).toBeCloseTo(
          scored[i]!.rewards.semantic!.value - metrics.penalty!,
          12,
        );
        expect(metrics.delta).toBeCloseTo(delta, 12);
      }
    }
    // The mirrored question is another one, about the same scene.
    const asked = episodes.flatMap(({ traces }) =>
      traces.map(({ task }) => `${task.data.view} ${Object.values(task.data.rows)[0]!.question}`),
    );
    expect(new Set(asked).size).toBe(4);
  });

  it('draws the same pairs for the same seed', async () => {
    const ids = async (out: string) =>
      (await play(out)).map(({ traces }) =>
        traces.map(({ task }) => JSON.stringify(Object.values(task.data.rows))).sort(),
      );
    expect(await ids('second')).toEqual(await ids('third'));
  });

  it('trains two GRPO steps in TRL on drawn pairs with Chirality rewards', async () => {
    const out = join(folder, 'trl');
    await call(
      torch!.python,
      ['test/python/trl_spatial_grpo.py', join(torch!.models, 'qwen2_5_vl'), '7', out, 'worlds'],
      { env: env(), maxBuffer: 2 ** 26 },
    );
    const { metrics, batches } = await new ForeignRun(out).read();
    expect([...metrics.keys()]).toEqual([1, 2]);
    expect(metrics.get(1)).toHaveProperty('coupling/abs_delta');
    expect(metrics.get(1)!.grad_norm).toBeGreaterThan(0);
    expect(batches.map(({ groups }) => groups.map(({ at }) => at.length))).toEqual([[2, 2], [2, 2]]); // prettier-ignore
  });
});
