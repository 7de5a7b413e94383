import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { notOneQuestion } from '../../core/prompts/trainer-rows.ts';
import { defaultDataRoot } from '../../lab/datasets/image-files.ts';
import { evaluationSamples } from '../../lab/evaluation/samples.ts';
import { PAIR } from '../../core/view-list.ts';
import { UsageError } from '../errors.ts';
import { givenSets, readStrategy } from '../evaluation/target.ts';
import { ROWS, writeTask, HARNESSES, harnessFiles, type Harness } from '../harness.ts';
import { atLeastOne, LeftOutLines, requireEmpty, rootOf, wholeNumber } from '../input.ts';
import { note, pathHere, printJson, tell } from '../print.ts';

interface Options {
  output: string;
  to: Harness;
  strategy: string;
  maxTokens?: number;
  limit?: number;
  dataRoot?: string;
  json?: boolean;
}

/** `chirality benchmark task`: a data set as a task of another harness, with both views of every row. */
export function addBenchmarkTaskCommand(program: Command): void {
  program
    .command('task')
    .argument('<set>', 'a *.qa.jsonl file')
    .requiredOption('-o, --output <folder>', 'a new or empty folder')
    .addOption(
      new Option('--to <harness>', 'the harness that will ask').choices(HARNESSES).makeOptionMandatory(),
    )
    .option('--strategy <name>', 'how to ask: a name that `chirality strategies` lists, or a file', 'direct')
    .option('--max-tokens <n>', 'token limit of an answer (default: the strategy’s, or 1024)', wholeNumber)
    .option('--limit <n>', 'maximum number of rows', atLeastOne)
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print what was written as JSON')
    .description('Write a data set as a task of another harness, which asks both views of every row.')
    .addHelpText(
      'after',
      `
The folder has the questions as \`chirality eval\` asks them, in both views, with their pictures. The harness asks them;
the Python package (pip install ./python) scores the answers by the rules of this program, so the figures match those of
\`chirality eval\`. Rows without a trusted mirror are asked as they are and do not count in figures about pairs.

Examples:
  chirality benchmark task val.qa.jsonl --to inspect -o tasks/val && inspect eval tasks/val/val.py --model openai/gpt-5
  chirality benchmark task val.qa.jsonl --to lmms-eval -o tasks/val --strategy think
  chirality benchmark task val.qa.jsonl --to vlmevalkit -o tasks/val

docs/harnesses.md has the commands of each harness.`,
    )
    .action(exportTask);
}

async function exportTask(given: string, options: Options): Promise<void> {
  const { to, limit } = options;
  const strategy = readStrategy(options.strategy, options.maxTokens);
  const why = notOneQuestion(strategy);
  if (why !== null)
    throw new UsageError(
      `Another harness cannot use the strategy ${strategy.name}: ${why}. Choose another --strategy.`,
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
    throw new UsageError(`${given}: none of its rows can be asked.${reasons.join('')}`);
  }
  await harnessFiles(to, folder, { name, maxTokens: strategy.stages[0]!.max_tokens ?? 1024 });
  if (options.json) printJson({ harness: to, name, folder, questions, rows, pairs, skipped });
  else note(`${questions} questions about ${rows} rows, ${pairs} of them in both views: ${pathHere(folder)}`);
  for (const [reason, n] of Object.entries(skipped)) tell(`${n} skipped: ${reason.replace(/\.$/, '')}.`);
}

/** Words of Python and YAML, and modules that a task imports: a file of this name would be taken for them. */
const TAKEN =
  /^(?:and|as|assert|async|await|break|class|continue|def|del|elif|else|except|false|finally|for|from|global|if|import|in|is|lambda|none|nonlocal|not|or|pass|raise|return|true|try|while|with|yield|yes|no|on|off|null|y|n|chirality|collections|datasets|inspect|inspect_ai|json|math|numpy|pandas|pathlib|pil|queue|runpy|subprocess|sys|tempfile|threading|typing|vlmeval)$/i;

/** A name that Python, YAML and shells take: `val_2` for `val-2`. */
function taskName(set: string): string {
  const name = set.replace(/\W+/g, '_');
  return /^(?:\d|$)/.test(name) || TAKEN.test(name) ? `set_${name}` : name;
}
