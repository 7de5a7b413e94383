import type { Command } from 'commander';
import { several } from '../../core/format.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { rescoreEvaluation, type Rescored } from '../../lab/evaluation/rescore.ts';
import { note, pathHere, printJson, tell } from '../print.ts';

/** Adds `chirality eval rescore`. */
export function addRescoreCommand(evaluation: Command): void {
  evaluation
    .command('rescore')
    .argument('<evaluation...>', 'folders of evaluations, as `chirality eval` printed them')
    .description('Score the stored answers of evaluations again by today’s rules, without asking anything.')
    .option('--json', 'print what changed as JSON')
    .addHelpText(
      'after',
      `
Evaluations scored by another version of the rules are not compared with today's, since the difference may be due to the
rules. This scores their texts again and writes rows, figures and version. Verdicts by a judge or by people, and your
own metrics, are kept; controls.json, which compares with the old verdicts, is removed (eval --controls recreates it
without asking anything twice). If a set's file is gone or has changed, its rows are scored by the question, reference
and options that the evaluation itself recorded.

Examples:
  chirality eval rescore runs/svqa/eval/step-000100
  chirality eval rescore evals/*
  chirality eval rescore evals/Qwen2.5-VL-3B-val-1a2b3c4d --json`,
    )
    .action(async (folders: string[], _: unknown, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const all: ({ folder: string } & Rescored)[] = [];
      for (const folder of folders) {
        const rescored = await rescoreEvaluation(folder);
        all.push({ folder, ...rescored });
        if (!json) tellRescored(folder, rescored);
      }
      if (json) printJson(all.map((one) => ({ ...one, to: SCORING_RULES })));
    });
}

function tellRescored(folder: string, { from, rows, changed, recorded, controls }: Rescored): void {
  const list = Object.entries(changed).map(([change, n]) => `${n} from ${change}`);
  const verdicts = list.length > 0 ? `verdicts changed: ${list.join(', ')}` : 'no verdict changed';
  note(
    `${pathHere(folder)}: ${several(rows, 'answer')} scored by rules ${SCORING_RULES}${from === SCORING_RULES ? ' again' : ` instead of ${from}`}; ${verdicts}.`,
  );
  if (recorded.length > 0)
    tell(
      `${recorded.join(', ')}: the file is gone or has changed since. Its rows are scored by what the evaluation recorded about them.`,
    );
  if (controls)
    tell('controls.json compared with the old verdicts and was removed: eval --controls recreates it.');
}
