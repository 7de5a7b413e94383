import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Size } from '../../rows/sample/boxes.ts';
import { FAMILIES, type Style } from '../../core/worlds/questions/question.ts';
import { MOTION_FAMILIES } from '../../core/worlds/motion/questions/motion-question.ts';
import { later } from '../command-options.ts';
import { atLeastOne, oneOf } from '../values.ts';

export function addWorldsCommand(program: Command) {
  const command = program
    .command('worlds')
    .description(
      'Create a dataset of synthetic scenes with images, questions, computed answers, boxes and scene graphs.',
    )
    .requiredOption('--count <n>', 'number of rows, each with its own image', atLeastOne)
    .option('--seed <seed>', 'random seed; the same seed and options give identical files', '0')
    .requiredOption('-o, --output <folder>', 'folder for images/, data.qa.jsonl and manifest.json')
    .option(
      '--size <pixels>',
      'width and height in pixels, or WxH (default: 448, with --motion 224; in the compact style 64, with --motion 48)',
      parseSize,
    )
    .option(
      '--objects <n-m>',
      'number of objects per scene (default: 2-5, with --motion 2-4; in the compact style 2-3, with --motion 2)',
      parseRange,
    )
    .option(
      '--families <list>',
      `question families or forms (such as side.where), comma-separated: ${FAMILIES.join(', ')}; with --motion: ${MOTION_FAMILIES.join(', ')} (default: all for the style and camera; plane requires --camera top)`,
      (text: string) => text.split(',').map((part) => part.trim()),
    )
    .option(
      '--bias <key=share>',
      'share of a biased answer: side, depth, size, yes, pole or wrong (with --motion: a family, yes, pole or wrong); repeatable',
      parseBias,
      {},
    )
    .option(
      '--style <style>',
      'question style: english, or compact (few words, for the embedded engine)',
      oneOf<Style>(['english', 'compact']),
      'english',
    )
    .addOption(
      new Option(
        '--layout <name>',
        'arrangement of objects: ring (around one point, so that orbit views keep all objects visible)',
      ).choices(['ring']),
    )
    .addOption(
      new Option(
        '--camera <name>',
        'camera position: top (straight down, sets meta.viewpoint to top_down)',
      ).choices(['top']),
    )
    .option(
      '--motion',
      'create clips in which objects or the camera move, with the frames in order in each row',
    )
    .addOption(
      new Option(
        '--frames <k>',
        'frames per clip with --motion, from 4 to 64 (default: 8; 4 in the compact style)',
      ).argParser((text) => numberWithin(text, 4, 64, Number.isInteger)),
    )
    .addOption(
      new Option('--fps <n>', 'frames per second with --motion (default: 4)').argParser((text) =>
        numberWithin(text, 0.1, 240),
      ),
    )
    .option('--accelerate', 'with --motion, vary the speed of objects and camera')
    .option('--no-world', 'omit meta.world, which `chirality view add` requires for scene views')
    .option('--force', 'overwrite files that this command created earlier')
    .option('--json', 'print a summary as JSON')
    .addHelpText(
      'after',
      `
Bias: side=0.95 puts the object named first on the left in 95% of the rows (depth: nearer; size: larger). yes=0.9 makes
90% of the yes/no answers yes. pole=1 uses only left, above, in front, closer, larger and more in questions. With
--motion, every family has a bias towards its first answer: moves=0.95 makes 95% of the objects move to the left or
towards the camera.

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
    );
  command.action(later(async () => (await import('./worlds.action.ts')).worlds));
  return command;
}

function parseSize(text: string): Size {
  const [w, h = w] = text.split('x').map(Number) as [number, number?];
  const fine = [w, h].every((n) => Number.isInteger(n) && n! >= 16 && n! <= 4096);
  if (!fine)
    throw new InvalidArgumentError('The size must be from 16 to 4096 pixels, for example 448 or 640x480.');
  return { w, h: h! };
}

function parseRange(text: string): [number, number] {
  const [low, high = low] = text.split('-').map(Number) as [number, number?];
  const fine = Number.isInteger(low) && Number.isInteger(high) && low >= 1 && low <= high! && high! <= 8;
  if (!fine)
    throw new InvalidArgumentError('The number of objects must be from 1 to 8, for example 3 or 2-5.');
  return [low, high!];
}

/** Parses `side=0.95`, or several such values with commas. The valid names depend on `--motion`. */
function parseBias(text: string, before: Record<string, number>): Record<string, number> {
  const bias = { ...before };
  for (const part of text.split(',')) {
    const [key, value] = part.split('=');
    const share = Number(value);
    if (!key?.trim() || !value?.trim() || !(share >= 0 && share <= 1))
      throw new InvalidArgumentError(
        'The bias must be a name with a share from 0 to 1, for example side=0.95.',
      );
    bias[key.trim()] = share;
  }
  return bias;
}

function numberWithin(text: string, low: number, high: number, test = Number.isFinite): number {
  const value = Number(text);
  if (text.trim() === '' || !test(value) || value < low || value > high)
    throw new InvalidArgumentError(
      `The value must be a ${test === Number.isInteger ? 'whole ' : ''}number from ${low} to ${high}.`,
    );
  return value;
}
