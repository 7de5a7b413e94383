import { hostname } from 'node:os';
import { isActiveRun } from '../run-list/run-text.ts';
import type { RunList } from '../run-list/run-list.ts';
import type { Service } from '../service-client.ts';
import { confirm } from './report.ts';

/**
 * Asks before a model is loaded on the GPU of an active run, which could end that run for lack of memory.
 * @param path the model's folder
 * @returns whether to load it
 */
export async function askForGpu(
  { service, runs }: { service: Service; runs: RunList },
  path: string,
  label: string,
): Promise<boolean> {
  if (!(await service.call('wantsGpu', { path }))) return true;
  const here = (await runs.refresh()).filter((run) => isActiveRun(run) && run.state?.host === hostname());
  const wants = await Promise.all(here.map(({ dir }) => service.call('wantsGpu', { path: dir })));
  const [busy] = here.filter((_, i) => wants[i]);
  if (!busy) return true;
  const message = `${busy.name} is training on this machine. Load ${label} beside it?`;
  return confirm(message, 'Both need GPU memory, and a run that gets none fails.', 'Load It');
}
