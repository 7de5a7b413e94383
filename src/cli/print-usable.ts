import { faultText, lacksImages, placesText, usableText, type UsableRows } from '../base/row-faults.ts';
import { printable } from '../base/printable.ts';
import { basename, dirname } from 'node:path';
import type { RowFile } from '../lab/datasets/row-file.ts';
import { usableRows } from '../lab/datasets/usable-rows.ts';
import { JobError, UsageError } from './errors.ts';
import { pathHere, tell } from './print.ts';
import { Progress } from './progress.ts';

/**
 * Returns a summary of a file's rows, such as "cups.csv: 9 of 13 rows usable: 1 picture missing · …", then the faults
 * with their rows and fixes. @param mend command that repairs the rows
 */
export function usableLines(file: string, usable: UsableRows, mend?: string): string {
  const kinds = usable.faults.map((fault) => {
    const { message, fix } = fault.rows[0]!;
    const places = fault.count === usable.rows ? '' : ` (${placesText(fault)})`;
    const why = `${faultText(fault)}${places}${fault.count === 1 ? '' : ', for example'}: ${printable(message, 200)}`;
    return fix ? `${why}\n    ${fix}` : why;
  });
  const summary = `${file}: ${usableText(usable)}`;
  const last = mend === undefined || kinds.length === 0 ? [] : [mend];
  // The text of a single fault replaces its count in the summary.
  if (kinds.length === 1) return [summary.replace(/: [^:]*$/, `: ${kinds[0]!}`), ...last].join('\n  ');
  return [`${summary}.`, ...kinds, ...last].join('\n  ');
}

/**
 * Returns the commands that correct the rows of a file, for the end of a summary; undefined if there is none.
 * @param rest what happens to the other rows; default: the command that excludes them, if rows are left
 */
export function mendHint(file: string, usable: UsableRows, rest?: string): string | undefined {
  const check = `chirality data check ${file} --images`;
  const stem = file.replace(/(?:\.qa)?\.\w+$/, '');
  const hints = [
    lacksImages(usable) &&
      `If the images moved, locate them: ${check} --image-folder FOLDER -o ${stem}.qa.jsonl`,
    rest ?? (usable.usable > 0 && `Correct the rows, or exclude them: ${check} -o ${stem}.usable.qa.jsonl`),
  ];
  return hints.filter(Boolean).join('\n  ') || undefined;
}

export const IMAGES_ELSEWHERE = 'If the images are in another folder, pass it with --image-folder.';

/** Rejects a table where rows in JSON lines are required. @throws UsageError with the command that converts it */
export function requireRows(path: string, tables = /\.(?:csv|tsv|xlsx|parquet)$/i): void {
  if (!tables.test(path)) return;
  const fix = `Convert it: \`chirality convert ${path} -o ${basename(path).replace(tables, '')}.qa.jsonl\`.`;
  throw new UsageError(`${path} is not a *.qa.jsonl file.`, { fix });
}

/**
 * Returns the reasons why rows of a set are unusable; null if all are usable.
 * @param root folder that contains all images
 * @param limit maximum number of rows to examine
 * @param mend fix, printed as the last line
 * @param sound receives the readable image files (`PictureLooks`)
 * @param during aborts an examination during other work, whose progress is shown instead
 */
export async function whyUnusable(
  file: string | RowFile,
  root: string,
  {
    limit,
    mend,
    sound,
    during,
  }: {
    limit?: number | undefined;
    mend?: string;
    sound?: Set<string>;
    during?: AbortSignal | undefined;
  } = {},
): Promise<string | null> {
  const path = typeof file === 'string' ? file : file.path;
  const name = pathHere(path);
  const progress = new Progress(`Checking ${name}:`, 'percent');
  const usable = await usableRows(
    file,
    { folder: dirname(path), root, sound },
    {
      limit,
      signal: during ?? new AbortController().signal,
      onProgress: (share) => (during ? undefined : progress.update(Math.round(100 * share))),
    },
  );
  progress.end();
  if (usable.deep !== undefined)
    tell(
      `Images in ${pathHere(usable.deep)} have 16 bits. Models receive the upper 8 bits. To store the values of black and white, run \`chirality data check ${name} --depth 0..5000\` with your range, or \`--depth upper\` to keep the upper 8 bits.`,
    );
  return usable.faults.length === 0 ? null : usableLines(name, usable, mendHint(name, usable, mend));
}

/**
 * Examines every row and image of evaluation sets before work that would fail at the first bad row.
 * @throws JobError with all bad rows of all sets
 */
export async function requireUsable(sets: readonly { path: string; root: string }[]): Promise<void> {
  for (const { path } of sets) requireRows(pathHere(path));
  const bad: string[] = [];
  for (const { path, root } of sets)
    bad.push(...([await whyUnusable(path, root)].filter(Boolean) as string[]));
  if (bad.length > 0) throw new JobError(bad.join('\n'));
}
