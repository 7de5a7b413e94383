import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunConfig } from '../../../../src/core/config/run-config.ts';
import type { RunState } from '../../../../src/lab/runs/run-folder.ts';
import { listCheckpoints } from '../../../../src/lab/runs/checkpoints.ts';
import { sha256 } from '../../../../src/lab/files/atomic.ts';
import { createRun, readRunConfig } from '../../../../src/lab/runs/make-run.ts';
import { readResults } from '../../../../src/lab/evaluation/evaluation-folders.ts';
import { stopRun } from '../../../../src/lab/runs/launch.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { chirality, fingerprint, startWork, trainedProject } from './cli.ts';

type Tree = Record<string, unknown>;

let folder: string;
/** A run that nothing happened to; the others repeat it. */
let reference: string;
beforeAll(async () => {
  folder = await trainedProject('chirality-faults-', 'sft', 'grpo');
  reference = join(folder, 'runs/grpo');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A new folder for the reference's config, nothing started. */
const repeat = async (runs: string, name: string) => createRun(runs, name, await readRunConfig(reference));

async function until(dir: string, holds: (state: RunState) => boolean): Promise<void> {
  for (;;) {
    const state = await readState(dir).catch(() => null);
    if (state && holds(state)) return;
    await sleep(5);
  }
}

/** What both runs have must be the same; a stopped run has one more checkpoint. */
async function expectSame(dir: string): Promise<void> {
  const wanted = await fingerprint(reference);
  const got = await fingerprint(dir);
  expect(got).toMatchObject(wanted);
}

describe('processes of runs', () => {
  it('processes work on two runs in one project at once, with separate files', async () => {
    const dirs = await Promise.all(['a', 'b'].map((name) => repeat(join(folder, 'runs'), name)));
    const codes = await Promise.all(
      dirs.map(async (dir) => (await once(startWork(dir), 'exit')) as [number]),
    );
    expect(codes.map(([code]) => code)).toEqual([0, 0]);
    for (const dir of dirs) await expectSame(dir);
  });

  it('processes reject a second worker of a run, and the first worker continues', async () => {
    const dir = await repeat(join(folder, 'runs'), 'locked');
    const first = startWork(dir);
    const ended = once(first, 'exit');
    await until(dir, ({ pid }) => pid === first.pid);
    // By the time that the second one has started, so short a run may be over.
    first.kill('SIGSTOP');
    const second = await chirality(folder, 'work', dir);
    first.kill('SIGCONT');
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`already in use by process ${first.pid} on`);
    expect(await ended).toEqual([0, null]);
    await expectSame(dir);
  });

  it('processes stop after the current step with a checkpoint, and resume with the same result', async () => {
    const dir = await repeat(join(folder, 'runs'), 'stopped');
    const ended = once(startWork(dir), 'exit');
    await until(dir, ({ step }) => step >= 1);
    // In this process: by the time that a second one has started, so short a run may be over.
    expect(await stopRun(dir)).toMatchObject({
      status: 'stopped',
      message: expect.stringContaining('resumed'),
    });
    const stopped = await chirality(folder, 'stop', 'stopped', '--json');
    expect(JSON.parse(stopped.stdout)).toMatchObject({ status: 'stopped' });
    await ended;
    const { step } = (await readState(dir))!;
    expect(step).toBeLessThan(8);
    expect((await listCheckpoints(dir)).at(-1)).toBe(step);
    const resumed = await chirality(folder, 'resume', 'stopped');
    expect(resumed, resumed.stderr).toMatchObject({
      code: 0,
      stderr: expect.stringContaining(`from step ${step}`),
    });
    await expectSame(dir);
  });
});

describe('a damaged checkpoint', () => {
  const checkpoint = (dir: string, step: number, name: string) =>
    join(dir, 'checkpoints', `step-00000${step}`, name);

  /** A run that stopped after its sixth step. */
  const halfway = async (name: string) => {
    const dir = join(folder, 'runs', name);
    await cp(reference, dir, { recursive: true });
    await rm(join(dir, 'checkpoints/step-000008'), { recursive: true });
    const path = join(dir, 'state.json');
    const state = JSON.parse(await readFile(path, 'utf8')) as RunState;
    await writeFile(path, JSON.stringify({ ...state, status: 'stopped' }));
    return dir;
  };

  it('a resumed run replaces a damaged checkpoint by the newest valid one, with equal results', async () => {
    const dir = await halfway('bitrot');
    const weights = checkpoint(dir, 6, 'optimizer.safetensors');
    const bytes = await readFile(weights);
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(weights, bytes);
    const evaluated = await chirality(folder, 'eval', 'bitrot');
    expect(evaluated).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /step-000006 is damaged: optimizer\.safetensors does not match its checksum/,
      ),
    });
    const resumed = await chirality(folder, 'resume', 'bitrot');
    expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
    const events = await readFile(join(dir, 'events.jsonl'), 'utf8');
    expect(events).toMatch(/"kind":"fallback","message":"The checkpoint .*step-000006 is damaged: optimizer/);
    expect(events).toContain('Resumed from the checkpoint of step 4.');
    expect(await fingerprint(dir)).toEqual(await fingerprint(reference));
  });

  it('a run fails, with no process left, if a checkpoint with a valid checksum cannot be loaded', async () => {
    const dir = await halfway('cut');
    await writeFile(checkpoint(dir, 6, 'optimizer.safetensors'), 'cut short');
    const sums = JSON.parse(await readFile(checkpoint(dir, 6, 'checksums.json'), 'utf8')) as object;
    const cut = { ...sums, 'optimizer.safetensors': sha256('cut short') };
    await writeFile(checkpoint(dir, 6, 'checksums.json'), JSON.stringify(cut));
    const worker = startWork(dir);
    expect(await once(worker, 'exit')).toEqual([1, null]);
    expect(await readState(dir)).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('optimizer.safetensors is not a safetensors file'),
    });
    // The engine ends at once when its channel closes; nothing is left in the process group.
    await expect.poll(() => isGroup(worker.pid!)).toBe(false);
    expect((await readdir(dir)).filter((name) => name.startsWith('lock'))).toEqual([]);
  });
});

/** Whether a process group has members. */
function isGroup(pid: number): boolean {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
}

describe('a stop before the first step', () => {
  it('a stop before the first step ends the run during the reading of rows', async () => {
    const rows = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
    const many = Array.from({ length: 1000 }, (_, i) =>
      rows.map((row) => row.replace(/"id":"/, `"id":"${i}-`)),
    ).flat();
    const train = join(folder, 'train/many.qa.jsonl');
    await writeFile(train, many.join('\n'));
    const config = await readRunConfig(reference);
    const dir = await createRun(join(folder, 'runs'), 'early', {
      ...config,
      data: { ...config.data, train },
    });
    const ended = once(startWork(dir), 'exit');
    await until(dir, ({ phase }) => phase === 'reading data');
    const phases: string[] = [];
    const end = await stopRun(dir, { onPhase: (phase) => phases.push(phase) });
    expect(end).toMatchObject({ status: 'stopped', step: 0, message: expect.stringContaining('resumed') });
    expect(phases).toEqual(['requested']);
    expect(await ended).toEqual([0, null]);
    expect(await listCheckpoints(dir)).toEqual([]);
  });

  it('a stop ends the run and the engine during the evaluation before the first step', async () => {
    const rows = (await readFile(join(folder, 'val/data.qa.jsonl'), 'utf8')).trim().split('\n');
    const many = Array.from({ length: 100 }, (_, i) =>
      rows.map((row) => row.replace(/"id":"/, `"id":"${i}-`)),
    ).flat();
    const val = join(folder, 'val/many.qa.jsonl');
    await writeFile(val, many.join('\n'));
    const config = await readRunConfig(reference);
    const dir = await createRun(join(folder, 'runs'), 'evaluated', {
      ...config,
      data: { ...config.data, eval: { val } },
      evaluate: { ...config.evaluate, at_start: true },
    });
    const ended = once(startWork(dir), 'exit');
    await until(dir, ({ phase }) => phase === 'evaluating');
    expect(await stopRun(dir)).toMatchObject({ status: 'stopped', step: 0 });
    expect(await ended).toEqual([0, null]);
    expect(await readResults(join(dir, 'eval/step-000000'))).toBeNull();
  });
});

/** Mounting needs root on Linux; where a container forbids it too, the reason is shown. */
const NO_MOUNT = whyNoMount();
function whyNoMount(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return 'only root on Linux can mount a small disk';
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'mounting is not permitted here';
  }
}

describe(`runs on a full or read-only disk${NO_MOUNT === null ? '' : ` (skipped: ${NO_MOUNT})`}`, () => {
  const mounted: string[] = [];
  const mount = async (name: string, options: string) => {
    const at = join(folder, name);
    await mkdir(at);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', at]);
    mounted.push(at);
    return at;
  };
  afterAll(() => {
    for (const at of mounted) execFileSync('umount', ['-l', at]);
  });

  it.skipIf(NO_MOUNT !== null)(
    'runs report a full disk, keep committed checkpoints, and resume with enough space',
    async () => {
      const disk = await mount('full', 'size=1m');
      const dir = await repeat(disk, 'run');
      const [code] = (await once(startWork(dir), 'exit')) as [number];
      expect(code).toBe(1);
      expect(await readState(dir)).toMatchObject({
        status: 'failed',
        message: expect.stringMatching(/^The disk of .*full\/run is full/),
      });
      expect((await readdir(dir)).filter((name) => name.startsWith('lock'))).toEqual([]);
      const committed = await listCheckpoints(dir);
      expect(committed.length).toBeGreaterThan(0);
      expect(await readdir(join(dir, 'checkpoints'))).toHaveLength(committed.length);

      execFileSync('mount', ['-o', 'remount,size=64m', disk]);
      const resumed = await chirality(folder, 'resume', dir);
      expect(resumed, resumed.stderr).toMatchObject({ code: 0 });
      await expectSame(dir);
    },
  );

  it.skipIf(NO_MOUNT !== null)('runs report a read-only folder', async () => {
    const disk = await mount('frozen', 'size=1m');
    const dir = await repeat(disk, 'run');
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const readOnly = expect.stringMatching(/The disk of .*frozen.* is read-only/) as string;
    expect(await chirality(folder, 'resume', dir)).toMatchObject({ code: 1, stderr: readOnly });
    expect(await chirality(folder, 'work', dir)).toMatchObject({ code: 1, stderr: readOnly });
    const train = await chirality(folder, 'train', 'grpo.run.yaml', '--runs', disk);
    const noFolder = expect.stringMatching(
      /Cannot create folder .*frozen.*: the disk is read-only/,
    ) as string;
    expect(train).toMatchObject({ code: 1, stderr: noFolder });
  });
});

describe('files of a run', () => {
  it('an invalid edit of run.yaml causes an error with file, line and field', async () => {
    const dir = await repeat(join(folder, 'runs'), 'edited');
    const path = join(dir, 'run.yaml');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace(/^steps: 8$/m, 'steps: many'));
    const edited = await chirality(folder, 'resume', 'edited');
    expect(edited).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/run\.yaml:\d+:\d+: error: "steps": must be a number/),
    });
    await writeFile(path, text.replace(/^steps: 8$/m, 'steps: ['));
    const broken = await chirality(folder, 'work', dir);
    expect(broken).toMatchObject({ code: 1, stderr: expect.stringMatching(/run\.yaml:\d+:\d+: error: /) });
  });

  it('changed training rows cause an error after the start', async () => {
    const dir = join(folder, 'runs/changed');
    await cp(reference, dir, { recursive: true });
    const config = await readRunConfig(dir);
    const rows = (await readFile(config.data.train, 'utf8')).split('\n');
    const train = join(folder, 'train/fewer.qa.jsonl');
    await writeFile(train, rows.slice(1).join('\n'));
    await writeFile(
      join(dir, 'run.yaml'),
      stringify({ ...config, steps: 9, data: { ...config.data, train } }),
    );
    const work = await chirality(folder, 'work', dir);
    expect(work).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/fewer\.qa\.jsonl has changed since the run began/),
    });
  });

  /** Writes the tiny rows with the fifth one changed. @returns its id, and the config of a run on them */
  const withRow = async (name: string, recipe: 'sft' | 'grpo', change: (row: Tree) => Tree) => {
    const lines = (await readFile(join(folder, 'train/data.qa.jsonl'), 'utf8')).trim().split('\n');
    const rows = lines.map((line, i) => (i === 4 ? JSON.stringify(change(JSON.parse(line) as Tree)) : line));
    const train = join(folder, `train/${name}.qa.jsonl`);
    await writeFile(train, `${rows.join('\n')}\n`);
    const config = await readRunConfig(join(folder, 'runs', recipe));
    return {
      id: (JSON.parse(lines[4]!) as { id: string }).id,
      config: { ...config, data: { ...config.data, train } },
    };
  };

  /** Works on a new run that fails before its first step. @returns what its state says */
  const failure = async (name: string, config: RunConfig) => {
    const dir = await createRun(join(folder, 'runs'), name, config);
    const { code } = await chirality(folder, 'work', dir);
    const state = await readState(dir);
    expect({ code, step: state?.step, status: state?.status }).toEqual({
      code: 1,
      step: 0,
      status: 'failed',
    });
    return state!.message;
  };

  it.each(['sft', 'grpo'] as const)(
    'a missing image causes an error before the start or the first step (%s)',
    async (recipe) => {
      const name = `missing-${recipe}`;
      const { id, config } = await withRow(name, recipe, (row) => ({ ...row, images: ['images/none.png'] }));
      const path = join(folder, `${name}.run.yaml`);
      await writeFile(path, stringify(config));
      const train = await chirality(folder, 'train', path);
      expect(train).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(
          '1 image missing (line 5): Image file images/none.png does not exist.',
        ),
      });
      expect(await readdir(join(folder, 'runs'))).not.toContain(name);
      expect(await failure(name, config)).toMatch(
        new RegExp(
          `^Row "${id}" of .*train.${name}\\.qa\\.jsonl: Image file train/images/none\\.png does not exist`,
        ),
      );
    },
  );

  it('a row that is too long for the model causes an error before the first step', async () => {
    const { id, config } = await withRow('long', 'grpo', (row) => ({
      ...row,
      question: `${String(row.question)} `.repeat(100),
    }));
    expect(await failure('long', config)).toMatch(
      new RegExp(
        `^Row "${id}" of .*long\\.qa\\.jsonl: A question of \\d+ tokens exceeds the maximum of \\d+`,
      ),
    );
  });
});
