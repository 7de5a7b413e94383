import { jsonText } from '../../core/json.ts';
import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { originName, type ImportRecord } from '../../core/run-data/origin.ts';
import { pictureFolder, readForeign } from '../../lab/foreign/known.ts';
import { makeWayBelow } from '../../lab/datasets/data-file.ts';
import { ImageFiles } from '../../lab/datasets/image-files.ts';
import { byQuestion, type SourceEvaluation } from '../../core/metrics/source-evaluation.ts';
import type { ImageRef } from '../../core/sample/sample.ts';
import { evaluationRecords } from '../../lab/evaluation/folders.ts';
import { noKnownRun, originIn, pairsOfStep, type ForeignState } from '../../lab/foreign/foreign-run.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { writeFolder } from '../../lab/files/leftovers.ts';
import { TraceArrays, writeTraces } from '../../lab/runs/trace.ts';
import { JobError, UsageError } from '../errors.ts';
import { choose, tellForeign, withChoices, type ChoiceOptions } from '../foreign.ts';
import { findForeignRun, withSource } from '../runs.ts';
import { addSkeletonCommand } from './import-skeleton.ts';
import { print, printJson, note } from '../print.ts';
import { Progress } from '../progress.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';

interface Options extends ChoiceOptions {
  run?: string;
  output?: string;
  dryRun?: boolean;
  json?: boolean;
}

/** `chirality import`: copies a run of another program into a run folder of ours. */
export function addImportCommand(program: Command): void {
  const command = withChoices(withSource(program.command('import')))
    .argument('<folder>', 'folder that another trainer wrote, or the evaluation of another program')
    .description('Convert a run or an evaluation of another program to a folder of Chirality.')
    .option(
      '-o, --output <folder>',
      'folder to make, for example runs/theirs or evals/theirs; it must not exist',
    )
    .option('--dry-run', 'only say what the folder contains and what is missing')
    .option('--json', 'print where the run comes from and what is missing, as JSON')
    .addHelpText(
      'after',
      `
The folder itself is never changed, and \`chirality trace\`, \`attach\` and \`runs\` also read it in place. What the
other program did not record is null, never made up (docs/other-trainers.md).

Examples:
  chirality import ~/out/grpo --dry-run
  chirality import ~/out/grpo -o runs/theirs --right accuracy_reward --data train.qa.jsonl
  chirality import logs/2026-11-21_worlds.eval -o evals/theirs
  chirality import lmms/Qwen -o evals/pairs --mirror-of worlds=worlds_mirrored`,
    )
    .action(async (folder: string, { run: name, output, dryRun, json, ...choices }: Options) => {
      if (!dryRun && output === undefined)
        throw new UsageError('Name a folder for the copy with -o runs/<name>, or add --dry-run.');
      const source = await findForeignRun(folder, name);
      if (source === null)
        throw new UsageError(
          existsSync(folder) || existsSync(folder.replace(/#[^#]*$/, ''))
            ? noKnownRun(folder)
            : `${folder}: There is no such folder or file.`,
        );
      await choose(source, choices);
      const state = await readForeign(source);
      tellForeign(state);
      if (choices.right === undefined && state.proposed !== null)
        note(`--right ${state.proposed} could say which completions are right: it is always 0 or 1.`);
      if (json) printJson(state.origin);
      if (dryRun || output === undefined) return;
      if (!state.evaluation && state.metrics.size === 0 && state.steps.length === 0)
        throw new UsageError(`${folder} has no recorded steps to import.`, {
          fix: state.problems[0] ?? 'Import it once the run has logged a step; until then, use attach.',
        });
      const dir = resolve(output);
      if (existsSync(dir))
        throw new JobError(`${output} exists already.`, { fix: 'Choose another folder with -o.' });
      await writeFolder(dir, (staging) =>
        state.evaluation
          ? importEvaluation(staging, source, state, state.evaluation)
          : importRun(staging, source, state, choices.data),
      );
      print(dir);
    });
  addSkeletonCommand(command);
}

/** Writes a run in our form. @param data the rows that it was trained on */
async function importRun(
  dir: string,
  source: string,
  state: ForeignState,
  data: string | undefined,
): Promise<void> {
  const { origin, metrics, steps, pictures } = state;
  const lines = [...metrics].map(([step, row]) => JSON.stringify({ step, ...row }));
  await writeFile(join(dir, 'metrics.jsonl'), lines.map((line) => `${line}\n`).join(''));
  const progress = new Progress('steps', steps.length);
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
  await writeFile(join(dir, 'manifest.json'), jsonText(manifest));
  await writeFile(
    join(dir, 'run.yaml'),
    `# Imported from a run of ${originName(origin)}: it can be read, but not resumed.\nrecipe: imported\n`,
  );
}

/** Writes an evaluation in our form; figures that only the other program knows are in `score.by_source`. */
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
  await writeFile(join(dir, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const { results, manifest } = evaluationRecords(evaluation, state);
  const imported = new Date().toISOString();
  await writeFile(join(dir, 'manifest.json'), jsonText({ ...manifest, imported }));
  await writeFile(join(dir, 'results.json'), jsonText(results));
}

/**
 * Copies pictures, with the same paths. A missing one is left out, and the panel says so in its place.
 * @param embedded pictures that are stored inside other files, by name
 */
async function copyPictures(
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
        note(`${ref}: left out, because it leads outside the copy.`);
        continue;
      }
      const read = embedded.get(ref) ?? (() => files.bytes(ref));
      const bytes = await read().catch(unlessUnreadable(null));
      if (!bytes) continue;
      await makeWayBelow(to, target);
      await writeAtomically(target, (file) => file.writeFile(bytes), { follow: false });
    }
  } finally {
    await files.close();
  }
}

const writeFile = (path: string, text: string): Promise<void> =>
  writeAtomically(path, (file) => file.writeFile(text));
