import { later, withEndpoint, withJudge, withRuns, SET_HELP, VIEWS, withTrust } from '../command-options.ts';
import { Option, type Command, type CommandUnknownOpts } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine-config.ts';
import { CONTROLS } from '../../core/prompts/strategy.ts';
import { amount, atLeastOne, collect, listOf, share, wholeNumber } from '../values.ts';

export function addEvalCommand(program: Command) {
  const plain = withTrust(withRuns(program.command('eval')))
    .argument('[run]', 'run name or folder; not with --endpoint or --engine')
    .description('Evaluate a run, a local model or an endpoint on originals, mirrors and other views.')
    .option('--strategy <name>', 'prompting strategy: a name from `chirality strategies`, or a file')
    .option(
      '-n, --n <n>',
      'completions per question, for Pass@k; requires --temperature above 0',
      atLeastOne,
      1,
    )
    .option('--temperature <t>', 'sampling temperature; 0 is greedy decoding', amount, 0)
    .option('--top-p <p>', 'probability mass for nucleus sampling', share, 1)
    .option('--seed <n>', 'random seed for sampling', wholeNumber, 0)
    .option(
      '--max-tokens <n>',
      'token limit per stage (default: the limit of the strategy, or 1024)',
      wholeNumber,
    )
    .option('--step <n|last|best>', 'checkpoint of the run', 'last')
    .option('--set <file>', `${SET_HELP}; repeatable (default: the run’s evaluation sets)`, collect, [])
    .option(...VIEWS)
    .option('--limit <n>', 'maximum number of rows per evaluation set', wholeNumber)
    .option(
      '--sees <family>',
      'model family; report accuracy by the visible share of objects (docs/what-models-see.md)',
    )
    .option(
      '--symmetric',
      'pad images on all sides for symmetric inputs of original and mirror; requires --sees at an endpoint',
    )
    .option(
      '--metrics <file>',
      'YAML file of custom metrics, like evaluate.metrics of a config (default: the custom metrics of the run)',
    )
    .option(
      '--controls <list>',
      'controls to run: blind (without the image), shuffled (with shuffled names in the model’s graphs)',
      listOf(CONTROLS),
      [],
    )
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--all', 'print every metric, including results by question type, form and answer')
    .option('--dry-run', 'ask only the first questions, and estimate the total time and cost')
    .option('--json', 'print the results as JSON')
    .option('--endpoint <address>', 'chat-completions endpoint of a model to evaluate instead of a run')
    .addOption(
      new Option('--engine <name>', 'engine of a local model to evaluate instead of a run').choices(
        LOCAL_ENGINES,
      ),
    )
    .option('--model <name>', 'model name at the endpoint; or, with --engine, a model folder or hub id');
  const command = withEndpoint(withJudge(plain)).addHelpText(
    'after',
    `
Without --strategy, a run uses the prompting strategy of its training, and other models use direct. Rows that lack an
input of the strategy are skipped and counted. Chirality never executes model output, even with program-of-thought.

Examples:
  chirality eval demo
  chirality eval demo --step best --set val.qa.jsonl --views original,mirror,polarity
  chirality eval svqa --strategy scene-graph --n 4 --temperature 0.7
  chirality eval --endpoint http://localhost:8000/v1 --model Qwen/Qwen2.5-VL-3B-Instruct --set val.qa.jsonl
  chirality eval --engine torch --model models/paligemma2 --strategy describe --set val.qa.jsonl
  chirality eval --endpoint https://api.openai.com/v1 --model gpt-4o --price 2.5,10 --set val.qa.jsonl --dry-run

Results are written to eval/ in the run folder, or for other models to evals/ next to the runs. After an interruption,
the same command continues where it stopped, without repeated questions (docs/evaluation.md).`,
  );
  command.action(later(async () => (await import('./eval.action.ts')).evaluateTarget));
  addRescoreCommand(command);
  addEvalAuditCommand(command);
  return command;
}

/** `chirality eval audit`: estimates the metrics of an evaluation from human ratings. */
export function addEvalAuditCommand(evaluation: CommandUnknownOpts) {
  const command = evaluation
    .command('audit')
    .description('Rate a random sample of the answers of an evaluation, for unbiased metrics.')
    .argument('<evaluations...>', 'one evaluation folder or run, or two to estimate their difference')
    .option(
      '--sample <n>',
      'number of answers to rate; a larger number continues in the same order',
      atLeastOne,
      40,
    )
    .option('--person <name>', 'your name, stored with your ratings (default: your account name)')
    .option('--seed <n>', 'random seed of the sample (default: 0)', wholeNumber)
    .option('--set <name>', 'evaluation set to rate')
    .option('--list', 'print the sample for rating elsewhere, one JSON object per answer')
    .option(
      '--answers <file>',
      '*.jsonl or *.csv file of ratings to import: the rows of --list with a "verdict"',
    )
    .option('--json', 'print the estimates as JSON')
    .addHelpText(
      'after',
      `
The sample is drawn at random from each score of the rules (right, wrong, unparsed, not scored), which stays hidden.
Keys: r right, w wrong, c cannot tell, a show the whole completion, p write the image as the model saw it, u undo,
s skip, q quit. The command saves each rating in audit.jsonl at once, and continues where you stopped.

Examples:
  chirality eval audit evals/qwen-direct-val-1a2b3c4d
  chirality eval audit spatial --sample 100 --person mira
  chirality eval audit evals/a evals/b --sample 80
  chirality eval audit evals/a --list > judge.jsonl
  chirality eval audit evals/a --answers judged.jsonl --person mira --json

See docs/label-quality.md.`,
    );
  command.action(later(async () => (await import('./eval-audit.action.ts')).audit));
  return command;
}

function addRescoreCommand(evaluation: CommandUnknownOpts): void {
  const command = evaluation
    .command('rescore')
    .argument('<evaluation...>', 'evaluation folders, as printed by `chirality eval`')
    .description(
      'Rescore the stored answers of evaluations with the current rules, without asking the model.',
    )
    .option('--json', 'print the changes as JSON');
  withEndpoint(withJudge(command))
    .addHelpText(
      'after',
      `
Evaluations scored by different versions of the rules are not compared. This command scores their answers again and
updates rows, metrics and version. It keeps scores by a judge, human ratings and custom metrics. It removes
controls.json, which uses the old scores; eval --controls recreates it from cached answers. If the file of an
evaluation set has changed or does not exist, its rows are scored from the texts stored in the evaluation.

With --judge, a model judges the answers that it has not scored before. With --sbert, an encoder compares the answers
with the reference answers.

Examples:
  chirality eval rescore runs/svqa/eval/step-000100
  chirality eval rescore evals/*
  chirality eval rescore evals/gpt --sbert --judge https://api.openai.com/v1 --judge-model gpt-4o
  chirality eval rescore evals/Qwen2.5-VL-3B-val-1a2b3c4d --json`,
    )
    .action(later(async () => (await import('./eval-rescore.action.ts')).rescore));
}
