import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { summary, watchRun } from '../../../src/cli/live.ts';
import { thisProcess } from '../../../src/lab/files/process.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
let said = '';
const isTTY = process.stderr.isTTY;
folderOfEachTest('live-', (made) => (folder = made));
beforeEach(() => {
  said = '';
  const take = (text: unknown) => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stderr, 'write').mockImplementation(take);
  vi.spyOn(console, 'error').mockImplementation((text) => void take(`${text}\n`));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.stderr.isTTY = isTTY;
});

async function makeRun(name: string, status: string): Promise<string> {
  const dir = join(folder, name);
  await mkdir(dir);
  const state = {
    status,
    phase: 'gen',
    step: 10,
    steps: 70,
    message: '',
    heartbeat: new Date().toISOString(),
  };
  await writeFile(join(dir, 'state.json'), JSON.stringify({ ...state, ...(await thisProcess()) }));
  await writeFile(join(dir, 'metrics.jsonl'), '{"step":10,"reward":0.5}\n');
  // The first step, which also compiles, is no basis for the time left.
  const timings = [60, 2, 2, 9].map((time, i) => `{"step":${i + 7},"step_time":${time},"timing_s/gen":1}\n`);
  await writeFile(join(dir, 'timings.jsonl'), timings.join(''));
  const event = { step: 3, time: new Date().toISOString(), kind: 'alarm', message: 'Look.' };
  await writeFile(join(dir, 'events.jsonl'), `${JSON.stringify(event)}\n`);
  return dir;
}

it('watchRun: prefixes lines with the run name if several runs are watched', async () => {
  process.stderr.isTTY = false;
  const { signal } = new AbortController();
  await watchRun(await makeRun('given', 'finished'), signal, null, 'given');
  expect(said.trim().split('\n')).toEqual([
    'given: step 3: alarm: Look.',
    expect.stringMatching(/^given: step 10\/70 {2}reward 0\.500 /),
    'given: 1 min 13 s in 4 steps: sampling 5.5%, other 94.5%',
  ]);
  said = '';
  await watchRun(join(folder, 'given'), signal, null);
  expect(said).toMatch(/^step 3: alarm: Look\.\nstep 10\/70 .*\n1 min 13 s in/);
});

it('watchRun: shows several runs on one terminal line until they end', async () => {
  process.stderr.isTTY = true;
  const ends = [new AbortController(), new AbortController()] as const;
  const names = ['given', 'spatial'] as const;
  const dirs = await Promise.all(names.map((name) => makeRun(name, 'running')));
  const watching = names.map((name, i) => watchRun(dirs[i]!, ends[i]!.signal, null, name));
  const lastLine = () => said.split('\r\x1b[K').at(-1);
  await expect
    .poll(lastLine)
    .toMatch(/^(given|spatial): step 10\/70, 2 min left {3}(given|spatial): step 10\/70, 2 min left$/);
  ends[0].abort();
  expect(await watching[0]).toBeNull();
  await expect.poll(lastLine).toBe('spatial: step 10/70, 2 min left');
  ends[1].abort();
  await watching[1];
  expect(lastLine()).toBe('spatial: 1 min 13 s in 4 steps: sampling 5.5%, other 94.5%\n');
});

it.each([
  ['checking data', 'checking data …\n'],
  ['gen', 'sampling …\n'],
])('watchRun: logs the phase before the first step (%s), and the first step', async (phase, told) => {
  process.stderr.isTTY = false;
  const dir = await makeRun('early', 'running');
  const state = JSON.parse(await readFile(join(dir, 'state.json'), 'utf8')) as object;
  await writeFile(join(dir, 'state.json'), JSON.stringify({ ...state, step: 0, phase }));
  await writeFile(join(dir, 'metrics.jsonl'), '{"step":1,"loss":0.5}\n{"step":2,"loss":0.4}\n');
  const abort = new AbortController();
  const watching = watchRun(dir, abort.signal, null);
  await vi.waitFor(() => expect(said).toContain('loss'));
  abort.abort();
  await watching;
  expect(said).toContain(told);
  expect(said.match(/loss 0\.500/g)).toHaveLength(1);
  expect(said).not.toContain('loss 0.400');
});

it('summary: shows accuracy for each kind of trained view', () => {
  const row = { step: 1, reward: 0.5, accuracy: 0.75, accuracy_view: 0.25, kl: 0 };
  expect(summary(row, null)).toBe(
    'step 1  reward 0.500  accuracy originals 75.0%, other views 25.0%  kl 0.00',
  );
  expect(summary({ ...row, accuracy_mirror: 0.5 }, null)).toContain(
    'accuracy originals 75.0%, mirrors 50.0%, other views 25.0%',
  );
});
