import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { Random } from '../../../../src/base/random.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { readTraces } from '../../../../src/lab/runs/trace-files.ts';
import { isSlow, slowly } from '../../../support/slow.ts';
import { chirality, CLI, fingerprint, tinyProject } from './cli.ts';
import { workThroughKills } from './kills.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { readRows } from '../../../support/rows.ts';

const folder = folderOfTests('chirality-train-');
let sft: { code: number; stderr: string };
let grpo: { code: number; stderr: string };
beforeAll(async () => {
  await tinyProject(folder);
  sft = await chirality(folder, 'train', 'sft.run.yaml');
  grpo = await chirality(folder, 'train', 'grpo.run.yaml');
});

const rows = async (path: string) => readRows<Record<string, number>>(join(folder, path));

describe('chirality train', () => {
  it('trains with SFT to a lower loss, and writes a checkpoint and an evaluation', async () => {
    expect(sft, sft.stderr).toMatchObject({ code: 0 });
    const losses = (await rows('runs/sft/metrics.jsonl')).map(({ loss }) => loss!);
    expect(losses).toHaveLength(30);
    expect(losses.at(-1)!).toBeLessThan(losses[0]! / 2);
    const results = JSON.parse(
      await readFile(join(folder, 'runs/sft/eval/step-000030/results.json'), 'utf8'),
    ) as object[];
    expect(results).toContainEqual(
      expect.objectContaining({ set: 'val', view: 'mirror', metric: 'accuracy', n: 6 }),
    );
  });

  it('sizes a new model for the longest question and target of the rows', async () => {
    const lines = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
    const long = lines.map((line, i) => {
      const row = JSON.parse(line) as { question: string; reasoning: string };
      const [question, reasoning] = [`${row.question} `.repeat(8), `${row.reasoning} `.repeat(8)];
      return JSON.stringify(i === 4 ? { ...row, question, reasoning } : row);
    });
    await writeFile(join(folder, 'train/long.qa.jsonl'), `${long.join('\n')}\n`);
    const config = parse(await readFile(join(folder, 'sft.run.yaml'), 'utf8')) as object;
    const wordy = { ...config, steps: 1, data: { train: 'train/long.qa.jsonl' } };
    await writeFile(join(folder, 'wordy.run.yaml'), stringify(wordy));
    const run = await chirality(folder, 'train', 'wordy.run.yaml');
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [made, usual] = await Promise.all(
      ['wordy/checkpoints/step-000001', 'sft/checkpoints/step-000030'].map(
        async (path) =>
          JSON.parse(await readFile(join(folder, 'runs', path, 'config.json'), 'utf8')) as {
            prompt_tokens: number;
            completion_tokens: number;
          },
      ),
    );
    expect([usual!.prompt_tokens, usual!.completion_tokens]).toEqual([24, 32]);
    expect(made!.prompt_tokens).toBeGreaterThan(24);
    expect(made!.completion_tokens).toBeGreaterThan(32);
  });

  it('trains Spatial-GRPO from the SFT checkpoint, with metrics of both views', async () => {
    expect(grpo, grpo.stderr).toMatchObject({ code: 0 });
    const metrics = await rows('runs/grpo/metrics.jsonl');
    expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(metrics[0]).toMatchObject({
      'dynamic_sampling/groups_drawn': 6,
      'completions/clipped_ratio': expect.any(Number),
    });
    expect(metrics[0]).toHaveProperty('rewards/semantic/mean_mirror');
    // At the first step policy and reference are the same (R52), and sampler and trainer agree.
    expect(metrics[0]!.kl).toBeLessThan(1e-6);
    for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
  });

  it('keeps its training if the last evaluation fails, and evaluates when it is resumed', async () => {
    const config = parse(await readFile(join(folder, 'sft.run.yaml'), 'utf8')) as { data: { eval: object } };
    const [set, away] = ['val/lost.qa.jsonl', 'val/away.qa.jsonl'].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    await cp(join(folder, Object.values(config.data.eval)[0] as string), set);
    const lost = { ...config, data: { ...config.data, eval: { val: 'val/lost.qa.jsonl' } } };
    await writeFile(join(folder, 'lost.run.yaml'), stringify(lost));
    const run = chirality(folder, 'train', 'lost.run.yaml');
    await vi.waitFor(() => rows('runs/lost/metrics.jsonl').then(([first]) => expect(first).toBeDefined()), {
      timeout: 60_000,
    });
    await rename(set, away);
    expect(await run).toMatchObject({ code: 1, stderr: expect.stringContaining('lost.qa.jsonl') });
    await rename(away, set);
    const checkpoints = join(folder, 'runs/lost/checkpoints');
    await rename(checkpoints, `${checkpoints}-away`);
    for (const command of [
      ['resume', 'runs/lost'],
      ['train', 'lost.run.yaml', '--resume', '--json'],
    ])
      expect(await chirality(folder, ...command)).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(
          /checkpoints are missing.*\n.*pass --force to discard 30 finished steps/,
        ),
      });
    await rename(`${checkpoints}-away`, checkpoints);
    expect(await rows('runs/lost/metrics.jsonl')).toHaveLength(30);
    expect(await chirality(folder, 'resume', 'runs/lost')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('lost continues from step 30'),
    });
    expect(await rows('runs/lost/metrics.jsonl')).toHaveLength(30);
    const [results, usual] = await Promise.all(
      ['lost', 'sft'].map((name) =>
        readFile(join(folder, `runs/${name}/eval/step-000030/results.json`), 'utf8'),
      ),
    );
    expect(results).toBe(usual);
  });

  slowly('warns about zero rewards before the start, after the second step, and in the list', async () => {
    const config = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as { init?: string };
    const { init, ...untrained } = { ...config, steps: 3, evaluate: {} };
    expect(init).toBeDefined();
    await writeFile(join(folder, 'untrained.run.yaml'), stringify(untrained));
    const checked = await chirality(folder, 'train', 'untrained.run.yaml', '--dry-run', '--json');
    const codes = ({ stdout }: { stdout: string }) =>
      (JSON.parse(stdout) as { warnings: { code: string }[] }).warnings.map(({ code }) => code);
    expect(codes(checked)).toContain('untrained');
    const trained = await chirality(folder, 'train', 'grpo.run.yaml', '--dry-run', '--json');
    expect(codes(trained)).not.toContain('untrained');
    const run = await chirality(folder, 'train', 'untrained.run.yaml');
    expect(run.stderr).toContain('Set init to a checkpoint of an SFT run');
    const state = (await readState(join(folder, 'runs/untrained')))!;
    expect(state).toMatchObject({ status: 'finished', alarm: 'no-reward' });
    expect(state.message).toMatch(/^All 3 steps are done\. All completions of the first two steps/);
    expect(await rows('runs/untrained/events.jsonl')).toContainEqual(
      expect.objectContaining({ step: 2, kind: 'alarm', data: { alarm: 'no-reward' } }),
    );
    expect((await chirality(folder, 'runs')).stdout).toMatch(
      /untrained +finished +3\/3 .*Set init to a checkpoint/,
    );
    expect(await readState(join(folder, 'runs/grpo'))).not.toHaveProperty('alarm');
  });

  it('traces pairs whose rewards are computed from their parts', async () => {
    const pairs = await readTraces(join(folder, 'runs/grpo'), 3);
    expect(pairs).toHaveLength(3);
    for (const { views } of pairs) {
      expect(views.map(({ view }) => view)).toEqual(['original', 'mirror']);
      for (const { rewards, penalty, reward } of views.flatMap(({ group }) => group)) {
        expect(reward).toBeCloseTo(
          0.5 * rewards.format!.value + 0.5 * (rewards.semantic!.value - penalty!),
          12,
        );
      }
    }
  });

  it('reports a plan and a duration in a dry run, and writes nothing', async () => {
    const before = await readdir(join(folder, 'runs'));
    const said = await chirality(folder, 'train', 'grpo.run.yaml', '--dry-run');
    expect(said.stdout).toMatch(/rows trained in two views +\d+\n.*longest prompt, tokens +\d+\n/s);
    expect(said.stderr).toContain('Dry run passed. Nothing was written.');
    expect(said.stderr).toContain('on this machine.');
    expect(await readdir(join(folder, 'runs'))).toEqual(before);
    // Without an earlier run, two steps are taken to tell.
    const first = await chirality(folder, 'train', 'grpo.run.yaml', '--dry-run', '--runs', 'none', '--json');
    expect(first.stderr).toContain('Measuring two steps');
    expect((JSON.parse(first.stdout) as { seconds: number }).seconds).toBeGreaterThan(0);
    expect(await readdir(folder)).not.toContain('none');
  });

  it('writes a run for trace and runs; attach reports a missing run', async () => {
    const trace = await chirality(folder, 'trace', 'grpo', '--step', '3', '--pair', '1');
    expect(trace.stdout).toMatch(/step 3, pair 1: worlds-train-\d+\n[^]*\bearned\b/);
    expect((await chirality(folder, 'runs')).stdout).toMatch(/grpo +finished +8\/8/);
    const none = await chirality(folder, 'attach', 'nothing');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('Run "nothing" does not exist') });
    expect((await chirality(folder, 'resume', 'grpo')).stderr).toContain('finished');
  });

  it('writes a checkpoint with the same scores in eval, even after an interruption', async () => {
    const again = await chirality(folder, 'eval', 'grpo', '--set', 'val', '--json');
    expect(again.code, again.stderr).toBe(0);
    const during = JSON.parse(
      await readFile(join(folder, 'runs/grpo/eval/step-000008/results.json'), 'utf8'),
    ) as { value: number }[];
    expect((JSON.parse(again.stdout) as { value: number }[]).map(({ value }) => value)).toEqual(
      during.map(({ value }) => value),
    );

    const evaluations = await readdir(join(folder, 'runs/grpo/eval'));
    const own = evaluations.find((id) => id.startsWith('step-000008-trained-val-'))!;
    const path = join(folder, 'runs/grpo/eval', own, 'rows.jsonl');
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, whole.length / 2));
    await chirality(folder, 'eval', 'grpo', '--set', 'val/data.qa.jsonl');
    expect(await readFile(path, 'utf8')).toBe(whole);

    const refused = await chirality(folder, 'eval', 'grpo', '--strategy', 'think');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /The strategy "think" does not work with embedded model, .*\. The embedded model does not know .*"AI"/,
    );

    // The same model without its run, asked in the same way.
    await writeFile(join(folder, 'plain.prompt.txt'), '{question}');
    const plain =
      'about: plain\nstages:\n  answer: { user: plain.prompt.txt, options: none, max_tokens: 24 }\n';
    await writeFile(join(folder, 'plain.strategy.yaml'), plain);
    const local = await chirality(
      folder,
      ...['eval', '--engine', 'embedded', '--model', 'runs/grpo/checkpoints/step-000008', '--json'],
      ...['--set', 'val/data.qa.jsonl', '--strategy', 'plain.strategy.yaml'],
    );
    expect(local.code, local.stderr).toBe(0);
    expect((JSON.parse(local.stdout) as { value: number }[]).map(({ value }) => value)).toEqual(
      during.map(({ value }) => value),
    );

    const lock = await lockFolder(dirname(path));
    const third = await chirality(folder, 'eval', 'grpo', '--set', 'val=val/data.qa.jsonl');
    await lock.release();
    expect(third).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${own} is already in use by process ${process.pid}`),
    });
  });

  it('rejects an invalid config, and never overwrites a run with the same name', async () => {
    await writeFile(
      join(folder, 'bad.run.yaml'),
      'preset: demo\nstep: 3\ndata: { train: train/data.qa.jsonl }\n',
    );
    const bad = await chirality(folder, 'train', 'bad.run.yaml');
    expect(bad).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/bad\.run\.yaml:2:1.*Unknown field "step"[^]*"steps"/),
    });
    const config = parse(await readFile(join(folder, 'sft.run.yaml'), 'utf8')) as object;
    await writeFile(
      join(folder, 'missing.run.yaml'),
      stringify({ ...config, data: { train: 'no.qa.jsonl' } }),
    );
    const missing = await chirality(folder, 'train', 'missing.run.yaml');
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no.qa.jsonl') });
    expect(await readdir(join(folder, 'runs'))).not.toContain('missing');
    await writeFile(join(folder, 'one.run.yaml'), stringify({ ...config, steps: 1 }));
    const second = await chirality(folder, 'train', 'one.run.yaml', '--name', 'sft');
    expect(second).toMatchObject({ code: 0, stderr: expect.stringContaining('Run sft-2 started') });
  });

  slowly('resumes after kill -9 with byte-equal metrics, traces, evaluations and weights', async () => {
    const reference = join(folder, 'runs/grpo');
    const random = Random.from('kills');
    const calls = Array.from({ length: 5 }, () => 1 + random.below(120));
    const { dir } = await workThroughKills(reference, join(folder, 'runs'), 'killed', calls);
    expect(await fingerprint(dir)).toEqual(await fingerprint(reference));
  });

  slowly.each(['SIGUSR1', 'SIGTERM'] as const)(
    'saves and exits on %s from a cluster, and resumes when the job is queued again',
    async (warning) => {
      const name = `queued-${warning}`;
      const job = ['train', 'grpo.run.yaml', '--name', name, '--resume'];
      const dir = join(folder, 'runs', name);
      const command = spawn(process.execPath, [CLI, ...job], { cwd: folder, stdio: 'ignore' });
      const working = () => readState(dir).catch(() => null);
      // Before the first step there is nothing to save.
      while (!(await working())?.step) await sleep(10);
      process.kill(command.pid!, warning);
      process.kill(-(await working())!.pid, warning);
      expect(await once(command, 'exit')).toEqual([128 + constants.signals[warning], null]);
      const state = (await readState(dir))!;
      expect(state.status).toBe('stopped');
      expect(state.step).toBeLessThan(8);
      expect(await readdir(join(dir, 'checkpoints'))).toContain(
        `step-${String(state.step).padStart(6, '0')}`,
      );
      expect(await readFile(join(dir, 'events.jsonl'), 'utf8')).toContain(
        `${warning}: stopping after this step, with a checkpoint.`,
      );
      expect(await chirality(folder, ...job)).toMatchObject({ code: 0 });
      expect(await fingerprint(dir)).toMatchObject(await fingerprint(join(folder, 'runs/grpo')));
      const third = await chirality(folder, ...job);
      expect(third).toMatchObject({ code: 0, stderr: expect.stringContaining(`${name} is finished.`) });
      await expect(readdir(`${dir}-2`)).rejects.toThrow('ENOENT');
    },
  );

  // Next to the next one, which waits for nine seconds.
  it.concurrent.each(isSlow ? (['SIGUSR1', 'SIGTERM'] as const) : (['SIGTERM'] as const))(
    'saves the run if the command receives %s before the run, and twice',
    async (warning) => {
      const name = `heard-${warning}`;
      const dir = join(folder, 'runs', name);
      const job = [CLI, 'train', 'grpo.run.yaml', '--name', name];
      const command = spawn(process.execPath, job, { cwd: folder, stdio: 'ignore' });
      const working = () => readState(dir).catch(() => null);
      while (!(await working())?.step) await sleep(10);
      const { pid } = (await working())!;
      // The run sleeps until the command has asked it to stop.
      process.kill(pid, 'SIGSTOP');
      process.kill(command.pid!, warning);
      while (!(await readdir(join(dir, 'control'))).includes('warning')) await sleep(10);
      process.kill(pid, warning);
      process.kill(command.pid!, warning);
      process.kill(pid, 'SIGCONT');
      expect(await once(command, 'exit')).toEqual([128 + constants.signals[warning], null]);
      const state = (await readState(dir))!;
      expect(state).toMatchObject({
        status: 'stopped',
        message: 'Stopped on request. Resume the run to continue.',
      });
      expect(await readdir(join(dir, 'checkpoints'))).toContain(
        `step-${String(state.step).padStart(6, '0')}`,
      );
    },
  );

  slowly.concurrent(
    'resumes a queued job while its run on another machine still counts as active',
    async () => {
      const dir = join(folder, 'runs/moved');
      await cp(join(folder, 'runs/sft'), dir, { recursive: true });
      const state = (await readState(dir))!;
      const heartbeat = new Date(Date.now() - 45_000).toISOString();
      const elsewhere = { ...state, status: 'running', phase: 'gen', host: 'node-7', heartbeat };
      await writeFile(join(dir, 'state.json'), JSON.stringify(elsewhere));
      expect(await chirality(folder, 'train', 'sft.run.yaml', '--name', 'moved', '--resume')).toMatchObject({
        code: 0,
        stderr: expect.stringMatching(/moved is already running .*on node-7[^]*moved continues from step 30/),
      });
    },
  );

  it('rejects --resume for a run with another config', async () => {
    const config = parse(await readFile(join(folder, 'sft.run.yaml'), 'utf8')) as object;
    await writeFile(join(folder, 'longer.run.yaml'), stringify({ ...config, steps: 31 }));
    expect(await chirality(folder, 'train', 'longer.run.yaml', '--name', 'sft', '--resume')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Cannot resume sft: its config differs from longer.run.yaml in steps.'),
    });
  });
});
