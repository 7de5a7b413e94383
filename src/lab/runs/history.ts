import { join } from 'node:path';
import { History } from '../../core/rewards/alarms.ts';
import { readMetricsRow } from '../../core/rewards/metrics-row.ts';
import { UntilChanged, versionAt } from '../files/version.ts';
import { Tail } from './tail.ts';

/** Reads the metrics that alarms use from a run so far. */
export async function readHistory(dir: string): Promise<History> {
  const history = new History();
  for await (const row of new Tail(join(dir, 'metrics.jsonl'), readMetricsRow).rows()) history.add(row);
  return history;
}

const hackings = new UntilChanged<ReturnType<History['hacking']>>(64);

/** Returns the step at which reward hacking began. Null without reward hacking, or if the metrics are unreadable. */
export async function hackingIn(dir: string): Promise<ReturnType<History['hacking']>> {
  const version = await versionAt(join(dir, 'metrics.jsonl')).catch(() => '');
  const read = async () => (await readHistory(dir)).hacking();
  return hackings.of(dir, version, read).catch(() => null);
}
