import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RunState } from '../../../../src/lab/runs/run-folder.ts';
import * as z from 'zod';
import { checkRecord, type RowReader } from '../../../../src/base/record.ts';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import {
  checkpointFolder,
  commitCheckpoint,
  listCheckpoints,
  pruneCheckpoints,
  readLoopState,
  newestIntactCheckpoint,
  verifyCheckpoint,
} from '../../../../src/lab/runs/checkpoints.ts';
import { findRun, listRuns } from '../../../../src/lab/runs/listed-runs.ts';
import { lockFolder } from '../../../../src/lab/runs/folder-lock.ts';
import { newToken, temporaryName } from '../../../../src/lab/files/leftovers.ts';
import { isAlive, signalGroup, thisProcess } from '../../../../src/lab/files/process.ts';
import { ActiveRun, createRun, readRunConfig } from '../../../../src/lab/runs/make-run.ts';
import { readState, writeState } from '../../../../src/lab/runs/state.ts';
import { stopRun, type StopPhase } from '../../../../src/lab/runs/launch.ts';
import { Tail } from '../../../../src/lab/runs/tail.ts';
import { readArray, readTraces, TraceArrays, writeTraces } from '../../../../src/lab/runs/trace-files.ts';
import { idleConfig } from '../../../support/run-config.ts';
import { folderOfEachTest } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

const config = idleConfig(5);

let folder: string;
folderOfEachTest('chirality-runs-', (made) => (folder = made));

const self = await thisProcess();
const state = (over: Partial<RunState>): RunState => ({
  status: 'running',
  phase: 'gen',
  step: 3,
  steps: 5,
  ...self,
  heartbeat: new Date().toISOString(),
  message: '',
  ...over,
});

const traced = (over: Partial<TracedPair>): TracedPair => ({
  step: 1,
  pair: 0,
  sample: 'a',
  kept: true,
  why: 'varies',
  views: [{ view: 'original', question: 'Q?', answer: 'A', images: [], group: [] }],
  delta: null,
  penalised: null,
  effect: null,
  verdict: null,
  ...over,
});

/** Gives a file the time of an hour ago. */
async function longAgo(path: string): Promise<void> {
  const then = new Date(Date.now() - 3600_000);
  await utimes(path, then, then);
}

/** A process that lives until it is killed; with `stubborn`, SIGTERM does nothing to it. */
async function bystander(stubborn = false) {
  const code = `${stubborn ? "process.on('SIGTERM', () => {});" : ''} setInterval(() => {}, 1000); console.log('up')`;
  const child = spawn(process.execPath, ['-e', code], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  const pid = child.pid!;
  return { child, id: { host: hostname(), pid, pid_start: await startOf(pid) } };
}

async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!;
}

describe('run folders', () => {
  it('run folders are never overwritten, because a repeated name receives a number', async () => {
    const dirs = await Promise.all([1, 2, 3].map(() => createRun(folder, 'a', config)));
    expect((await readdir(folder)).sort()).toEqual(['a', 'a-2', 'a-3']);
    expect(new Set(dirs).size).toBe(3);
    expect(await readRunConfig(dirs[0]!)).toEqual(config);
  });

  it('run folders reuse the name of a failed start without results', async () => {
    const dir = await createRun(folder, 'a', config);
    await writeState(dir, state({ status: 'failed', step: 0 }));
    expect(await createRun(folder, 'a', config)).toBe(dir);
    await writeState(dir, state({ status: 'failed', step: 0 }));
    await mkdir(join(dir, 'eval', 'step-000000'));
    expect(await createRun(folder, 'a', config)).toBe(`${dir}-2`);
    await writeState(`${dir}-2`, state({ status: 'failed', step: 1 }));
    expect(await createRun(folder, 'a', config)).toBe(`${dir}-3`);
    await writeState(`${dir}-3`, state({ status: 'failed', step: 0 }));
    await writeFile(join(`${dir}-3`, 'notes.md'), 'why it failed');
    expect(await createRun(folder, 'a', config)).toBe(`${dir}-4`);
  });

  it('run folders appear only when complete, under an unused name', async () => {
    const seen: string[][] = [];
    const dir = await createRun(folder, 'a', config, async (staging, name) => {
      seen.push((await readdir(folder)).filter((entry) => !entry.startsWith('.')));
      await writeFile(join(staging, 'name'), name);
      if (name === 'a') await mkdir(join(folder, 'a', 'of-another'), { recursive: true });
    });
    expect(seen).toEqual([[], ['a']]);
    expect(await readFile(join(dir, 'name'), 'utf8')).toBe('a-2');
    const half = createRun(folder, 'b', config, () => Promise.reject(new Error('The disk is full.')));
    await expect(half).rejects.toThrow('The disk is full.');
    expect((await readdir(folder)).sort()).toEqual(['a', 'a-2']);
  });

  it('run folders are listed by last activity, with damaged folders reported', async () => {
    for (const [name, heartbeat] of [
      ['old', '2026-01-01T00:00:00Z'],
      ['new', '2026-01-02T00:00:00Z'],
    ] as const) {
      await writeState(await createRun(folder, name, config), state({ status: 'finished', heartbeat }));
    }
    await writeFile(join(await createRun(folder, 'broken', config), 'state.json'), '{');
    await mkdir(join(folder, 'something-else'));
    const runs = await listRuns(folder);
    expect(runs.map(({ name }) => name)).toEqual(['new', 'old', 'broken']);
    expect(runs[2]!.error).toContain('state.json cannot be read');
    expect(await findRun(folder, 'old')).toBe(join(folder, 'old'));
    expect(await findRun(folder, 'nothing')).toBeNull();
  });

  it('reopened run folders contain rows without NaN, and lose uncommitted rows', async () => {
    const dir = await createRun(folder, 'a', config);
    const first = await ActiveRun.open(await lockFolder(dir), { step: 0, steps: 5 });
    for (const step of [1, 2, 3]) {
      await first.metrics({ step, loss: step === 2 ? NaN : step });
      await writeTraces(dir, step, [traced({ step })], new TraceArrays());
      await mkdir(join(dir, 'acuity', `step-00000${step}-side-0a1b2c3d`), { recursive: true });
    }
    await mkdir(join(dir, 'acuity', 'rows'));
    await first.close('stopped', '');
    // As a process leaves it that is killed in the midst of a row and of a trace.
    await appendFile(join(dir, 'metrics.jsonl'), '{"step":4,"lo');
    const gone = newToken().replace(/^\d+/, '4194305');
    await writeFile(join(dir, 'traces', temporaryName('step-000002.jsonl', gone)), '{');

    const second = await ActiveRun.open(await lockFolder(dir), { step: 2, steps: 5 });
    await second.metrics({ step: 3, loss: 30 });
    await second.close('stopped', '');
    expect(await readFile(join(dir, 'metrics.jsonl'), 'utf8')).toBe(
      '{"step":1,"loss":1}\n{"step":2,"loss":null}\n{"step":3,"loss":30}\n',
    );
    expect(await readdir(join(dir, 'traces'))).toEqual(['step-000001.jsonl', 'step-000002.jsonl']);
    // Answers of a model that the resumed run may never have: another step 3 is asked again.
    expect((await readdir(join(dir, 'acuity'))).sort()).toEqual([
      'rows',
      'step-000001-side-0a1b2c3d',
      'step-000002-side-0a1b2c3d',
    ]);
  });
});

describe('readState', () => {
  it('distinguishes a dead process from a live process, even if its id was reused', async () => {
    const { child, id } = await bystander();
    expect(await isAlive(id)).toBe(true);
    expect(await isAlive({ ...id, pid_start: '1' })).toBe(false);
    expect(await isAlive({ ...id, host: 'elsewhere' })).toBe('unknown');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isAlive(id)).toBe(false);
  });

  it('readState rejects process 1 as the process of a run', async () => {
    const { id } = await bystander();
    expect(await isAlive({ ...id, pid: 1, pid_start: await startOf(1) })).toBe('unknown');
  });

  it('explains the loss of a run', async () => {
    await writeState(folder, state({ pid_start: 'reused' }));
    expect(await readState(folder)).toMatchObject({
      status: 'lost',
      message: expect.stringMatching(/no longer runs.*gen, step 3/),
    });
    await writeState(folder, state({ host: 'elsewhere', heartbeat: '2026-01-01T00:00:00Z' }));
    const soon = Date.parse('2026-01-01T00:00:30Z');
    expect((await readState(folder, soon))!.status).toBe('running');
    expect((await readState(folder, soon + 60_000))!.message).toContain('No heartbeat from elsewhere');
  });
});

describe('an invalid process id', () => {
  const texts = ['"1"', '"12; rm -rf ."', '"../../1"', '1.5', '-1', '0', 'null', '1e300'];

  it.each(texts)('an invalid process id is rejected in the state of a run: %s', async (pid) => {
    const text = JSON.stringify(state({ pid: 77 })).replace('"pid":77', `"pid":${pid}`);
    await writeFile(join(folder, 'state.json'), text);
    const refusal = /state\.json cannot be read: "pid" must be (.*), not (.*)\.$/;
    for (const use of [readState, stopRun]) {
      const { message } = (await use(folder).catch((error: unknown) => error as Error)) as Error;
      expect(refusal.exec(message)?.[2]).toBe(JSON.stringify(JSON.parse(pid)));
    }
  });

  it.each(texts)('an invalid process id does not keep a lock: %s', async (pid) => {
    const text = JSON.stringify({ ...self, pid: 77 }).replace('"pid":77', `"pid":${pid}`);
    const holder = join(folder, 'lock', newToken(), 'holder.json');
    await mkdir(dirname(holder), { recursive: true });
    await writeFile(holder, text);
    await longAgo(holder);
    await (await lockFolder(folder)).release();
  });

  it('an invalid process id receives no signal, like process 1', () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    for (const pid of [1, 0, -1, 1.5, NaN]) signalGroup(pid, 'SIGKILL');
    expect(kill).not.toHaveBeenCalled();
    signalGroup(2, 'SIGTERM');
    expect(kill).toHaveBeenCalledExactlyOnceWith(-2, 'SIGTERM');
    kill.mockRestore();
  });
});

describe('stopRun', () => {
  const phasesOf = async (stubborn: boolean) => {
    const { child, id } = await bystander(stubborn);
    await writeState(folder, state(id));
    const phases: StopPhase[] = [];
    const end = await stopRun(folder, { grace: 150, patience: 400, onPhase: (phase) => phases.push(phase) });
    child.kill('SIGKILL');
    return { phases, end };
  };

  it('stopRun first requests a stop, then terminates the process', async () => {
    const { phases, end } = await phasesOf(false);
    expect(phases).toEqual(['requested', 'terminating']);
    expect(end!.status).toBe('lost');
  });

  it('stopRun kills a process that ignores termination', async () => {
    expect((await phasesOf(true)).phases).toEqual(['requested', 'terminating', 'killing']);
  });

  it('stopRun does not change a finished run', async () => {
    await writeState(folder, state({ status: 'finished' }));
    expect((await stopRun(folder))!.status).toBe('finished');
    expect(await readdir(folder)).toEqual(['state.json']);
  });
});

describe('commitCheckpoint and pruneCheckpoints', () => {
  const loop = (step: number) => ({ step, cursor: 4 * step, tokens: 0, best: null });
  const save = (dir: string) => writeFile(join(dir, 'weights'), 'w');

  it('commitCheckpoint writes a checkpoint completely or not at all', async () => {
    const lock = await lockFolder(folder);
    await commitCheckpoint(lock, loop(2), save);
    await expect(
      commitCheckpoint(lock, loop(3), () => Promise.reject(new Error('disk full'))),
    ).rejects.toThrow('disk full');
    expect(await listCheckpoints(folder)).toEqual([2]);
    expect(await readLoopState(folder, 2)).toEqual(loop(2));
    await lock.release();
  });

  it('pruneCheckpoints keeps the last and best checkpoints, and removes unfinished checkpoints', async () => {
    const lock = await lockFolder(folder);
    for (const step of [1, 2, 3, 4]) await commitCheckpoint(lock, loop(step), save);
    await mkdir(join(folder, 'checkpoints', 'step-000005.tmp'));
    await pruneCheckpoints(lock, 2, 1);
    await lock.release();
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['step-000001', 'step-000003', 'step-000004']);
  });
});

describe('checksums of a checkpoint', () => {
  const loop = (step: number) => ({ step, cursor: step, tokens: 0, best: null });
  const save = async (dir: string) => {
    await mkdir(join(dir, 'processor'));
    await writeFile(join(dir, 'processor', 'words'), 'words');
    await writeFile(join(dir, 'weights'), 'weights');
  };
  const at = (step: number, ...path: string[]) => join(checkpointFolder(folder, step), ...path);

  it('checksums detect a changed byte, a missing file and damaged checksums, and name the file', async () => {
    const lock = await lockFolder(folder);
    for (const step of [1, 2, 3, 4]) await commitCheckpoint(lock, loop(step), save);
    const sums = JSON.parse(await readFile(at(1, 'checksums.json'), 'utf8')) as object;
    expect(Object.keys(sums)).toEqual(['loop.json', 'processor/words', 'weights']);
    await writeFile(at(1, 'processor/words'), 'wordz');
    await rm(at(2, 'weights'));
    await writeFile(at(3, 'checksums.json'), '');
    const broken = 'The checkpoint .*step-00000N is damaged: WHAT. Use another checkpoint.';
    for (const [step, what] of [
      [1, 'processor/words does not match its checksum'],
      [2, 'weights does not exist'],
      [3, 'checksums.json is unreadable'],
    ] as const)
      await expect(verifyCheckpoint(at(step))).rejects.toThrow(
        new RegExp(broken.replace('N', `${step}`).replace('WHAT', what)),
      );
    await verifyCheckpoint(at(4));
    await lock.release();
  });

  it('checksums are required in a checkpoint, but not in other model folders', async () => {
    await mkdir(at(1), { recursive: true });
    await writeFile(at(1, 'weights'), 'weights');
    await verifyCheckpoint(at(1));
    await writeFile(at(1, 'loop.json'), JSON.stringify(loop(1)));
    await expect(verifyCheckpoint(at(1))).rejects.toThrow(
      /step-000001 is damaged: checksums\.json does not exist \(checkpoints from versions before 0\.1\.0 lack it\)\./,
    );
  });

  it('checksums allow a run to continue from the newest intact checkpoint', async () => {
    const lock = await lockFolder(folder);
    expect(await newestIntactCheckpoint(lock, expect.unreachable)).toBeNull();
    for (const step of [1, 2, 3, 4]) await commitCheckpoint(lock, loop(step), save);
    await writeFile(at(4, 'weights'), '');
    await rm(at(3, 'loop.json'));
    const told: string[] = [];
    expect(await newestIntactCheckpoint(lock, (why) => told.push(why))).toEqual(loop(2));
    expect(told).toEqual([
      expect.stringContaining('step-000004 is damaged: weights does not match its checksum'),
      expect.stringContaining('step-000003 is damaged: loop.json does not exist'),
    ]);
    expect(await listCheckpoints(folder)).toEqual([1, 2]);
    await writeFile(at(1, 'weights'), '');
    await writeFile(at(2, 'weights'), '');
    await expect(newestIntactCheckpoint(lock, () => undefined)).rejects.toThrow(
      /^All checkpoints of .* are damaged \(step-000002, step-000001\)\. /,
    );
    expect(await listCheckpoints(folder)).toEqual([1, 2]);
    await commitCheckpoint(lock, loop(3), save);
    await pruneCheckpoints(lock, 1, null);
    expect(await readdir(join(folder, 'checkpoints'))).toEqual(['step-000003']);
    await lock.release();
  });
});

describe('traces of a run', () => {
  it('traces are read back unchanged with their arrays', async () => {
    const arrays = new TraceArrays();
    const tokens = arrays.int32([5, -1]);
    const logprobs = arrays.float32([-0.5, 2]);
    const pair = traced({ step: 7 });
    await writeTraces(folder, 7, [pair], arrays);
    expect(await readTraces(folder, 7)).toEqual([pair]);
    expect(await readTraces(folder, 8)).toEqual([]);
    await writeFile(join(folder, 'traces', 'step-000009.jsonl'), `${JSON.stringify({ ...pair, kept: 1 })}\n`);
    await expect(readTraces(folder, 9)).rejects.toThrow(
      'step-000009.jsonl:1 cannot be read: "kept" must be true or false, not 1.',
    );
    const bytes = await readFile(join(folder, 'traces', 'step-000007.bin'));
    expect(readArray(bytes, tokens, 'int32')).toEqual([5, -1]);
    expect(readArray(bytes, logprobs, 'float32')).toEqual([-0.5, 2]);
    expect(() => readArray(bytes, { at: 12, n: 2 }, 'int32')).toThrow(RangeError);
  });
});

const anyRow: RowReader<object> = (value, source) => checkRecord(z.looseObject({}), value, source);

describe('Tail: new lines of a file', () => {
  it('withholds a partial last line, even inside a character, and restarts after a truncation', async () => {
    const path = join(folder, 'a.jsonl');
    const tail = new Tail(path, anyRow);
    expect(await tail.read()).toMatchObject({ rows: [], restarted: false });
    const bytes = Buffer.from('{"a":"δ"}\n{"a":2}\n');
    await writeFile(path, bytes.subarray(0, 7));
    expect((await tail.read()).rows).toEqual([]);
    await appendFile(path, bytes.subarray(7));
    expect((await tail.read()).rows).toEqual([{ a: 'δ' }, { a: 2 }]);
    await writeFile(path, '{"a":3}\n');
    expect(await tail.read()).toMatchObject({ rows: [{ a: 3 }], restarted: true });
  });

  it('restarts after a file was truncated and has grown beyond its old end', async () => {
    const path = join(folder, 'b.jsonl');
    const tail = new Tail(path, anyRow);
    await writeFile(path, '{"a":1}\n{"a":2}\n{"a":3}\n');
    expect((await tail.read()).rows).toHaveLength(3);
    await writeFile(path, '{"a":1}\n{"a":7}\n{"a":8}\n{"a":9}\n');
    const { rows, restarted } = await tail.read();
    expect(rows).toEqual([{ a: 1 }, { a: 7 }, { a: 8 }, { a: 9 }]);
    expect(restarted).toBe(true);
    await appendFile(path, '{"a":10}\n');
    expect(await tail.read()).toMatchObject({ rows: [{ a: 10 }], restarted: false });
  });

  slowly('skips an excessively long line, but counts the line in line numbers', async () => {
    const path = join(folder, 'long.jsonl');
    await writeFile(path, `{"a":1}\n${'x'.repeat(72 * 2 ** 20)}\n{"a":2}\nno\n{"a":3}\n`);
    const tail = new Tail(path, anyRow);
    const rows: unknown[] = [];
    const leftOut: unknown[] = [];
    for (let complete = false; !complete;) {
      const part = await tail.read();
      rows.push(...part.rows);
      if (part.firstLeftOut !== null) leftOut.push(part.firstLeftOut);
      ({ complete } = part);
    }
    expect(rows).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }]);
    expect(leftOut).toEqual([
      expect.stringMatching(/long\.jsonl:2 cannot be read: the line is too long\.$/),
      expect.stringMatching(/long\.jsonl:4 cannot be read: it is not JSON/),
    ]);
  });

  it('returns the same rows for chunks of any size, and skips invalid lines', async () => {
    const path = join(folder, 'c.jsonl');
    await writeFile(path, '{"a":"δδδ"}\n{oops}\n\n5\n{"a":2}\n{"a":');
    for (const limit of [1, 3, 7, 1000]) {
      const tail = new Tail(path, anyRow);
      const rows: unknown[] = [];
      let leftOut = 0;
      for (let complete = false; !complete;) {
        const part = await tail.read(limit);
        rows.push(...part.rows);
        leftOut += part.leftOut;
        ({ complete } = part);
      }
      expect(rows).toEqual([{ a: 'δδδ' }, { a: 2 }]);
      expect(leftOut).toBe(2);
    }
  });
});

describe('run that ends while its state is read', () => {
  it('a run that ends while its state is read is never reported as lost', async () => {
    // A process that writes its last state and is gone at once, again and again, under the eyes of a reader.
    const code = `
      const fs = require('fs');
      const [dir, state] = [process.argv[1], JSON.parse(process.argv[2])];
      const stat = fs.readFileSync('/proc/self/stat', 'utf8');
      const id = { pid: process.pid, pid_start: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] };
      const write = (status) => {
        fs.writeFileSync(dir + '/s', JSON.stringify({ ...state, ...id, status }));
        fs.renameSync(dir + '/s', dir + '/state.json');
      };
      write('running');
      write('finished');`;
    for (let i = 0; i < 6; i++) {
      const child = spawn(process.execPath, ['-e', code, folder, JSON.stringify(state({}))]);
      let running = true;
      child.once('exit', () => (running = false));
      while (running) expect((await readState(folder))?.status).not.toBe('lost');
    }
  });
});
