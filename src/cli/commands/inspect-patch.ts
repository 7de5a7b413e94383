import type { Command } from 'commander';
import { PATCH_GROUPS, type PatchGroup } from '../../core/insight/patch.ts';
import { patchDocument } from '../../core/reports/insight/patch.ts';
import { ORIGINAL } from '../../core/view-list.ts';
import { patchSet, rowsToPatch } from '../../lab/insight/patch.ts';
import { UsageError } from '../errors.ts';
import {
  openTarget,
  printResults,
  STEP,
  STRATEGY,
  withInsight,
  withTarget,
  type InsightFlags,
} from '../insight-target.ts';
import { oneOf, repeated, wholeNumber } from '../input.ts';
import { tell } from '../print.ts';

interface Flags extends InsightFlags {
  layer: number[];
  group: PatchGroup[];
}

/** `chirality inspect patch`: where in a model the side passes from the picture to the answer. */
export function addInspectPatchCommand(program: Command): void {
  withInsight(program.command('patch'))
    .option(...STEP, 'last')
    .option(...STRATEGY)
    .description(
      'Swap hidden states between a picture and its mirror, layer by layer, and show how the answer changes.',
    )
    .option('--layer <n>', 'only after this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--group <name>',
      `only these tokens: ${PATCH_GROUPS.join(', ')}; repeatable (default: all of them)`,
      repeated(oneOf(PATCH_GROUPS)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect patch spatial
  chirality inspect patch spatial --group picture --group names --layer 1 --json

Both pictures are asked the original's question. Only rows whose answer differs between the two are used. Figures are
the change in the log-odds of the original's answer when one layer's hidden states for a group of tokens come from the
mirrored picture, and the share of the whole difference: 0 % is the original's answer, 100 % the mirror's.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(run);
}

async function run(model: string, flags: Flags): Promise<void> {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const groups = flags.group.length > 0 ? [...new Set(flags.group)] : [...PATCH_GROUPS];
  const opened = await openTarget('patch', model, flags, [ORIGINAL], { layers, groups });
  const rows = rowsToPatch(opened.rows);
  if (rows.length === 0)
    throw new UsageError(
      `${opened.file}: No question has a different answer in the mirror, so there is nothing to compare. Use other rows with --set.`,
    );
  const target = { ...opened, rows };
  const done = await withTarget(target, (onProgress) =>
    patchSet(target.open, rows, { ...target, layers, groups }, onProgress),
  );
  const others = opened.rows.length - rows.length;
  if (others > 0) tell(`${others} skipped: The mirror does not change their answer, or may not.`);
  for (const [why, n] of Object.entries(done.skipped)) tell(`${n} skipped: ${why}`);
  await printResults(
    { ...target.manifest, folder: target.dir, rows: done.rows.length, results: done.results },
    () => patchDocument(`${target.name}: where the side passes to the answer`, done.results),
    flags,
  );
}
