import { join } from 'node:path';
import { readdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from '../runs/run-folder.ts';
import type { RunStatus } from '../../core/run-data/run-status.ts';
import type { PlannedRun, SweepPlan } from '../../core/config/sweep-plan.ts';
import { lockFolder, type FolderLock } from '../runs/folder-lock.ts';
import { thisProcess } from '../files/process.ts';
import type { ProcessId } from '../files/process-id.ts';
import { isActive, readState, writeState } from '../runs/state.ts';
import { stopRun } from '../runs/launch.ts';
import { readPlan, sweepRun } from './sweep-folder.ts';

/**
 * Progress of a run in a sweep. `failed` includes runs whose parent run failed; a run whose parent run was stopped waits.
 */
export type Progress = 'waiting' | 'running' | 'finished' | 'stopped' | 'failed';

/** Returns the next run to start, in the order of the plan. Null if no run can start now. */
export function nextRun(
  runs: readonly PlannedRun[],
  progress: ReadonlyMap<string, Progress>,
): PlannedRun | null {
  const canBegin = ({ name, after }: PlannedRun) =>
    progress.get(name) === 'waiting' && (after === undefined || progress.get(after) === 'finished');
  return runs.find(canBegin) ?? null;
}

/** Returns the waiting runs that can never start, because a run from which they start has failed. */
export const blockedRuns = (
  runs: readonly PlannedRun[],
  progress: ReadonlyMap<string, Progress>,
): PlannedRun[] =>
  runs.filter(
    ({ name, after }) =>
      progress.get(name) === 'waiting' && after !== undefined && progress.get(after) === 'failed',
  );

/** Starts the process of a run on a device (`launchDetached`). */
type Launch = (dir: string, env: NodeJS.ProcessEnv) => Promise<RunState>;

const TO_CONTINUE = 'Run the same command to continue.';

const POLL_MS = 250;
const HEARTBEAT_MS = 2000;

/**
 * Runs the rest of a sweep, with as many concurrent processes as devices, until all runs have finished or failed, or
 * until a stop request. Takes over runs that still work after an earlier call was killed. A failed run, or one that the
 * user stops, only stops the runs that start from it.
 */
export async function workOnSweep(dir: string, launch: Launch): Promise<void> {
  const plan = await readPlan(dir);
  if (!plan) throw new Error(`${dir} contains no sweep.`);
  const lock = await lockFolder(dir);
  const sweep = new ActiveSweep(lock, plan, launch, await thisProcess());
  let terminated = false;
  const terminate = () => (terminated = true);
  process.once('SIGTERM', terminate);
  try {
    await rm(join(dir, 'control', 'stop'), { force: true });
    for (;;) {
      await sweep.look();
      const stopping = terminated || (await readdir(join(dir, 'control'))).includes('stop');
      if (stopping) {
        await sweep.stop(terminated ? 0 : undefined);
        await sweep.end('stopped', `Stopped on request. ${TO_CONTINUE}`);
        return;
      }
      while (await sweep.startNext());
      if (sweep.isIdle) break;
      await sleep(POLL_MS);
    }
    const failed = sweep.in('failed');
    const stopped = sweep.in('stopped', 'waiting');
    const count = plan.runs.length;
    if (failed.length > 0)
      await sweep.end('failed', `${failed.length} of ${count} runs did not finish: ${failed.join(', ')}.`);
    else if (stopped.length > 0)
      await sweep.end('stopped', `Not finished: ${stopped.join(', ')}. ${TO_CONTINUE}`);
    else await sweep.end('finished', `All ${count} runs are finished.`);
  } catch (error) {
    await sweep.end('failed', (error as Error).message).catch(() => undefined);
    throw error;
  } finally {
    process.off('SIGTERM', terminate);
    await lock.release();
  }
}

class ActiveSweep {
  private readonly progress = new Map<string, Progress>();
  /** Index of the device in the pool, for each running run. */
  private readonly devices = new Map<string, number>();
  private state: RunState;
  private said = 0;

  constructor(
    private readonly lock: FolderLock,
    private readonly plan: SweepPlan,
    private readonly launch: Launch,
    self: ProcessId,
  ) {
    for (const { name } of plan.runs) this.progress.set(name, 'waiting');
    this.state = {
      status: 'running',
      phase: 'starting',
      step: 0,
      steps: plan.runs.length,
      message: '',
      ...self,
      heartbeat: new Date().toISOString(),
    };
  }

  /** Reads the progress of each run. A stopped run can run again, after *Resume Run*. */
  async look(): Promise<void> {
    for (const { name } of this.plan.runs) {
      const before = this.progress.get(name)!;
      if (before === 'finished' || before === 'failed') continue;
      const state = await readState(sweepRun(this.dir, name));
      if (state?.status === 'finished') this.progress.set(name, 'finished');
      else if (state && isActive(state)) this.occupy(name);
      // Retries a run that failed or was stopped before this call.
      else if (before === 'running')
        this.progress.set(name, state?.status === 'stopped' ? 'stopped' : 'failed');
      if (this.progress.get(name) !== 'running') this.devices.delete(name);
    }
    for (let blocked = this.blocked(); blocked.length > 0; blocked = this.blocked())
      for (const { name } of blocked) this.progress.set(name, 'failed');
    await this.say();
  }

  /** Starts the next run on a free device. @returns whether a run was waiting and a device was free */
  async startNext(): Promise<boolean> {
    const device = this.freeDevice();
    const run = nextRun(this.plan.runs, this.progress);
    if (device < 0 || !run) return false;
    this.occupy(run.name, device);
    await this.say({ phase: `starting ${run.name}` });
    // The run's folder contains the reason for the failure. Other runs continue.
    await this.launch(sweepRun(this.dir, run.name), environment(this.plan.devices[device]!)).catch(() => {
      this.progress.set(run.name, 'failed');
      this.devices.delete(run.name);
    });
    return true;
  }

  private get dir(): string {
    return this.lock.dir;
  }

  get isIdle(): boolean {
    return this.devices.size === 0 && nextRun(this.plan.runs, this.progress) === null;
  }

  /** Stops all running runs, each in the phases of `stopRun`. */
  async stop(grace?: number): Promise<void> {
    await this.say({ status: 'stopping', phase: 'stopping' });
    const beat = setInterval(() => void this.say({}).catch(() => undefined), HEARTBEAT_MS);
    const running = [...this.devices.keys()];
    await Promise.all(
      running.map((name) => stopRun(sweepRun(this.dir, name), grace === undefined ? {} : { grace })),
    ).finally(() => clearInterval(beat));
  }

  in(...progress: Progress[]): string[] {
    return this.plan.runs
      .map(({ name }) => name)
      .filter((name) => progress.includes(this.progress.get(name)!));
  }

  end(status: RunStatus, message: string): Promise<void> {
    return this.say({ status, phase: status, message });
  }

  private occupy(name: string, device?: number): void {
    this.progress.set(name, 'running');
    // The device of a run from an earlier call is unknown. Assumes the first free device.
    if (!this.devices.has(name)) this.devices.set(name, device ?? this.freeDevice());
  }

  /** Returns the index of the first free device, or −1 if all devices are busy. */
  private freeDevice(): number {
    return this.plan.devices.findIndex((_, i) => ![...this.devices.values()].includes(i));
  }

  private blocked(): PlannedRun[] {
    return blockedRuns(this.plan.runs, this.progress);
  }

  /** Writes the state of the sweep if it has changed, and regularly as a heartbeat. */
  private async say(change?: Partial<Pick<RunState, 'status' | 'phase' | 'message'>>): Promise<void> {
    const step = [...this.progress.values()].filter((progress) => progress === 'finished').length;
    const phase = change?.phase ?? ([...this.devices.keys()].join(', ') || 'looking');
    if (
      !change &&
      step === this.state.step &&
      phase === this.state.phase &&
      Date.now() < this.said + HEARTBEAT_MS
    )
      return;
    this.said = Date.now();
    this.state = { ...this.state, phase, ...change, step, heartbeat: new Date().toISOString() };
    await writeState(this.dir, this.state, this.lock.write);
  }
}

const environment = (device: string | number): NodeJS.ProcessEnv =>
  device === 'any' ? process.env : { ...process.env, CUDA_VISIBLE_DEVICES: String(device) };
