import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { LOCAL_ENGINES } from '../../core/config/engine.ts';
import { CONSISTENCY_VIEWS, type Card } from '../../core/metrics/card.ts';
import { cardsDocument } from '../../core/reports/cards.ts';
import { reportHtml } from '../../core/reports/html.ts';
import { reportMarkdown } from '../../core/reports/table-text.ts';
import { ORIGINAL, viewLabel } from '../../core/view-list.ts';
import { cardOf, censusOf, type SetCensus } from '../../lab/evaluation/card.ts';
import { writeAtomically } from '../../lab/files/atomic.ts';
import { makeFolder } from '../../lab/files/folders.ts';
import { withEndpoint } from '../endpoint.ts';
import { UsageError } from '../errors.ts';
import { namedTarget } from '../evaluation/open-evaluator.ts';
import { reportMissing, runTargetEvaluation } from '../evaluation/run.ts';
import { SET_HELP, asViews, type EvalFlags, type Target } from '../evaluation/target.ts';
import { formatMatrices } from '../evaluation/text.ts';
import { wholeNumber } from '../input.ts';
import { Progress } from '../progress.ts';
import { withRuns } from '../runs.ts';
import { note, pathHere, print, printJson, tell } from '../print.ts';

interface Flags extends EvalFlags {
  name?: string;
  output?: string;
}

/** `chirality benchmark consistency`: one command from rows to a card of a model's spatial consistency. */
export function addConsistencyCommand(benchmark: Command): void {
  withEndpoint(
    withRuns(benchmark.command('consistency'))
      .description(
        'Ask about the rows of some sets in all of their views, and write a card with accuracy, agreement and how they were measured.',
      )
      .requiredOption('--set <file...>', SET_HELP)
      .option('--endpoint <address>', 'the model is at this chat-completions endpoint')
      .argument('[model]', 'a run, the folder of a checkpoint or of a model; or give --model')
      .option('--model <name>', 'model name at the endpoint; otherwise the same as [model]')
      .addOption(new Option('--engine <name>', 'engine of a model folder or hub id').choices(LOCAL_ENGINES))
      .option('--step <n|last|best>', 'checkpoint of a run', 'last')
      .option(
        '--views <list>',
        `ids of views (docs/views.md) (default: ${CONSISTENCY_VIEWS.join(',')})`,
        asViews,
      )
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
    .action(measure);
}

async function measure(model: string | undefined, given: Flags): Promise<void> {
  if (model !== undefined && given.model !== undefined)
    throw new UsageError(`Name the model once: ${model}, or --model.`);
  const flags = { ...given, model: given.model ?? model };
  if (flags.model === undefined && flags.endpoint !== 'host') throw new UsageError('Name a model.');
  const views = [...new Set([ORIGINAL, ...(flags.views ?? CONSISTENCY_VIEWS)])];
  const { target, name, engine } = await namedTarget({
    ...flags,
    views,
    n: 1,
    temperature: 0,
    topP: 1,
    seed: 0,
  });
  const about = { name: flags.name ?? name, engine };
  try {
    const census = await count(target);
    const shown = views.filter((view) =>
      census.some((set) => set.views.some((one) => one.view === view && one.rows > 0)),
    );
    const plan = { ...target, views: shown, asTrained: false };
    const evaluation = await runTargetEvaluation(plan);
    for (const [reason, n] of Object.entries(evaluation.skipped))
      if (!reason.startsWith('no ')) tell(`${n} skipped: ${reason}.`);
    const used = target.used?.();
    if (used !== undefined) tell(used);
    reportMissing(evaluation);
    const card = await cardOf(evaluation.out, about, plan, census, evaluation.results, new Date());
    const out = resolve(flags.output ?? evaluation.out);
    await writeCard(card, out);
    if (flags.json) printJson(card);
    else
      print(
        `${formatMatrices(card.sets.flatMap(({ figures }) => figures)).join('\n')}\n\n${pathHere(join(out, 'card.html'))}`,
      );
  } finally {
    await target.close();
  }
}

/** Counts the rows of every view, and says so before anything is asked. */
async function count(target: Target): Promise<SetCensus[]> {
  let progress: Progress | undefined;
  let label = '';
  const census = await censusOf(target, (set, done, total) => {
    if (label !== set) {
      progress?.end();
      progress = new Progress(`views of ${(label = set)}`, total);
    }
    progress!.update(done);
  }).finally(() => progress?.end());
  for (const { name, rows, views } of census) {
    if (rows === 0)
      throw new UsageError(`${target.sets[name]!}: None of the rows of this file can be asked.`);
    const parts = views
      .filter(({ view }) => view !== ORIGINAL)
      .map((one) => `${one.rows} ${viewLabel(one.view)}`);
    note(`${name}: ${rows} rows; ${parts.join(', ')}.`);
    const absent = views.filter((one) => one.rows === 0);
    if (absent.length > 0) note(whyAbsent(absent, target.sets[name]!));
  }
  return census;
}

/** Names the views that no row has, each with its most frequent reason, and the command that explains them. */
function whyAbsent(absent: SetCensus['views'], file: string): string {
  const mostFrequent = (lacking: Record<string, number>) =>
    Object.entries(lacking).reduce((most, one) => (one[1] > most[1] ? one : most))[0];
  const listed = absent.map(({ view, lacking }) => `${view} (${mostFrequent(lacking)})`);
  return (
    `No row has ${listed.join(', ')}. ` +
    `\`chirality view add ${file} --view ${absent[0]!.view} --explain > /dev/null\` says why, row by row.`
  );
}

async function writeCard(card: Card, folder: string): Promise<void> {
  const document = cardsDocument([card], `Consistency of ${card.model.name}`);
  const files = {
    'card.json': `${JSON.stringify(card, null, 1)}\n`,
    'card.md': reportMarkdown(document),
    'card.html': reportHtml(document),
  };
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files))
    await writeAtomically(join(folder, name), (file) => file.writeFile(text), { follow: false });
}
