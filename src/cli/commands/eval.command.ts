import { later, withEndpoint, withJudge, withRuns, SET_HELP, VIEWS, withTrust } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { CONTROLS } from '../../core/prompts/strategy.ts';
import { addRescoreCommand } from './eval-rescore.command.ts';
import { addEvalAuditCommand } from './eval-audit.command.ts';
import { amount, atLeastOne, collect, listOf, share, wholeNumber } from '../values.ts';

export function addEvalCommand(program: Command): void {
  const command = withTrust(withRuns(program.command('eval')))
    .argument('[run]', 'run name or folder; omit it with --endpoint or --engine')
    .description('Evaluate a run, a local model or an endpoint on originals, mirrors and other views.')
    .option('--strategy <name>', 'how to ask: a name that `chirality strategies` lists, or a file')
    .option('-n, --n <n>', 'completions per question, for Pass@k; needs a temperature', atLeastOne, 1)
    .option('--temperature <t>', '0 is greedy', amount, 0)
    .option('--top-p <p>', 'nucleus sampling: the probability mass to draw from', share, 1)
    .option('--seed <n>', 'random seed for sampling', wholeNumber, 0)
    .option('--max-tokens <n>', 'token limit for every stage (default: the strategy’s, or 1024)', wholeNumber)
    .option('--step <n|last|best>', 'checkpoint of the run', 'last')
    .option('--set <file>', `${SET_HELP}; repeatable (default: the run’s evaluation sets)`, collect, [])
    .option(...VIEWS)
    .option('--limit <n>', 'maximum number of rows per set', wholeNumber)
    .option(
      '--metrics <file>',
      'your own metrics: a YAML file like the section evaluate.metrics of a config (default: those of the run)',
    )
    .option(
      '--controls <list>',
      'any of blind,shuffled: ask again without the image, or with the names in the model’s own graphs shuffled',
      listOf(CONTROLS),
      [],
    )
    .option('--data-root <folder>', 'read no image outside this folder')
    .option(
      '--all',
      'print every figure, including those by kind of question and about form, and the answers given',
    )
    .option('--dry-run', 'ask only the first questions, and estimate the time and cost of all')
    .option('--json', 'print the results as JSON')
    .option('--endpoint <address>', 'evaluate a model at this chat-completions endpoint instead of a run')
    .addOption(
      new Option('--engine <name>', 'evaluate a local model instead of a run').choices(LOCAL_ENGINES),
    )
    .option(
      '--model <name>',
      'model name at the endpoint; with --engine, a folder or hub id; otherwise the run',
    );
  withEndpoint(withJudge(command))
    .addHelpText(
      'after',
      `
Without --strategy, a run is asked as it was trained and other models are asked directly. Rows that lack something the
strategy needs are skipped and counted. Nothing that a model writes is run, not even with program-of-thought.

Examples:
  chirality eval demo
  chirality eval demo --step best --set val.qa.jsonl --views original,mirror,polarity
  chirality eval svqa --strategy scene-graph --n 4 --temperature 0.7
  chirality eval --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set val.qa.jsonl
  chirality eval --engine torch --model models/paligemma2 --strategy describe --set val.qa.jsonl
  chirality eval --endpoint https://api.openai.com/v1 --model gpt-4o --price 2.5,10 --set val.qa.jsonl --dry-run

Results go to the run's eval/ folder, or for other models to evals/ next to the runs. After an interruption, the same
command continues where it stopped and asks nothing twice (docs/strategies.md).`,
    )
    .action(later(async () => (await import('./eval.action.ts')).evaluateTarget));
  addRescoreCommand(command);
  addEvalAuditCommand(command);
}
