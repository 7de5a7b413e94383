import { later, withEndpoint, withRuns, SET_HELP } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { BENCHMARK_VIEWS } from '../../core/metrics/card.ts';
import { wholeNumber, asViews } from '../values.ts';

/** Adds the options by which a benchmark is told the model, the sets and the card. */
const asBenchmark = (command: Command, views: readonly string[]): Command =>
  withEndpoint(
    withRuns(command)
      .requiredOption('--set <file...>', SET_HELP)
      .option('--endpoint <address>', 'the model is at this chat-completions endpoint')
      .argument('[model]', 'a run, the folder of a checkpoint or of a model; or give --model')
      .option('--model <name>', 'model name at the endpoint; otherwise the same as [model]')
      .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
      .option('--step <n|last|best>', 'checkpoint of a run', 'last')
      .option('--views <list>', `ids of views (docs/views.md) (default: ${views.join(',')})`, asViews)
      .option('--strategy <name>', 'how to ask (default: a run as it was trained, other models directly)')
      .option(
        '--max-tokens <n>',
        'token limit for every stage (default: the strategy’s, or 1024)',
        wholeNumber,
      )
      .option('--limit <n>', 'maximum number of rows per set', wholeNumber)
      .option('--name <text>', 'name of the model in the card')
      .option('-o, --output <folder>', 'folder for the card (default: that of the evaluation)')
      .option('--data-root <folder>', 'read no image outside this folder')
      .option('--json', 'print the card as JSON'),
  );

/** `chirality benchmark consistency`: one command from rows to a card of a model's spatial consistency. */
export function addConsistencyCommand(benchmark: Command): void {
  asBenchmark(
    benchmark
      .command('consistency')
      .description(
        'Ask about the rows of some sets in all of their views, and write a card with accuracy, agreement and how they were measured.',
      ),
    BENCHMARK_VIEWS.consistency,
  )
    .addHelpText(
      'after',
      `
Answers are greedy. Rows are asked only in views that they are certain to have. The card is card.json, card.md and
card.html; \`chirality report A/card.json B/card.json\` puts several side by side and says what cannot be compared.
After an interruption, the same command continues where it stopped. \`chirality convert\` makes rows of published sets.

Examples:
  chirality benchmark consistency --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set cvbench.qa.jsonl
  chirality benchmark consistency --model spatial --runs chirality-demo/runs --set chirality-demo/val/data.qa.jsonl -o cards/spatial
  chirality report cards/*/card.json -o cards.html`,
    )
    .action(later(async () => (await import('./benchmark.action.ts')).measure));
}

/** `chirality benchmark motion`: whether a model sees motion, or guesses from one frame and the words. */
export function addMotionCommand(benchmark: Command): void {
  asBenchmark(
    benchmark
      .command('motion')
      .description(
        'Ask about clips and their reverse, with the frames in order and with what three controls leave of them, and write a card that says whether the model sees motion.',
      ),
    BENCHMARK_VIEWS.motion,
  )
    .addHelpText(
      'after',
      `
Each question is asked four times: with its frames in order, with the first one only, with all of them shuffled, and
with grey images in place of them. Rows that are not about clips are left out. Answers are greedy; the card, and what
happens after an interruption, are those of \`chirality benchmark consistency\`.

Examples:
  chirality benchmark motion --model full --runs chirality-motion/runs --set chirality-motion/val/data.qa.jsonl
  chirality benchmark motion --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set clips.qa.jsonl -o cards/qwen
  chirality report cards/*/card.json -o cards.html`,
    )
    .action(later(async () => (await import('./benchmark.action.ts')).measureMotion));
}
