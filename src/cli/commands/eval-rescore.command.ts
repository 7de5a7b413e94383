import { later, withEndpoint, withJudge } from '../command-options.ts';
import type { Command } from 'commander';

/** Adds `chirality eval rescore`. */
export function addRescoreCommand(evaluation: Command): void {
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
updates rows, metrics and version. It keeps verdicts by a judge or by people, and custom metrics. It removes
controls.json, which uses the old verdicts; eval --controls recreates it from cached answers. If the file of an
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
