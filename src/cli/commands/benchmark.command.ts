import {
  group,
  later,
  MODEL_STRATEGY,
  STAGE_TOKENS,
  withEndpoint,
  withRuns,
  SET_HELP,
} from '../command-options.ts';
import { Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { BENCHMARK_VIEWS } from '../../core/metrics/card.ts';
import { wholeNumber, asViews } from '../values.ts';

/** Adds the options of a benchmark command: model, evaluation sets and benchmark card. */
export const asBenchmark = group((command, views: readonly string[]) =>
  withEndpoint(
    withRuns(command)
      .requiredOption('--set <file...>', SET_HELP)
      .option('--endpoint <address>', 'chat-completions endpoint of the model')
      .argument('[model]', 'run, checkpoint folder or model folder (or pass --model)')
      .option('--model <name>', 'model name at the endpoint; without --endpoint, the same as [model]')
      .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
      .option('--step <n|last|best>', 'checkpoint of a run', 'last')
      .option(
        '--views <list>',
        `views to evaluate, comma-separated (docs/views.md; default: ${views.join(',')})`,
        asViews,
      )
      .option(...MODEL_STRATEGY)
      .option(...STAGE_TOKENS)
      .option('--limit <n>', 'maximum number of rows per evaluation set', wholeNumber)
      .option('--name <text>', 'model name in the benchmark card')
      .option('-o, --output <folder>', 'folder for the benchmark card (default: the evaluation folder)')
      .option('--data-root <folder>', 'read images only from this folder')
      .option('--json', 'print the benchmark card as JSON'),
  ),
);

/** `chirality benchmark consistency`: evaluates a model's spatial consistency and writes a benchmark card. */
export function addConsistencyCommand(benchmark: Command): void {
  asBenchmark(
    benchmark
      .command('consistency')
      .description(
        'Evaluate a model on the views of every row, and write a benchmark card with accuracy, agreement and protocol.',
      ),
    BENCHMARK_VIEWS.consistency,
  )
    .addHelpText(
      'after',
      `
The protocol uses greedy decoding and only trusted views. It writes card.json, card.md and card.html. To compare cards,
run \`chirality report A/card.json B/card.json\`. To convert published datasets, run \`chirality convert\`.
After an interruption, the same command continues where it stopped.

Examples:
  chirality benchmark consistency --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set cvbench.qa.jsonl
  chirality benchmark consistency --model spatial --runs chirality-demo/runs --set chirality-demo/val/data.qa.jsonl -o cards/spatial
  chirality report cards/*/card.json -o cards.html`,
    )
    .action(later(async () => (await import('./benchmark.action.ts')).measure));
}

/** `chirality benchmark motion`: tests whether a model sees motion, or guesses from one frame and the question. */
export function addMotionCommand(benchmark: Command): void {
  asBenchmark(
    benchmark
      .command('motion')
      .description(
        'Evaluate a model on clips and reversed clips, run three controls without motion, and write a benchmark card.',
      ),
    BENCHMARK_VIEWS.motion,
  )
    .addHelpText(
      'after',
      `
Each question is evaluated four times: with the frames in order, the first frame only, shuffled frames, and grey frames.
Rows without clips are excluded. The protocol uses greedy decoding and writes card.json, card.md and card.html. After an
interruption, the same command continues where it stopped.

Examples:
  chirality benchmark motion --model full --runs chirality-motion/runs --set chirality-motion/val/data.qa.jsonl
  chirality benchmark motion --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set clips.qa.jsonl -o cards/qwen
  chirality report cards/*/card.json -o cards.html`,
    )
    .action(later(async () => (await import('./benchmark.action.ts')).measureMotion));
}
