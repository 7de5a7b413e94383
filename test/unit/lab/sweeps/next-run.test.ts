import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { RunStatus } from '../../../../src/core/run-data/run-status.ts';
import type { PlannedRun } from '../../../../src/core/config/sweep-plan.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';
import { readState, writeState } from '../../../../src/lab/runs/state.ts';
import { blockedRuns, nextRun, type Progress, workOnSweep } from '../../../../src/lab/sweeps/work.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { planOf } from '../../../support/sweep.ts';
import { property } from '../../../support/property.ts';

/** Plans whose runs start from any other, without a circle, in any order of the list. */
const plans = fc
  .array(
    fc.record({ from: fc.option(fc.nat()), fails: fc.boolean(), lasts: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 1, maxLength: 12 },
  )
  .chain((made) => {
    const runs = made.map(({ from, ...rest }, i) => ({
      name: `r${i}`,
      arm: `r${i}`,
      stage: false,
      seed: 0,
      ...rest,
      ...(from !== null && i > 0 && { after: `r${from % i}` }),
    }));
    return fc.shuffledSubarray(runs, { minLength: runs.length });
  });

describe('nextRun', () => {
  property(
    'nextRun: runs each possible run once, after its start, within the device count',
    [plans, fc.integer({ min: 1, max: 4 })],
    (runs, devices) => {
      const progress = new Map<string, Progress>(runs.map(({ name }) => [name, 'waiting']));
      const begun: string[] = [];
      const until = new Map<string, number>();
      for (let time = 0; time < 200; time++) {
        for (const { name, fails } of runs)
          if (until.get(name) === time) {
            progress.set(name, fails ? 'failed' : 'finished');
            until.delete(name);
          }
        for (
          let blocked = blockedRuns(runs, progress);
          blocked.length > 0;
          blocked = blockedRuns(runs, progress)
        )
          for (const { name } of blocked) progress.set(name, 'failed');
        while (until.size < devices) {
          const run = nextRun(runs, progress) as (PlannedRun & { lasts: number }) | null;
          if (!run) break;
          if (run.after !== undefined) expect(progress.get(run.after)).toBe('finished');
          begun.push(run.name);
          progress.set(run.name, 'running');
          until.set(run.name, time + run.lasts);
        }
        expect(until.size).toBeLessThanOrEqual(devices);
      }
      const fails = (name: string): boolean => {
        const { fails: own, after } = runs.find((run) => run.name === name)!;
        return own || (after !== undefined && fails(after));
      };
      for (const { name, after } of runs) {
        expect(progress.get(name)).toBe(fails(name) ? 'failed' : 'finished');
        expect(begun.filter((each) => each === name)).toHaveLength(
          after !== undefined && fails(after) ? 0 : 1,
        );
      }
    },
  );

  it('nextRun starts with the first run whose requirements are met', () => {
    const run = (name: string, after?: string) => ({
      name,
      arm: name,
      stage: false,
      seed: 0,
      ...(after && { after }),
    });
    const runs = [run('b', 'a'), run('a'), run('c')];
    const progress = new Map<string, Progress>(runs.map(({ name }) => [name, 'waiting']));
    expect(nextRun(runs, progress)!.name).toBe('a');
    progress.set('a', 'finished');
    expect(nextRun(runs, progress)!.name).toBe('b');
  });
});

describe('workOnSweep', () => {
  const folder = folderOfTests('chirality-sweep-ends-');

  it.each([
    ['stopped', 'stopped', 'Not finished: sft, grpo. Run the same command to continue.'],
    ['failed', 'failed', '2 of 3 runs did not finish: sft, grpo.'],
    ['finished', 'finished', 'All 3 runs are finished.'],
  ] as const)('a sweep whose first run is %s ends as %s', async (end, status, message) => {
    const dir = join(folder, end);
    const run = (name: string, after?: string) => ({ name, arm: name, stage: false, seed: 1, after });
    const runs = [run('sft'), run('grpo', 'sft'), run('other')];
    for (const { name } of runs) await mkdir(join(dir, 'runs', name), { recursive: true });
    await mkdir(join(dir, 'control'));
    await writeFile(join(dir, 'sweep.yaml'), stringify({ ...planOf(1), runs }));
    const at = async (status: RunStatus) => ({
      status,
      phase: status,
      step: 1,
      steps: 3,
      message: '',
      heartbeat: new Date().toISOString(),
      ...(await thisProcess()),
    });
    await workOnSweep(dir, async (runDir) => {
      const state = await at('running');
      await writeState(runDir, state);
      await writeState(runDir, await at(runDir.endsWith('sft') ? end : 'finished'));
      return state;
    });
    expect(await readState(dir)).toMatchObject({ status, message });
    expect(await readState(join(dir, 'runs', 'other'))).toMatchObject({ status: 'finished' });
  });
});
