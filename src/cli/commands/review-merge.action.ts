import type { OptionsOf } from '../command-options.ts';
import type { addReviewMergeCommand } from './review.command.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import { UsageError } from '../errors.ts';
import { dirname, resolve } from 'node:path';
import { printable } from '../../base/printable.ts';
import { mergeAnnotated } from '../../lab/datasets/merge-annotated.ts';
import { cannotRead } from '../input.ts';
import { VARIANT_NAMES } from '../../rows/view-list.ts';
import { printJson, print, note } from '../print.ts';
import { describeAgreement } from '../../core/metrics/people-agreement.ts';

export async function merge(files: string[], _: unknown, command: Command): Promise<void> {
  // The parent `review` also defines --json, and consumes the option wherever the user passes it.
  const { output, base, json } = command.optsWithGlobals() as OptionsOf<typeof addReviewMergeCommand>;
  if (files.length < 2) throw new UsageError('Merging requires at least two files.');
  const [first] = files;
  if (dirname(resolve(output)) !== dirname(resolve(first!)))
    throw new UsageError(
      `-o must be in the folder of ${printable(first!, 200)}, because image paths are relative to it.`,
    );
  for (const file of [...files, ...(base === undefined ? [] : [base])])
    if (resolve(file) === resolve(output))
      throw new UsageError(`-o must not be an input file: ${printable(file, 200)}.`);
  let reading = '';
  const { rows, added, open, figures } = await mergeAnnotated(files, base ?? null, output, (file) => {
    reading = file;
  }).catch((error: unknown) => {
    throw ['ENOENT', 'EACCES', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '') && reading
      ? cannotRead(error, reading)
      : error;
  });
  const agreement = Object.fromEntries(
    VARIANT_NAMES.flatMap((name) => {
      const all = figures[name].agreement;
      return all.length > 0 ? [[name, all]] : [];
    }),
  );
  if (json) {
    for (const row of open) printJson({ ...row });
    return printJson({ summary: { rows, added, open: open.length, agreement } });
  }
  for (const row of open) print(describe(row));
  note(
    [
      `Wrote ${rows} rows to ${printable(output, 200)}${added > 0 ? `, including ${added} that are not in ${printable(first!, 200)}` : ''}; ${open.length} to resolve`,
      ...Object.entries(agreement).flatMap(([name, all]) =>
        all.map((figures) => `  ${name}: ${describeAgreement(figures)}`),
      ),
    ].join('\n'),
  );
}

type MergedRow = Awaited<ReturnType<typeof mergeAnnotated>>['open'][number];

function describe({ id, conflicts, disagree }: MergedRow): string {
  const fields = conflicts.map(({ path, values }) => {
    const versions = values.map(({ from, value }) => `${from}: ${JSON.stringify(value) ?? 'nothing'}`);
    return `  ${printable(path.join('.'), 60)}: ${printable(versions.join(' | '), 300)}`;
  });
  return [
    printable(id, 100),
    ...disagree.map((name) => `  reviewers disagree about the ${name}`),
    ...fields,
  ].join('\n');
}
