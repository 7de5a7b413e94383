import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cacheDir } from '../../src/lab/files/folders.ts';
import { ForeignRun } from '../../src/lab/foreign/run.ts';
import { findSource } from '../../src/lab/foreign/source.ts';
import { pythonOf } from '../../src/lab/torch/python.ts';
import { TrackioWriter } from '../../src/lab/runs/trackio-writer.ts';
import { torch } from './open.ts';

const VERSION = '0.43.0';

describe.skipIf(!torch)('curves for trackio, by trackio itself', () => {
  const folder = mkdtempSync(join(tmpdir(), 'chirality-trackio-'));
  const env = join(cacheDir(), `trackio-${VERSION}`);
  const about = { project: 'spatial', name: 'eta 1', config: { steps: 2 } };
  const lost: string[] = [];
  const open = (resume: 'never' | 'allow') =>
    TrackioWriter.open([pythonOf(env)], { ...about, resume }, (why) => lost.push(why));
  /** What trackio's own program reads. */
  const rewards = () => {
    const run = ['--project', about.project, '--run', about.name];
    const said = execFileSync(
      join(pythonOf(env), '../trackio'),
      ['get', 'metric', ...run, '--metric', 'train/reward', '--json'],
      { encoding: 'utf8' },
    );
    const { values } = JSON.parse(said) as { values: { step: number; value: number }[] };
    return values.map(({ step, value }) => [step, value]);
  };

  const ours = async () => {
    const found = await findSource(join(folder, 'spatial.db'), about.name);
    if (!found || !('dir' in found)) throw new Error('There is no such run.');
    return [...(await new ForeignRun(found.dir).read()).metrics];
  };

  beforeAll(() => {
    if (!existsSync(join(env, 'complete'))) {
      execFileSync(torch!.python, ['-m', 'venv', env]);
      execFileSync(pythonOf(env), ['-m', 'pip', 'install', '-q', `trackio==${VERSION}`]);
      writeFileSync(join(env, 'complete'), '');
    }
    process.env.TRACKIO_DIR = folder;
  }, 600_000);

  it('come as they are measured, and its own reader finds them; so does ours', async () => {
    const writer = await open('never');
    await writer.row({ step: 1, reward: 0.5, kl: null });
    await writer.row({ step: 1, step_time: 2 });
    await expect.poll(rewards, { timeout: 30_000, interval: 1000 }).toEqual([[1, 0.5]]);
    await writer.row({ step: 2, reward: 0.75 });
    await writer.close();
    expect(rewards()).toEqual([[1, 0.5], [2, 0.75]]); // prettier-ignore
    expect(await ours()).toEqual([
      [1, { reward: 0.5, step_time: 2 }],
      [2, { reward: 0.75 }],
    ]);
  });

  it('a resumed run goes on under its name, and what it computes again replaces what was there', async () => {
    const writer = await open('allow');
    await writer.row({ step: 2, reward: 0.25 });
    await writer.row({ step: 3, reward: 1 });
    await writer.close();
    expect((await ours()).map(([step, { reward }]) => [step, reward])).toEqual([[1, 0.5], [2, 0.25], [3, 1]]); // prettier-ignore
    expect(lost).toEqual([]);
  });

  it('if trackio ends before the run, that is told once, and rows go nowhere', async () => {
    const writer = await open('never');
    process.kill((writer as unknown as { child: { pid: number } }).child.pid, 'SIGKILL');
    await expect.poll(() => lost.length, { timeout: 10_000 }).toBe(1);
    await writer.row({ step: 1, reward: 1 });
    await writer.close();
    expect(lost[0]).toMatch(/^trackio ended/);
  });
});
