import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import { checkTrainer } from '../../src/engines/conformance/trainer-conformance.ts';
import { CLI, fingerprint } from '../unit/lab/recipes/cli.ts';
import { openTiny, scratch, task, torch } from './open.ts';
import { isWorker, Runs } from './runs.ts';

const PAIR = { processes: { devices: 2, nodes: 1, host: '', port: 0 } };

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  return port;
}

describe.skipIf(!torch)('a trainer with two processes', () => {
  it('passes the conformance checks of trainers', async () => {
    const trainer = await openTiny('qwen2_5_vl', PAIR);
    expect(trainer.info().runtime).toContain('2 processes');
    const results = await checkTrainer(trainer, await task(), scratch());
    expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
    await trainer.close();
  });

  it('cancels a long call in both processes, and names a failed process', async () => {
    const trainer = await openTiny('qwen2_5_vl', PAIR);
    const { image, question } = await task();
    const { hash } = await trainer.putImage(image);
    const prompts = [ask(hash, question), ask(hash, question)];
    const options = { n: 2, temperature: 1, topP: 1, maxTokens: 20_000, stop: ['\u0000'] };
    const endless = trainer.sample(prompts, { ...options, signal: AbortSignal.timeout(300) });
    await expect(endless).rejects.toThrow('The call was cancelled.');
    const group = {
      prompt: ask(hash, question),
      completions: [{ segments: [{ tokens: [5, 6], trained: true }] }],
    };
    const wrong = { ...group, completions: [{ segments: [{ tokens: [1 << 20], trained: true }] }] };
    const scoring = { model: 'policy', temperature: 1 } as const;
    await expect(trainer.forward([group, wrong], scoring)).rejects.toThrow(
      'Process 2 of 2: Tokens must be ids',
    );
    expect((await trainer.forward([group], scoring))[0]![0]![0]!.logprobs).toHaveLength(2);
    await trainer.close();
  });
});

describe.skipIf(!torch)('chirality train with several processes', () => {
  const runs = new Runs(scratch());
  beforeAll(async () => {
    await runs.prepare();
    await runs.vary('pair-sft', 'sft', { devices: 2 });
    await runs.vary('pair', 'grpo', { devices: 2 });
    await runs.ok('train', 'sft.run.yaml');
    await runs.ok('train', 'pair.run.yaml');
  });

  it('logs the metrics of a single process', async () => {
    await runs.ok('train', 'grpo.run.yaml');
    const [one, two] = [await runs.metrics('grpo'), await runs.metrics('pair')];
    expect(two).toHaveLength(one.length);
    for (const [i, row] of one.entries()) {
      expect(Object.keys(two[i]!)).toEqual(Object.keys(row));
      for (const [name, value] of Object.entries(row))
        if (value !== null) expect(two[i]![name], name).toBeCloseTo(value, 4);
    }
  });

  it.each([0, 1])(
    'fails with a clear message after process %i is killed, and resumes with the same result',
    async (rank) => {
      const name = `killed-${rank}`;
      await runs.ok('train', 'pair.run.yaml', '--name', name, '--detach');
      await runs.kill(name, 2, isWorker(rank));
      expect(runs.state(name).status).toBe('failed');
      expect(runs.state(name).message).toContain(`Process ${rank + 1} of 2 of the torch engine ended.`);
      await runs.ok('resume', name);
      expect(await fingerprint(runs.dir(name))).toEqual(await fingerprint(runs.dir('pair')));
    },
  );

  it('starts training on two machines after the second machine joins', async () => {
    await runs.ok('train', 'pair-sft.run.yaml');
    await runs.vary('machines', 'sft', { nodes: 2, host: '127.0.0.1', port: await freePort() });
    const second = spawn(
      process.execPath,
      [CLI, 'engine', 'join', runs.path('machines.run.yaml'), '--node', '1'],
      { stdio: 'ignore' },
    );
    const left = once(second, 'close');
    await runs.ok('train', 'machines.run.yaml');
    expect(await left).toEqual([0, null]);
    expect(await runs.metrics('machines')).toEqual(await runs.metrics('pair-sft'));
  });
});
