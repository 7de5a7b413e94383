import { type ProbeResult, probeWarnings } from '../../core/rewards/reward-probe.ts';
import { fixed, percentText } from '../../base/format.ts';
import { readRunFile, requireTrust } from '../config.ts';
import { UsageError } from '../errors.ts';
import { RowSource } from '../../lab/rollouts/draw-groups.ts';
import { sourceOptions, openPrograms, encoderOf } from '../../lab/models/recipe-tools.ts';
import { checkRewards } from '../../lab/models/check-rewards.ts';
import { printJson, print, printList } from '../print.ts';
import { ownPrograms } from '../../core/config/derived.ts';
import { trustable } from '../../lab/own/trust.ts';

export function probeTable(results: readonly ProbeResult[]): string {
  const lines = results.map(({ name, rows, mean, reference, margin, above_threshold }) =>
    [
      name.padEnd(22),
      String(rows).padStart(5),
      fixed(mean, 3).padStart(8),
      fixed(reference, 3).padStart(10),
      fixed(margin, 3).padStart(8),
      percentText(above_threshold).padStart(8),
    ].join(''),
  );
  if (!results.some(({ kind }) => kind === 'opposite'))
    lines.push(
      'no opposite answers: the rewards do not use the reference answer, or the rows have no trusted mirror or opposite',
    );
  return [`${'answer'.padEnd(22)} rows  reward  reference  margin  above δ`, ...lines].join('\n');
}

export async function check(path: string, { json }: { json?: boolean }): Promise<void> {
  const config = readRunFile(path);
  if (config.recipe !== 'grpo') throw new UsageError('rewards check requires a config with recipe grpo.');
  const rows = await RowSource.open(sourceOptions(config));
  await requireTrust(config);
  const { ownRewards, close } = await openPrograms(config);
  const encoder = await encoderOf(config);
  const results = await checkRewards(config, rows, encoder, ownRewards).finally(close);
  await encoder?.close();
  await rows.close();
  if (json) printJson(results);
  else print([probeTable(results), '', ...probeWarnings(results, null)].join('\n').trimEnd());
}

export async function probe(path: string, { json }: { json?: boolean }): Promise<void> {
  const { rewards, metrics } = ownPrograms(readRunFile(path));
  const listed = await Promise.all([...rewards, ...metrics].map(trustable));
  if (json) printJson(listed.map(({ at, command, hash }) => ({ at, command, hash })));
  else
    printList(
      ['where', 'command', 'hash'],
      listed.map(({ at, command, hash }) => [at, command.join(' '), hash]),
    );
}
