import { later, withEndpoint, withRuns } from '../command-options.ts';
import { Option, type Command, InvalidArgumentError } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { ACUITY_FORMS } from '../../core/worlds/acuity/axes.ts';
import { MAP_AXES, SCENE_AXES, type SceneAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality acuity`: threshold, habits and lapses of a model, on scenes with one controlled difference. */
export function addAcuityCommand(program: Command): void {
  const command = withRuns(program.command('acuity'))
    .argument('[models...]', 'runs, or folders of models')
    .description(
      'Measure how finely a model sees: the smallest difference it can tell, its habits and its lapses.',
    )
    .option('--axis <list>', `what differs: ${SCENE_AXES.join(', ')}; several joined by commas`, axes)
    .option(
      '--map <list>',
      `draw maps of where in the image answers are right, about ${MAP_AXES.join(', ')}`,
      axes,
    )
    .addOption(
      new Option('--form <name>', 'how to ask (default: yesno; choice in the compact style)').choices(
        ACUITY_FORMS,
      ),
    )
    .option(
      '--blocks <n>',
      'scenes per level, each asked in up to eight ways, of a clip in sixteen (default: 12; 2 per cell of a map)',
      blocks,
    )
    .option('--quick', 'three scenes per level, each asked in half of the ways: an eighth of the questions')
    .option(
      '--levels <list>',
      'sizes of the difference in percent, as 0,1,2,4; degrees, metres or frames (default: those of the axis)',
      levels,
    )
    .option(
      '--adaptive <n>',
      'let the answers place each next scene, and ask at most this many questions',
      atLeastOne,
    )
    .option(
      '--precision <share>',
      'with --adaptive: stop when the threshold is known to ± this share of it (95% interval)',
      share,
      0.3,
    )
    .addOption(
      new Option(
        '--asymptotes <kind>',
        'equal: one rate of lapses for both ends of the curve; free: a rate for each',
      )
        .choices(['equal', 'free'])
        .default('equal'),
    )
    .option('--limit <n>', 'ask more questions than this only after confirmation', atLeastOne, 5000)
    .option('--seed <n>', 'random seed; the same seed and options give the same bytes', wholeNumber, 1)
    .addOption(
      new Option(
        '--style <name>',
        'language of the questions (default: compact for embedded models)',
      ).choices(['english', 'compact']),
    )
    .option(
      '--size <pixels>',
      'width and height of the images (default: 448, of clips 224; 64 in the compact style, of clips 48)',
      side,
    )
    .option(
      '--step <n|last|best|all>',
      'checkpoint of the runs; all of them show acuity through training',
      'last',
    )
    .option('--endpoint <address>', 'the model is at this chat-completions endpoint')
    .option('--model <name>', 'model name at the endpoint')
    .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
    .option('--strategy <name>', 'how to ask (default: a run as it was trained, other models directly)')
    .option('--max-tokens <n>', 'token limit for every stage (default: the strategy’s, or 1024)', wholeNumber)
    .option('--rows-only', 'write the rows and images without asking a model')
    .option('--answers <file>', 'measure these answers instead of asking: a table with id and answer')
    .option('-o, --output <folder>', 'folder for rows, answers and results', 'acuity')
    .option('--json', 'print the results as JSON; with --rows-only, where the rows are');
  withEndpoint(command)
    .addHelpText(
      'after',
      `
Each scene is asked about in up to eight ways: original and mirrored, either object named first, with either word. The
model sees the same scene in all of them, which tells its habits from what it sees. threshold: half the distance between
the 25% and 75% points of its curve, at fixed habits. shift: by how much a habit makes things look different from what
they are; or it replaces a share of the answers. lapses: how often the model is wrong about obvious differences.
motion, speed and order show clips, which are also asked about in reverse. turn asks where things would be if the
camera moved around, metres how far away an object is: neither has a curve.

Examples:
  chirality acuity given spatial --runs chirality-demo/runs --axis side,nearer
  chirality acuity spatial --runs chirality-demo/runs --axis side --step all
  chirality acuity spatial given --runs chirality-demo/runs --map side
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --quick
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --adaptive 200
  chirality acuity --axis side --rows-only
  chirality acuity --axis side --answers mine.jsonl

After an interruption, the same command continues where it stopped and asks nothing twice (docs/psychophysics.md).`,
    )
    .action(later(async () => (await import('./acuity.action.ts')).run));
}

/** Reads the side of the images; as those of `chirality worlds`. */
export function side(text: string): number {
  const pixels = Number(text);
  if (!(Number.isInteger(pixels) && pixels >= 16 && pixels <= 4096))
    throw new InvalidArgumentError('Give pixels from 16 to 4096.');
  return pixels;
}

/** Reads the scenes of each level; more would say nothing more, and take days. */
export function blocks(text: string): number {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
  return count;
}

/** Reads axes joined by commas. */
export function axes(text: string): SceneAxis[] {
  const list = text.split(',').map((part) => {
    const axis = SCENE_AXES.find((known) => known === part.trim());
    if (axis) return axis;
    throw new InvalidArgumentError(
      `There is no axis "${part.trim()}". Choose from ${SCENE_AXES.join(', ')}.`,
    );
  });
  return [...new Set(list)];
}

/** Reads levels joined by commas: sizes of differences, angles or distances. */
export function levels(text: string): number[] {
  const list = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (list.some((number) => !(number >= 0 && number <= 400)))
    throw new InvalidArgumentError(
      'Give numbers from 0 to 400 without signs, such as 0,1,2,4,8,16: every difference is shown in both directions.',
    );
  return list;
}

/** Reads a share above 0 and below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a share between 0 and 1, such as 0.3.');
}
