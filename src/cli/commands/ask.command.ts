import { later, withEndpoint, withModel, withRuns } from '../command-options.ts';
import type { Command } from 'commander';
import { amount, atLeastOne, collect, share, wholeNumber } from '../values.ts';

/** `chirality ask`: one question about one image, and the mirrored question about its mirror image. */
export function addAskCommand(program: Command) {
  const asking = withRuns(program.command('ask'))
    .argument('<image>', 'image file')
    .argument('<question>', 'question about the image')
    .description(
      'Ask models a question about an image and, with --mirror, the mirrored question about the mirror image.',
    )
    .option('--model <name>', 'a run, a checkpoint folder or a model folder; repeatable', collect, [])
    .option('--mirror', 'also ask the mirrored question about the mirror image')
    .option('--answer <text>', 'reference answer, to score both views')
    .option('--choice <text>', 'answer option; repeatable', collect, [])
    .option(
      '--strategy <name>',
      'prompting strategy: a name or a file (default: the one used in training, or direct for other models)',
    )
    .option('-n, --n <n>', 'completions per view', atLeastOne, 1)
    .option(
      '--temperature <t>',
      'sampling temperature; 0 is greedy decoding (default: 0, or 0.7 with several completions)',
      amount,
    )
    .option('--top-p <p>', 'probability mass for nucleus sampling', share, 1)
    .option('--seed <n>', 'random seed for sampling', wholeNumber, 0)
    .option(
      '--max-tokens <n>',
      'token limit for stages without a limit (default: the limit of the run, or 1024)',
      atLeastOne,
    )
    .option('--save <file>', 'append the question, --answer and the models’ answers to a *.qa.jsonl file')
    .option('--json', 'print one JSON object per model');
  const command = withEndpoint(withModel(asking)).addHelpText(
    'after',
    `
Examples:
  chirality ask desk.jpg "Is the cup left of the plate?" --model spatial --mirror
  chirality ask desk.jpg "Is the cup left of the plate?" --model ~/models/Qwen2.5-VL-3B-Instruct --strategy scene-graph
  chirality ask desk.jpg "Which is closer?" --choice cup --choice plate --model given --model spatial --mirror --answer cup
  chirality ask desk.jpg "Is the cup left of the plate?" --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --n 4

Rules mirror the question. If they defer it, the command prints the reason and asks only the original. To list the
prompting strategies, run \`chirality strategies\`.`,
  );
  command.action(later(async () => (await import('./ask.action.ts')).run));
  return command;
}
