import type { OptionsOf } from '../command-options.ts';
import type { addMetricsCommand } from './metrics.command.ts';
import { ScoredFile } from '../../core/metrics/scored-file.ts';
import { fileFiguresText } from '../../core/reports/file-figures.ts';
import { readEvaluationManifest } from '../../core/evaluation/results.ts';
import { UsageError, JobError } from '../errors.ts';
import { inputName, isNamed } from '../input.ts';
import { printJson, print } from '../print.ts';
import { completionsIn, readCompletions, type CompletionWants } from '../completions.ts';
import type { RowJob } from '../../lab/files/row-threads.ts';
import { asOneSet, LOOKED_AT } from '../print-set-reading.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { basename, join, dirname } from 'node:path';
import { readText } from '../../lab/files/regular.ts';
import { decodeRecord } from '../../base/record.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';
import { existsSync } from 'node:fs';

export async function metrics(
  input: string | undefined,
  { by, against, ood, json }: OptionsOf<typeof addMetricsCommand>,
): Promise<void> {
  const file = await readScored(input);
  if (by !== undefined && file.rows.length > 0 && !file.has(by))
    throw new UsageError(`--by: field "${by}" does not exist in ${inputName(input)}.`);
  const other = async (path: string) => {
    const theirs = await readScored(path);
    const refusal = file.refusalToCompare(theirs);
    if (refusal !== null)
      throw new JobError(refusal, { file: path, fix: 'Score both files again with `chirality score`.' });
    return theirs;
  };
  // Tables show the views original, mirror and opposite next to the matrices.
  const figures = file.figures({
    by,
    allViews: json ?? false,
    ...(against !== undefined && { against: await other(against) }),
    ...(ood !== undefined && { ood: await other(ood) }),
  });
  if (against !== undefined && figures.comparison!.length === 0) {
    if (figures.metrics.length === 0)
      throw new JobError('Cannot compare the files, because no row has a reference answer.', {
        ...(input !== undefined && { file: input }),
        fix: 'Score both files with `chirality score FILE --set DATASET` first.',
      });
    throw nothingInCommon(against);
  }
  if (ood !== undefined && figures.shift === null) throw nothingInCommon(ood);
  if (json) printJson(figures);
  else print(fileFiguresText(figures));
}

const nothingInCommon = (file: string): JobError =>
  new JobError('Cannot compare the files, because they share no rows with the same id and view.', { file });

export const metricsJob =
  ({ path, beside }: { path: string; beside: number | null }): RowJob<unknown, CompletionWants> =>
  (chunk, wants) =>
    completionsIn(chunk, { path }, wants, ({ value, row }) => ScoredFile.look(value, row, beside));

/** @param given file of rows, or evaluation folder */
async function readScored(given: string | undefined): Promise<ScoredFile> {
  const inFolder = isNamed(given) ? join(given, 'rows.jsonl') : '';
  const input = existsSync(inFolder) ? inFolder : given;
  const file = new ScoredFile();
  const beside = await rulesBeside(input);
  const first: Record<string, unknown>[] = [];
  const wants = (): CompletionWants => ({ values: first.length < LOOKED_AT, boxes: false });
  const read = readCompletions(input, ({ value, row }) => ScoredFile.look(value, row, beside), {
    threaded: { job: 'metrics', setup: { path: input, beside }, wants },
  });
  for await (const scored of asOneSet(read, new SetReading<unknown>(), { first })) file.take(scored);
  return file;
}

/** Returns the version of the scoring rules if the file contains the rows of an evaluation; else null. */
async function rulesBeside(input: string | undefined): Promise<number | null> {
  if (!isNamed(input) || basename(input) !== 'rows.jsonl') return null;
  const file = join(dirname(input), 'manifest.json');
  return (
    readText(file)
      .then((text) => readEvaluationManifest(decodeRecord(text, { file }), { file }).scoring_rules)
      // If the manifest or its version of the rules is missing, the result is null.
      .catch(unlessUnreadable(null))
  );
}
