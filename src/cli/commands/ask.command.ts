import { later, withEndpoint, withModel, withRuns } from '../command-options.ts';
import type { Command } from 'commander';
import { amount, atLeastOne, collect, share, wholeNumber } from '../values.ts';

/** `chirality ask`: one question about one image, and the mirrored question about its mirror image. */
export function addAskCommand(program: Command): void {
  const command = withRuns(program.command('ask'))
    .argument('<image>', 'an image')
    .argument('<question>', 'the question')
    .description(
      'Ask models a question about an image. With --mirror, also ask the mirrored question about the mirror image.',
    )
    .option('--model <name>', 'a run, a checkpoint folder or a model folder; repeatable', collect, [])
    .option('--mirror', 'also ask the mirrored question about the mirror image')
    .option('--answer <text>', 'the right answer, to score both views')
    .option('--choice <text>', 'an option to choose from; repeatable', collect, [])
    .option(
      '--strategy <name>',
      'how to ask: a strategy name or file (default: as the run was trained; directly for other models)',
    )
    .option('-n, --n <n>', 'completions of each view', atLeastOne, 1)
    .option(
      '--temperature <t>',
      'sampling temperature; 0 is greedy (default: 0, or 0.7 with several completions)',
      amount,
    )
    .option('--top-p <p>', 'nucleus sampling', share, 1)
    .option('--seed <n>', 'random seed for sampling', wholeNumber, 0)
    .option(
      '--max-tokens <n>',
      'token limit for stages that set none (default: the run’s limit, or 1024)',
      atLeastOne,
    )
    .option('--save <file>', 'append the question, --answer and the models’ answers to a *.qa.jsonl file')
    .option('--json', 'print one JSON object per model');
  withEndpoint(withModel(command))
    .addHelpText(
      'after',
      `
Examples:
  chirality ask desk.jpg "Is the cup left of the plate?" --model spatial --mirror
  chirality ask desk.jpg "Is the cup left of the plate?" --model ~/models/Qwen2.5-VL-3B-Instruct --strategy scene-graph
  chirality ask desk.jpg "Which is closer?" --choice cup --choice plate --model given --model spatial --mirror --answer cup
  chirality ask desk.jpg "Is the cup left of the plate?" --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --n 4

Models are asked one after another. Rules mirror the question. If they are not sure, they say why, and only the
original is asked. A run is asked as it was trained unless you pass --strategy (see chirality strategies).`,
    )
    .action(later(async () => (await import('./ask.action.ts')).run));
}
