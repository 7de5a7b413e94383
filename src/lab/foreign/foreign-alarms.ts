import { sum } from '../../base/numbers.ts';
import { RunAlarms } from '../../core/rewards/alarms.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import { filesOfRun, isLog, Program } from './foreign-program.ts';
import { type Figures, withGroupSpread } from './values/metric-names.ts';

export const rowsOfSteps = (metrics: ReadonlyMap<number, Figures>): MetricsRow[] =>
  [...metrics].map(([step, figures]) => ({ ...figures, step }));

/** Returns the alarms of a run. @param metrics values by step, ascending */
export const alarmsOf = (metrics: ReadonlyMap<number, Figures>) =>
  new RunAlarms().through(rowsOfSteps(metrics));

/** Maximum size of a folder whose alarms are computed for a list of runs, in bytes. */
const MOST = 256 * 2 ** 20;

/**
 * Returns the alarms of an external run, from its curves only, for lists of runs. Empty for logs of evaluations,
 * folders above 256 MiB, and unreadable folders. Problems of folders appear when the run is opened.
 */
export async function alarmsIn(dir: string): Promise<ReturnType<typeof alarmsOf>> {
  if (isLog(dir)) return [];
  try {
    const files = await filesOfRun(dir, []);
    if (sum(files.map(({ bytes }) => bytes)) > MOST) return [];
    const logged = await new Program(dir).look(files, []);
    if (!logged) return [];
    const figures = logged.isSpreadOfGroups ? withGroupSpread(logged.metrics) : logged.metrics;
    return alarmsOf(new Map([...figures].sort(([a], [b]) => a - b)));
  } catch {
    return [];
  }
}
