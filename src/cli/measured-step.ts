import type { RunConfig } from '../core/config/run.ts';
import { measureStep } from '../lab/measure-step.ts';
import { openTools, type Tools } from '../lab/models/tools.ts';
import { tell } from './print.ts';

/** The seconds of a step, by two steps taken now; null if steps cost money, or there are none. */
export async function measuredStep(config: RunConfig, tools: Tools): Promise<number | null> {
  if (config.engine.kind === 'tinker') return null;
  tell('No run with this recipe and model has taken steps on this machine: two steps are measured.');
  return measureStep(config, tools);
}

/** Like `measuredStep`, with tools of its own; null, too, if the run cannot be opened yet, which is told. */
export async function measuredRun(config: RunConfig): Promise<number | null> {
  if (config.engine.kind === 'tinker') return null;
  try {
    const tools = await openTools(config, null);
    return await measuredStep(config, tools).finally(tools.close);
  } catch (error) {
    tell(`No step can be measured: ${(error as Error).message}`);
    return null;
  }
}
