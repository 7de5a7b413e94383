import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TorchEngine } from '../../core/config/engine.ts';
import { pythonArguments, pythonEnvironment } from '../../engines/torch/processes.ts';
import { processesOf } from './open.ts';
import { findPython } from './python.ts';

/**
 * Computes for a run that another machine leads, until it ends. What the processes print is shown.
 * @param node which machine this is: 1 is the second one.
 * @returns whether they ended well.
 */
export async function joinRun(engine: TorchEngine, node: number): Promise<boolean> {
  const child = spawn(await findPython(), pythonArguments(processesOf(engine), node), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: pythonEnvironment(engine.threads ?? null),
    windowsHide: true,
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0;
}
