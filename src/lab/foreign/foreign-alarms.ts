import { sum } from '../../base/numbers.ts';
import { RunAlarms } from '../../core/rewards/alarms.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';
import { filesOfRun, isLog, Program } from './foreign-program.ts';
import { type Figures, withGroupSpread } from './values/metric-names.ts';

/** Figures by step as the rows of a run of ours have them. */
export const rowsOfSteps = (metrics: ReadonlyMap<number, Figures>): MetricsRow[] =>
  [...metrics].map(([step, figures]) => ({ ...figures, step }));

/** The alarms of a run as it is. @param metrics its figures by step, ascending */
export const alarmsOf = (metrics: ReadonlyMap<number, Figures>) =>
  new RunAlarms().through(rowsOfSteps(metrics));

/** A list of runs does not wait for a folder with more bytes than these. */
const MOST = 256 * 2 ** 20;

/**
 * The alarms of an external run, from its curves alone, for lists of runs. None of logs of evaluations, of
 * folders with more than 256 MiB, and of what cannot be read, which opening the run explains.
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
