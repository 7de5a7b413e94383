import type { OptionsOf } from '../command-options.ts';
import type { addWorldsCommand } from './worlds.command.ts';
import { writeFileSync } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { several } from '../../base/format.ts';
import { jsonText } from '../../base/json.ts';
import { Random } from '../../base/random.ts';
import { drawerOfClips, drawerOfScenes, type Drawer } from '../../core/worlds/drawers.ts';
import { encodePng } from '../../lab/images/png.ts';
import { withFileLock } from '../../lab/files/file-lock.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { rename } from '../../lab/files/in-use.ts';
import { withStaging } from '../../lab/files/leftovers.ts';
import { JobError, UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import { note, printJson } from '../print.ts';

declare const CHIRALITY_VERSION: string;

export type WorldsOptions = OptionsOf<typeof addWorldsCommand>;

export async function worlds(options: WorldsOptions): Promise<void> {
  const summary = await writeWorlds(options);
  if (options.json) printJson(summary);
  else note(`Wrote ${several(summary.rows, 'row')} to ${join(options.output, 'data.qa.jsonl')}`);
}

/** Checks the combination of options, and returns the object that draws the rows. */
function drawerFor(asked: WorldsOptions): Drawer {
  if (asked.motion) {
    for (const name of ['layout', 'camera'] as const)
      if (asked[name])
        throw new UsageError(
          `--motion cannot be combined with --${name} ${asked[name]}. Remove one of them.`,
        );
    return drawerOfClips(asked);
  }
  const { style, frames, fps, accelerate } = asked;
  for (const [name, given] of Object.entries({ frames, fps, accelerate }))
    if (given !== undefined) throw new UsageError(`--${name} requires clips. Add --motion.`);
  if (asked.layout && style === 'compact') throw new UsageError('--layout ring requires --style english.');
  if (asked.camera && style === 'compact') throw new UsageError('--camera top requires --style english.');
  if (asked.camera && asked.layout)
    throw new UsageError('--camera top cannot be combined with --layout ring. Remove one of them.');
  return drawerOfScenes(asked);
}

/** Number of rows whose images are compressed while the next rows are being drawn. */
const BATCH = 8;

/**
 * Writes the dataset into a hidden folder inside `out`, and moves the complete dataset into place, the rows last.
 * @returns the number of rows per family, and counts of answers if few answers are possible
 */
async function writeWorlds(options: WorldsOptions): Promise<{
  out: string;
  rows: number;
  families: Record<string, number>;
  answers: Record<string, number>;
}> {
  const { count, seed, output: out } = options;
  const drawer = orRefused(() => drawerFor(options), UsageError);
  const { force = false } = options;
  await entriesToReplace(out, force);
  return withStaging(join(out, 'worlds'), async (staging) => {
    const { sha256, ...counts } = await draw(staging, drawer, count, seed);
    const manifest = {
      command: 'worlds',
      version: CHIRALITY_VERSION,
      seed,
      options: drawer.options,
      margins: drawer.margins,
      data: [{ path: 'data.qa.jsonl', sha256, rows: count }],
      ...counts,
    };
    await writeFile(join(staging, 'manifest.json'), jsonText(manifest), { flush: true });
    // Another process could have filled the folder in the meantime.
    await withFileLock(join(out, 'data.qa.jsonl'), async () => {
      for (const name of await entriesToReplace(out, force)) await rm(join(out, name), { recursive: true });
      for (const name of OURS) await rename(join(staging, name), join(out, name));
    });
    return { out, rows: count, ...counts };
  });
}

/** Entries of a dataset in the order of moving: rows last, so that they never refer to missing files. */
const OURS = ['images', 'manifest.json', 'data.qa.jsonl'];

/** Creates the output folder, and returns the entries to remove first. A non-empty folder requires `--force`. */
async function entriesToReplace(out: string, force: boolean): Promise<string[]> {
  await makeFolder(out);
  const entries = (await readdir(out)).filter((name) => !name.startsWith('.'));
  if (entries.length > 0 && !force) {
    throw new JobError('The folder is not empty.', {
      file: out,
      fix: 'Choose another folder, or replace images/, manifest.json and data.qa.jsonl with --force.',
    });
  }
  const ours = entries.filter((name) => OURS.includes(name));
  if (ours.length > 0 && !entries.includes('manifest.json')) {
    throw new JobError(`The folder contains ${ours.join(' and ')} that this command did not create.`, {
      file: out,
      fix: 'Choose another folder.',
    });
  }
  return ours.reverse();
}

/** Draws rows, and writes images/ and data.qa.jsonl into the folder, row by row. */
async function draw(folder: string, drawer: Drawer, count: number, seed: string) {
  await mkdir(join(folder, 'images'));
  const root = Random.from(seed);
  const progress = new Progress('scene', count);
  const families: Record<string, number> = {};
  const answers: Record<string, number> = {};
  const hash = createHash('sha256');
  const file = await open(join(folder, 'data.qa.jsonl'), 'wx');
  try {
    for (let start = 0; start < count; start += BATCH) {
      let lines = '';
      const written: Promise<void>[] = [];
      for (let i = start; i < Math.min(start + BATCH, count); i++) {
        const { sample, pictures, family, form } = orRefused(() => drawer.draw(root.fork(i), i), JobError);
        // Writing a small file takes less time than a request to a worker thread.
        for (const { path, picture } of pictures)
          written.push(encodePng(picture).then((bytes) => writeFileSync(join(folder, path), bytes)));
        lines += `${JSON.stringify(sample)}\n`;
        tally(families, family);
        if (sample.task === 'yesno') tally(answers, sample.answer.split(',')[0]!.toLowerCase());
        if (form.startsWith('where')) tally(answers, sample.answer);
      }
      hash.update(lines);
      await Promise.all([...written, file.appendFile(lines)]);
      progress.update(start + BATCH);
    }
    await file.sync();
  } finally {
    await file.close();
    progress.end();
  }
  return { sha256: hash.digest('hex'), families, answers };
}

const tally = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/** Calls a function. @throws an error of the given class, with the same message, instead of a RangeError */
function orRefused<T>(call: () => T, Refusal: typeof JobError | typeof UsageError): T {
  try {
    return call();
  } catch (error) {
    if (error instanceof RangeError) throw new Refusal(error.message);
    throw error;
  }
}
