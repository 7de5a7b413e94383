import { later, MODEL_STRATEGY, STAGE_TOKENS, withEndpoint, withRuns } from '../command-options.ts';
import { Option, type Command, InvalidArgumentError } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { ACUITY_FORMS } from '../../core/worlds/acuity/axes.ts';
import { MAP_AXES, SCENE_AXES, type SceneAxis } from '../../core/worlds/acuity/acuity-axes.ts';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality acuity`: threshold, response bias and lapse rate of a model, on scenes with one controlled difference. */
export function addAcuityCommand(program: Command) {
  const plain = withRuns(program.command('acuity'))
    .argument('[models...]', 'runs or model folders')
    .description(
      'Measure the discrimination threshold of a model: the smallest difference it can detect. Also measure its response bias and lapse rate.',
    )
    .option('--axis <list>', `differences to measure, comma-separated: ${SCENE_AXES.join(', ')}`, axes)
    .option('--map <list>', `map accuracy over the image for ${MAP_AXES.join(', ')}`, axes)
    .addOption(
      new Option('--form <name>', 'question form (default: yesno; choice in the compact style)').choices(
        ACUITY_FORMS,
      ),
    )
    .option(
      '--blocks <n>',
      'scenes per level, with up to 8 questions each, or 16 for a clip (default: 12; for maps, 2 per cell)',
      blocks,
    )
    .option('--quick', 'use three scenes per level and half of their questions, an eighth of the total')
    .option(
      '--levels <list>',
      'differences in percent, degrees, metres or frames, for example 0,1,2,4 (default: the levels of the axis)',
      levels,
    )
    .option(
      '--adaptive <n>',
      'maximum number of questions, with each scene chosen by the answers so far',
      atLeastOne,
    )
    .option(
      '--precision <share>',
      'with --adaptive, stop when the 95% interval is within ± this share of the threshold',
      share,
      0.3,
    )
    .addOption(
      new Option(
        '--asymptotes <kind>',
        'lapse rates of the curve: equal (one for both ends) or free (one for each end)',
      )
        .choices(['equal', 'free'])
        .default('equal'),
    )
    .option('--limit <n>', 'number of questions above which confirmation is required', atLeastOne, 5000)
    .option('--seed <n>', 'random seed; the same seed and options give identical files', wholeNumber, 1)
    .addOption(
      new Option(
        '--style <name>',
        'language of the questions (default: compact for embedded models)',
      ).choices(['english', 'compact']),
    )
    .option(
      '--size <pixels>',
      'width and height of the images in pixels (default: 448, clips 224; in the compact style 64, clips 48)',
      side,
    )
    .option('--step <n|last|best|all>', 'checkpoint of the runs; all measures every checkpoint', 'last')
    .option('--endpoint <address>', 'chat-completions endpoint of the model')
    .option('--model <name>', 'model name at the endpoint')
    .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
    .option(...MODEL_STRATEGY)
    .option(...STAGE_TOKENS)
    .option('--rows-only', 'write the rows and images without evaluating a model')
    .option('--answers <file>', 'table of answers to measure instead of a model, with columns id and answer')
    .option('-o, --output <folder>', 'output folder for rows, answers and results', 'acuity')
    .option('--json', 'print the results as JSON; with --rows-only, the paths of the rows');
  const command = withEndpoint(plain).addHelpText(
    'after',
    `
Each scene has up to eight questions: original and mirrored, either object named first, with either word. Their answers
separate response bias from perception. Results:
  threshold   half the distance between the 25% and 75% points of the curve, at fixed response bias
  shift       PSE shift: the bias in units of the difference
  lapses      lapse rate: the share of wrong answers to obvious differences

motion, speed and order use clips and also ask about the reversed clip. turn asks for positions after a camera move,
metres for the distance of an object; neither has a curve.

Examples:
  chirality acuity given spatial --runs chirality-demo/runs --axis side,nearer
  chirality acuity spatial --runs chirality-demo/runs --axis side --step all
  chirality acuity spatial given --runs chirality-demo/runs --map side
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --quick
  chirality acuity --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --axis side --adaptive 200
  chirality acuity --axis side --rows-only
  chirality acuity --axis side --answers mine.jsonl

After an interruption, the same command continues where it stopped, without repeated questions
(docs/acuity.md).`,
  );
  command.action(later(async () => (await import('./acuity.action.ts')).run));
  return command;
}

/** Parses the width and height of images in pixels. */
export function side(text: string): number {
  const pixels = Number(text);
  if (!(Number.isInteger(pixels) && pixels >= 16 && pixels <= 4096))
    throw new InvalidArgumentError('The value must be from 16 to 4096 pixels.');
  return pixels;
}

/** Parses the number of scenes per level. More than 1000 scenes add no precision and take days. */
export function blocks(text: string): number {
  const count = Number(text);
  if (!(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw new InvalidArgumentError('The value must be a whole number from 1 to 1000.');
  return count;
}

export function axes(text: string): SceneAxis[] {
  const list = text.split(',').map((part) => {
    const axis = SCENE_AXES.find((known) => known === part.trim());
    if (axis) return axis;
    throw new InvalidArgumentError(
      `Axis "${part.trim()}" does not exist. Choose from ${SCENE_AXES.join(', ')}.`,
    );
  });
  return [...new Set(list)];
}

/** Parses levels joined by commas: sizes of differences, angles or distances. */
export function levels(text: string): number[] {
  const list = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (list.some((number) => !(number >= 0 && number <= 400)))
    throw new InvalidArgumentError(
      'Levels must be numbers from 0 to 400 without signs, for example 0,1,2,4,8,16.',
    );
  return list;
}

/** Parses a share above 0 and below 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('The value must be between 0 and 1, for example 0.3.');
}
