import { several } from '../../base/format.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addInspectPatchCommand } from './inspect-patch.command.ts';
import { PATCH_GROUPS } from '../../core/insight/patch.ts';
import { openTarget, withTarget, printResults } from './insight-target.ts';
import { ORIGINAL } from '../../rows/view-list.ts';
import { rowsToPatch, patchSet } from '../../lab/insight/patch-set.ts';
import { UsageError } from '../errors.ts';
import { tell } from '../print.ts';
import { patchDocument } from '../../core/reports/insight/patch-document.ts';

export async function run(model: string, flags: OptionsOf<typeof addInspectPatchCommand>): Promise<void> {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const groups = flags.group.length > 0 ? [...new Set(flags.group)] : [...PATCH_GROUPS];
  const opened = await openTarget('patch', model, flags, [ORIGINAL], { layers, groups });
  const rows = rowsToPatch(opened.rows);
  if (rows.length === 0)
    throw new UsageError(
      `${opened.file} has no questions with a different answer in the mirror. Pass other rows with --set.`,
    );
  const target = { ...opened, rows };
  const done = await withTarget(target, (onProgress) =>
    patchSet(target.open, rows, { ...target, layers, groups }, onProgress),
  );
  const others = opened.rows.length - rows.length;
  if (others > 0)
    tell(
      `Skipped ${several(others, 'row')}: the mirror does not change the answer, or the change is uncertain.`,
    );
  for (const [why, n] of Object.entries(done.skipped)) tell(`${n} skipped: ${why}`);
  await printResults(
    { ...target.manifest, folder: target.dir, rows: done.rows.length, results: done.results },
    () => patchDocument(`Activation patching of ${target.name}`, done.results),
    flags,
  );
}
