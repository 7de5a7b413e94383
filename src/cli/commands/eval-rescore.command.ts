import { later, withEndpoint, withJudge } from '../command-options.ts';
import type { Command } from 'commander';

/** Adds `chirality eval rescore`. */
export function addRescoreCommand(evaluation: Command): void {
  const command = evaluation
    .command('rescore')
    .argument('<evaluation...>', 'folders of evaluations, as `chirality eval` printed them')
    .description('Score the stored answers of evaluations again by today’s rules, without asking the model.')
    .option('--json', 'print what changed as JSON');
  withEndpoint(withJudge(command))
    .addHelpText(
      'after',
      `
Evaluations scored by another version of the rules are not compared with today's, since the difference may be due to the
rules. This scores their texts again and writes rows, figures and version. Verdicts by a judge or by people, and your
own metrics, are kept; controls.json, which compares with the old verdicts, is removed (eval --controls recreates it
without asking anything twice). If a set's file is gone or has changed, its rows are scored by the question, reference
and options that the evaluation itself recorded.

With --judge, a model judges the stored answers that it has not scored before; with --sbert, they are compared with their
references by an encoder.

Examples:
  chirality eval rescore runs/svqa/eval/step-000100
  chirality eval rescore evals/*
  chirality eval rescore evals/gpt --sbert --judge https://api.openai.com/v1 --judge-model gpt-4o
  chirality eval rescore evals/Qwen2.5-VL-3B-val-1a2b3c4d --json`,
    )
    .action(later(async () => (await import('./eval-rescore.action.ts')).rescore));
}
