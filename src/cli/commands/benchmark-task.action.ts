import { writeTask, ROWS, harnessFiles } from '../harness.ts';
import { readStrategy, givenSets } from '../evaluation/target.ts';
import { notOneQuestion } from '../../core/prompts/trainer-rows.ts';
import { UsageError } from '../errors.ts';
import { resolve, join } from 'node:path';
import { requireEmpty, LeftOutLines, rootOf } from '../input.ts';
import { evaluationSamples } from '../../lab/evaluation/evaluation-samples.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { PAIR } from '../../rows/view-list.ts';
import { rm } from 'node:fs/promises';
import { tellSkipped } from '../evaluation/run-evaluation.ts';
import { printJson, note, pathHere } from '../print.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addBenchmarkTaskCommand } from './benchmark-task.command.ts';

export async function exportTask(
  given: string,
  options: OptionsOf<typeof addBenchmarkTaskCommand>,
): Promise<void> {
  const { to, limit } = options;
  const strategy = readStrategy(options.strategy, options.maxTokens);
  const why = notOneQuestion(strategy);
  if (why !== null)
    throw new UsageError(
      `Cannot export the strategy ${strategy.name} to another harness: ${why}. Choose another --strategy.`,
    );
  const [[set, file]] = Object.entries(await givenSets([given])) as [[string, string]];
  const folder = resolve(options.output);
  await requireEmpty(options.output);
  const name = taskName(set);
  const leftOut = new LeftOutLines(file);
  const samples = await evaluationSamples(
    {
      sets: { [set]: file },
      root: await rootOf(options.dataRoot ?? defaultDataRoot(file)),
      views: PAIR,
      ...(limit !== undefined && { limit }),
    },
    leftOut.add,
  );
  leftOut.end();
  const { questions, rows, pairs, skipped } = await writeTask(samples, strategy, folder);
  if (questions === 0) {
    for (const made of ['images', ROWS]) await rm(join(folder, made), { recursive: true });
    const reasons = Object.keys(skipped).map((reason) => `\n  ${reason.replace(/\.$/, '')}.`);
    throw new UsageError(`${given} has no usable rows.${reasons.join('')}`);
  }
  await harnessFiles(to, folder, { name, maxTokens: strategy.stages[0]!.max_tokens ?? 1024 });
  if (options.json) printJson({ harness: to, name, folder, questions, rows, pairs, skipped });
  else
    note(
      `Wrote ${questions} questions about ${rows} rows to ${pathHere(folder)}. ${pairs} rows have both views.`,
    );
  tellSkipped(skipped);
}

/** Reserved words of Python and YAML, and modules that a task imports: names that a task cannot have. */
const TAKEN =
  /^(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|false|finally|for|from|global|if|import|in|is|lambda|none|nonlocal|not|or|pass|raise|return|true|try|while|with|yield|yes|no|on|off|null|y|n|chirality|collections|datasets|inspect|inspect_ai|json|math|numpy|pandas|pathlib|pil|queue|runpy|subprocess|sys|tempfile|threading|typing|vlmeval)$/i;

/** Returns the set's name in a form that is valid in Python, YAML and shells: `val_2` for `val-2`. */
function taskName(set: string): string {
  const name = set.replace(/\W+/g, '_');
  return /^(?:\d|$)/.test(name) || TAKEN.test(name) ? `set_${name}` : name;
}
