import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Size } from '../../rows/sample/boxes.ts';
import { FAMILIES, type Style } from '../../core/worlds/questions/question.ts';
import { MOTION_FAMILIES } from '../../core/worlds/motion/questions/motion-question.ts';
import { atLeastOne, oneOf } from '../values.ts';
import type { WorldsOptions } from './worlds.action.ts';

export function addWorldsCommand(program: Command): void {
  program
    .command('worlds')
    .description(
      'Create a dataset of synthetic scenes: images, questions with computed answers, boxes, scene graphs.',
    )
    .requiredOption('--count <n>', 'number of rows, each with its own image', atLeastOne)
    .option('--seed <seed>', 'random seed; the same seed and options give the same bytes', '0')
    .requiredOption('-o, --output <folder>', 'folder for images/, data.qa.jsonl and manifest.json')
    .option(
      '--size <pixels>',
      'width and height of the image, or WxH (default: 448; 64 in the compact style; with --motion 224 and 48)',
      parseSize,
    )
    .option(
      '--objects <n-m>',
      'number of objects per scene (default: 2-5; 2-3 in the compact style; with --motion 2-4 and 2)',
      parseRange,
    )
    .option(
      '--families <list>',
      `comma-separated question families: ${FAMILIES.join(', ')}; or one form, such as side.where (default: all that style and camera allow; plane only with --camera top). With --motion: ${MOTION_FAMILIES.join(', ')}`,
      (text: string) => text.split(',').map((part) => part.trim()),
    )
    .option(
      '--bias <key=share>',
      'skew the rows: side, depth, size, yes, pole or wrong; with --motion a family, yes, pole or wrong; repeatable',
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
        '--layout <name>',
        'ring: all objects around one point, so that a camera that orbits it keeps them in its image',
      ).choices(['ring']),
    )
    .addOption(
      new Option(
        '--camera <name>',
        'top: straight down, so that turning the image turns the world (meta.viewpoint: top_down)',
      ).choices(['top']),
    )
    .option('--motion', 'clips in which objects, or the camera, move: each row has its frames in order')
    .addOption(
      new Option(
        '--frames <k>',
        'with --motion: frames of a clip, 4 to 64 (default: 8; 4 in the compact style)',
      ).argParser((text) => numberWithin(text, 4, 64, Number.isInteger)),
    )
    .addOption(
      new Option('--fps <n>', 'with --motion: frames a second (default: 4)').argParser((text) =>
        numberWithin(text, 0.1, 240),
      ),
    )
    .option('--accelerate', 'with --motion: objects and camera change their speed')
    .option(
      '--no-world',
      'leave out meta.world, from which `chirality view add` draws other views of the scene',
    )
    .option('--force', 'overwrite what an earlier run wrote to the folder')
    .option('--json', 'print a summary as JSON')
    .addHelpText(
      'after',
      `
Bias: side=0.95 puts the first-named object on the left in 95% of the rows (depth: nearer; size: larger). yes=0.9 makes
90% of the yes/no answers yes. pole=1 asks only with left, above, in front, closer, larger, more. With --motion,
moves=0.95 makes 95% of what questions of this family are about move to the left or towards the camera; every family
has such a bias, towards the first of its two opposites or the object named first.

Examples:
  chirality worlds --count 1000 --seed 7 -o data/worlds
  chirality worlds --count 2000 -o data/skewed --families side --bias side=0.95
  chirality worlds --count 500 -o data/tiny --style compact
  chirality worlds --count 200 -o data/ring --layout ring && chirality view add data/ring/data.qa.jsonl --view orbit:90 \\
    --write-images data/ring/views -o data/ring/orbit.qa.jsonl
  chirality worlds --count 200 -o data/top --camera top && chirality view add data/top/data.qa.jsonl --view rotate:90 \\
    -o data/top/turned.qa.jsonl
  chirality worlds --count 500 --motion -o data/clips && chirality view add data/clips/data.qa.jsonl --view reverse \\
    -o data/clips/reversed.qa.jsonl`,
    )
    .action(async (options: WorldsOptions) => (await import('./worlds.action.ts')).worlds(options));
}

function parseSize(text: string): Size {
  const [w, h = w] = text.split('x').map(Number) as [number, number?];
  const fine = [w, h].every((n) => Number.isInteger(n) && n! >= 16 && n! <= 4096);
  if (!fine) throw new InvalidArgumentError('Give pixels from 16 to 4096, such as 448 or 640x480.');
  return { w, h: h! };
}

function parseRange(text: string): [number, number] {
  const [low, high = low] = text.split('-').map(Number) as [number, number?];
  const fine = Number.isInteger(low) && Number.isInteger(high) && low >= 1 && low <= high! && high! <= 8;
  if (!fine) throw new InvalidArgumentError('Give 1 to 8 objects, as 3 or 2-5.');
  return [low, high!];
}

/** Reads `side=0.95`, or several with commas; which names there are depends on `--motion`. */
function parseBias(text: string, before: Record<string, number>): Record<string, number> {
  const bias = { ...before };
  for (const part of text.split(',')) {
    const [key, value] = part.split('=');
    const share = Number(value);
    if (!key?.trim() || !value?.trim() || !(share >= 0 && share <= 1))
      throw new InvalidArgumentError('Give a name with a share from 0 to 1, such as side=0.95.');
    bias[key.trim()] = share;
  }
  return bias;
}

function numberWithin(text: string, low: number, high: number, test = Number.isFinite): number {
  const value = Number(text);
  if (text.trim() === '' || !test(value) || value < low || value > high)
    throw new InvalidArgumentError(
      `Give a ${test === Number.isInteger ? 'whole ' : ''}number from ${low} to ${high}.`,
    );
  return value;
}
