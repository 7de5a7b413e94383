import { NUMBER_TARGETS, TARGETS } from '../../core/insight/probe-row.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addInspectProbeCommand } from './inspect-probe.command.ts';
import { openTarget, withTarget, printResults } from './insight-target.ts';
import { probeSet } from '../../lab/insight/probe-set.ts';
import { note } from '../print.ts';
import { probeDocument } from '../../core/reports/insight/probe-document.ts';
import { JobError } from '../errors.ts';

export async function run(model: string, flags: OptionsOf<typeof addInspectProbeCommand>): Promise<void> {
  const target = await openTarget('probe', model, flags, flags.views, {
    facts: [...TARGETS, ...NUMBER_TARGETS],
  });
  const all = await withTarget(target, (onProgress) =>
    probeSet(target.open, target.rows, { ...target, arrays: flags.arrays ?? false }, onProgress, () =>
      note('Fitting probes'),
    ),
  );
  const results =
    flags.target.length === 0 ? all : all.filter((result) => flags.target.includes(result.target));
  const isText = (flags.format ?? 'text') === 'text';
  await printResults(
    { ...target.manifest, folder: target.dir, results },
    () => probeDocument(`Probes of ${target.name}`, results, isText ? LISTED : Infinity),
    flags,
  );
  const missing = flags.target.filter((name) => !all.some((result) => result.target === name));
  if (missing.length > 0 || all.length === 0)
    throw new JobError(
      `Cannot fit probes for ${missing.join(', ') || 'any target'}: not enough rows with different labels.`,
      {
        fix: 'A probe requires two labels with 12 rows each, or 36 rows with a number. Pass more rows with --set.',
      },
    );
}

/** Maximum number of rows of a list in a terminal; results.json and other formats contain all rows. */
const LISTED = 8;
