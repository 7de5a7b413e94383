import type { OptionsOf } from '../command-options.ts';
import type { addImportCommand } from './import.command.ts';
import { UsageError, JobError } from '../errors.ts';
import { findForeignRun } from '../find-runs.ts';
import { existsSync, statSync } from 'node:fs';
import { choose, tellForeign } from '../foreign.ts';
import { readForeign, pictureFolder } from '../../lab/foreign/known.ts';
import { note, printJson, print } from '../print.ts';
import { resolve, join, relative, sep, dirname } from 'node:path';
import { writeFolder } from '../../lab/files/leftovers.ts';
import { noKnownRun, type ForeignState, pairsOfStep, originIn } from '../../lab/foreign/foreign-run.ts';
import { type SourceEvaluation, byQuestion } from '../../core/evaluation/source-evaluation.ts';
import { evaluationRecords } from '../../lab/evaluation/evaluation-folders.ts';
import { jsonText, linesText } from '../../base/json.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { ImageFiles } from '../../lab/datasets/image-files.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';
import { makeWayBelow } from '../../lab/datasets/data-file.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { Progress } from '../progress.ts';
import { TraceArrays, writeTraces } from '../../lab/runs/trace-files.ts';
import { type ImportRecord, originName } from '../../core/run-data/origin.ts';

/** Writes an external evaluation in Chirality's format. The metrics of the other program are in `score.by_source`. */
async function importEvaluation(
  dir: string,
  source: string,
  state: ForeignState,
  evaluation: SourceEvaluation,
): Promise<void> {
  const rows = byQuestion(evaluation.rows);
  await copyPictures(
    pictureFolder(source),
    dir,
    rows.flatMap(({ images }) => images),
    state.pictures,
  );
  await writeAtomically(join(dir, 'rows.jsonl'), linesText(rows));
  const { results, manifest } = evaluationRecords(evaluation, state);
  const imported = new Date().toISOString();
  await writeAtomically(join(dir, 'manifest.json'), jsonText({ ...manifest, imported }));
  await writeAtomically(join(dir, 'results.json'), jsonText(results));
}

/**
 * Copies images to the same relative paths. Skips missing images; the panel shows a message for them.
 * @param embedded images inside other files, by name
 */
export async function copyPictures(
  from: string,
  to: string,
  images: readonly ImageRef[],
  embedded: ForeignState['pictures'] = new Map(),
): Promise<void> {
  const files = new ImageFiles(from, from);
  try {
    for (const ref of new Set(images.map((image) => (typeof image === 'string' ? image : image.path)))) {
      if (ref === undefined) continue;
      const target = join(to, ref);
      if (relative(to, target).split(sep)[0] === '..') {
        note(`Excluded ${ref}, because its path leads outside the copied folder.`);
        continue;
      }
      const read = embedded.get(ref) ?? (() => files.bytes(ref));
      const bytes = await read().catch(unlessUnreadable(null));
      if (!bytes) continue;
      await makeWayBelow(to, target);
      await writeAtomically(target, bytes, { follow: false });
    }
  } finally {
    await files.close();
  }
}

export async function importFolder(
  folder: string,
  { run: name, output, dryRun, json, ...choices }: OptionsOf<typeof addImportCommand>,
): Promise<void> {
  if (!dryRun && output === undefined)
    throw new UsageError('No output folder is set. Pass -o runs/<name>, or add --dry-run.');
  const source = await findForeignRun(folder, name);
  if (source === null) throw noRun(folder);
  await choose(source, choices);
  const state = await readForeign(source);
  tellForeign(state);
  if (choices.right === undefined && state.proposed !== null)
    note(
      `To mark correct completions, you can pass --right ${state.proposed}: this reward is always 0 or 1.`,
    );
  if (json) printJson(state.origin);
  if (dryRun || output === undefined) return;
  if (!state.evaluation && state.metrics.size === 0 && state.steps.length === 0)
    throw new UsageError(`${folder} has no recorded steps to import.`, {
      fix: state.problems[0] ?? 'Import the run after it has logged a step, or watch it with attach.',
    });
  const dir = resolve(output);
  if (existsSync(dir))
    throw new JobError(`${output} already exists.`, { fix: 'Choose another folder with -o.' });
  await writeFolder(dir, (staging) =>
    state.evaluation
      ? importEvaluation(staging, source, state, state.evaluation)
      : importRun(staging, source, state, choices.data),
  );
  print(dir);
}

function noRun(path: string): UsageError {
  const stats =
    statSync(path, { throwIfNoEntry: false }) ??
    statSync(path.replace(/#[^#]*$/, ''), { throwIfNoEntry: false });
  if (!stats) return new UsageError(`${path} does not exist.`);
  if (stats.isDirectory()) return new UsageError(noKnownRun(path));
  return new UsageError(`${path} is not a file of a run that Chirality can read.`, {
    fix: 'Pass the run folder (docs/other-trainers.md).',
  });
}

/** Writes an external run in Chirality's format. @param data the training rows */
async function importRun(
  dir: string,
  source: string,
  state: ForeignState,
  data: string | undefined,
): Promise<void> {
  const { origin, metrics, steps, pictures } = state;
  const rows = [...metrics].map(([step, row]) => ({ step, ...row }));
  await writeAtomically(join(dir, 'metrics.jsonl'), linesText(rows));
  const progress = new Progress('step', steps.length);
  for (const [i, step] of steps.entries()) {
    const arrays = new TraceArrays();
    const pairs = await pairsOfStep(state, step, arrays);
    const images = pairs.flatMap(({ views }) => views.flatMap((view) => view.images));
    await copyPictures(pictureFolder(source), dir, images, pictures);
    if (data !== undefined) await copyPictures(dirname(resolve(data)), dir, images);
    await writeTraces(dir, step, pairs, arrays);
    progress.update(i + 1);
  }
  progress.end();
  const manifest: ImportRecord = { ...originIn(state), imported: new Date().toISOString() };
  await writeAtomically(join(dir, 'manifest.json'), jsonText(manifest));
  await writeAtomically(
    join(dir, 'run.yaml'),
    `# Imported from a run of ${originName(origin)}: it can be read, but not resumed.\nrecipe: imported\n`,
  );
}
