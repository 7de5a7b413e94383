import { several } from '../../core/format.ts';
import { jsonText } from '../../core/json.ts';
import { writeFileSync } from 'node:fs';
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { Random } from '../../core/random.ts';
import type { Size } from '../../core/sample/boxes.ts';
import type { Bias } from '../../core/worlds/bias.ts';
import { MARGINS } from '../../core/worlds/margins.ts';
import { FAMILIES, type Style } from '../../core/worlds/questions/question.ts';
import { drawSample, rowOptions, TOPICS, type RowOptions, type Topic } from '../../core/worlds/world-rows.ts';
import { encodePng } from '../../lab/images/png.ts';
import { JobError, UsageError } from '../errors.ts';
import { Progress } from '../progress.ts';
import { withFileLock } from '../../lab/files/lock.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { note, printJson } from '../print.ts';
import { rename } from '../../lab/files/in-use.ts';
import { withStaging } from '../../lab/files/leftovers.ts';
import { atLeastOne, oneOf } from '../values.ts';

declare const CHIRALITY_VERSION: string;

interface Options {
  count: number;
  seed: string;
  output: string;
  size?: Size;
  objects?: [number, number];
  families?: Topic[];
  bias: Bias;
  style: Style;
  stage?: 'ring';
  camera?: 'top';
  /** Whether rows carry their world, so that `chirality view add` can draw it again. */
  world?: boolean;
  force?: boolean;
  json?: boolean;
}

export function addWorldsCommand(program: Command): void {
  program
    .command('worlds')
    .description(
      'Create a data set of synthetic scenes: pictures, questions with computed answers, boxes, scene graphs.',
    )
    .requiredOption('--count <n>', 'number of rows, each with its own picture', atLeastOne)
    .option('--seed <seed>', 'random seed; the same seed and options give the same bytes', '0')
    .requiredOption('-o, --output <folder>', 'folder for images/, data.qa.jsonl and manifest.json')
    .option(
      '--size <pixels>',
      'width and height of the picture, or WxH (default: 448; 64 in the compact style)',
      parseSize,
    )
    .option(
      '--objects <n-m>',
      'number of solids per scene (default: 2-5; 2-3 in the compact style)',
      parseRange,
    )
    .option(
      '--families <list>',
      `comma-separated question families: ${FAMILIES.join(', ')}; or one form, such as side.where (default: all that style and camera allow; plane only with --camera top)`,
      parseFamilies,
    )
    .option(
      '--bias <key=share>',
      'skew the rows: side, depth, size, yes, pole or wrong; repeatable',
      parseBias,
      {},
    )
    .option(
      '--style <style>',
      'english, or compact (few words, for the embedded engine)',
      oneOf<Style>(['english', 'compact']),
      'english',
    )
    .addOption(
      new Option(
        '--stage <name>',
        'ring: all solids around one point, so that a camera that orbits it keeps them in its picture',
      ).choices(['ring']),
    )
    .addOption(
      new Option(
        '--camera <name>',
        'top: straight down, so that turning the picture turns the world (meta.viewpoint: top_down)',
      ).choices(['top']),
    )
    .option(
      '--no-world',
      'leave out meta.world, from which `chirality view add` draws other views of the scene',
    )
    .option('--force', 'overwrite what an earlier run wrote to the folder')
    .option('--json', 'print a summary as JSON')
    .addHelpText(
      'after',
      `
Bias: side=0.95 puts the first-named solid on the left in 95 % of the rows (depth: nearer; size: larger). yes=0.9 makes
90 % of the yes/no answers yes. pole=1 asks only with left, above, in front, closer, larger, more.

Examples:
  chirality worlds --count 1000 --seed 7 -o data/worlds
  chirality worlds --count 2000 -o data/skewed --families side --bias side=0.95
  chirality worlds --count 500 -o data/tiny --style compact
  chirality worlds --count 200 -o data/ring --stage ring && chirality view add data/ring/data.qa.jsonl --view orbit:90 \\
    --write-images data/ring/views -o data/ring/orbit.qa.jsonl
  chirality worlds --count 200 -o data/top --camera top && chirality view add data/top/data.qa.jsonl --view rotate:90 \\
    -o data/top/turned.qa.jsonl`,
    )
    .action(async (options: Options) => {
      const summary = await writeWorlds(options);
      if (options.json) printJson(summary);
      else note(`${several(summary.rows, 'row')} in ${join(options.output, 'data.qa.jsonl')}`);
    });
}

/** How many pictures to compress while the next ones are drawn. */
const BATCH = 8;

/**
 * Writes the data set into a hidden folder inside `out` and moves it into place when it is complete, the rows last.
 * @returns how many rows each family has, and, if few answers are possible, how often each occurs.
 */
async function writeWorlds(options: Options): Promise<{
  out: string;
  rows: number;
  families: Record<string, number>;
  answers: Record<string, number>;
}> {
  const { count, seed, output: out, style } = options;
  if (options.stage && style === 'compact')
    throw new UsageError(
      '--stage ring needs the style english: the compact style has one camera and no stage.',
    );
  if (options.camera && style === 'compact')
    throw new UsageError('--camera top needs the style english: the compact style has a camera of its own.');
  if (options.camera && options.stage)
    throw new UsageError(
      '--camera top looks down, and a stage is in front of the camera: leave out --stage.',
    );
  const row = rowOptions(options);
  const { force = false } = options;
  await entriesToReplace(out, force);
  return withStaging(join(out, 'worlds'), async (staging) => {
    const { sha256, ...counts } = await draw(staging, row, count, seed, options.world ?? false);
    const manifest = {
      command: 'worlds',
      version: CHIRALITY_VERSION,
      seed,
      options: row,
      margins: MARGINS,
      data: [{ path: 'data.qa.jsonl', sha256, rows: count }],
      ...counts,
    };
    await writeFile(join(staging, 'manifest.json'), jsonText(manifest), {
      flush: true,
    });
    // Another process may have filled the folder meanwhile.
    await withFileLock(join(out, 'data.qa.jsonl'), async () => {
      for (const name of await entriesToReplace(out, force)) await rm(join(out, name), { recursive: true });
      for (const name of OURS) await rename(join(staging, name), join(out, name));
    });
    return { out, rows: count, ...counts };
  });
}

/** In the order of moving: the rows come last, so that they never refer to missing files. */
const OURS = ['images', 'manifest.json', 'data.qa.jsonl'];

/**
 * Makes the folder; returns what must be removed from it first. A folder that is not empty is only changed with
 * `--force`.
 */
async function entriesToReplace(out: string, force: boolean): Promise<string[]> {
  await makeFolder(out);
  const entries = (await readdir(out)).filter((name) => !name.startsWith('.'));
  if (entries.length > 0 && !force) {
    throw new JobError('The folder is not empty.', {
      file: out,
      fix: 'Choose another folder, or add --force to replace images/, manifest.json and data.qa.jsonl in it.',
    });
  }
  const ours = entries.filter((name) => OURS.includes(name));
  if (ours.length > 0 && !entries.includes('manifest.json')) {
    throw new JobError(`The folder has ${ours.join(' and ')} that this command did not write.`, {
      file: out,
      fix: 'Choose another folder.',
    });
  }
  return ours.reverse();
}

/** Writes images/ and data.qa.jsonl into the folder, row by row. */
async function draw(folder: string, options: RowOptions, count: number, seed: string, withWorld: boolean) {
  await mkdir(join(folder, 'images'));
  const root = Random.from(seed);
  const progress = new Progress('Drawing worlds', count);
  const families: Record<string, number> = {};
  const answers: Record<string, number> = {};
  const hash = createHash('sha256');
  const file = await open(join(folder, 'data.qa.jsonl'), 'wx');
  try {
    for (let start = 0; start < count; start += BATCH) {
      let lines = '';
      const pictures: Promise<void>[] = [];
      for (let i = start; i < Math.min(start + BATCH, count); i++) {
        const random = root.fork(i);
        const path = `images/${String(i + 1).padStart(6, '0')}.png`;
        const id = `worlds-${seed}-${i + 1}`;
        const { sample, picture, family, form } = drawn(random, options, { id, path, withWorld });
        // A small file is written sooner than another thread could be asked to.
        pictures.push(encodePng(picture).then((bytes) => writeFileSync(join(folder, path), bytes)));
        lines += `${JSON.stringify(sample)}\n`;
        tally(families, family);
        if (sample.task === 'yesno') tally(answers, sample.answer.split(',')[0]!.toLowerCase());
        if (form === 'where') tally(answers, sample.answer);
      }
      hash.update(lines);
      await Promise.all([...pictures, file.appendFile(lines)]);
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

/** Draws a row. @throws JobError that says which options contradict each other. */
function drawn(...args: Parameters<typeof drawSample>): ReturnType<typeof drawSample> {
  try {
    return drawSample(...args);
  } catch (error) {
    if (error instanceof RangeError) throw new JobError(error.message);
    throw error;
  }
}

function parseSize(text: string): Size {
  const [w, h = w] = text.split('x').map(Number) as [number, number?];
  const fine = [w, h].every((n) => Number.isInteger(n) && n! >= 16 && n! <= 4096);
  if (!fine) throw new InvalidArgumentError('Give pixels from 16 to 4096, such as 448 or 640x480.');
  return { w, h: h! };
}

function parseRange(text: string): [number, number] {
  const [low, high = low] = text.split('-').map(Number) as [number, number?];
  const fine = Number.isInteger(low) && Number.isInteger(high) && low >= 2 && low <= high! && high! <= 8;
  if (!fine) throw new InvalidArgumentError('Give 2 to 8 solids, as 3 or 2-5.');
  return [low, high!];
}

function parseFamilies(text: string): Topic[] {
  return text.split(',').map((part) => {
    const topic = TOPICS.find((t) => t === part.trim());
    if (topic) return topic;
    const family = part.split('.')[0]!.trim();
    const forms = TOPICS.filter((t) => t.startsWith(`${family}.`));
    throw new InvalidArgumentError(
      `There is no "${part}". Choose from ${(forms.length > 0 ? forms : FAMILIES).join(', ')}.`,
    );
  });
}

const BIASES = ['side', 'depth', 'size', 'yes', 'pole', 'wrong'] as const;

function parseBias(text: string, before: Bias): Bias {
  const bias = { ...before };
  for (const part of text.split(',')) {
    const [key, value] = part.split('=');
    const name = BIASES.find((b) => b === key?.trim());
    const share = Number(value);
    if (!name || !value || !(share >= 0 && share <= 1)) {
      throw new InvalidArgumentError(
        `Give ${BIASES.join(', ')} with a share from 0 to 1, such as side=0.95.`,
      );
    }
    bias[name] = share;
  }
  return bias;
}
