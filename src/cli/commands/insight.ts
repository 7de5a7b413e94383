import type { Command } from 'commander';
import { HIDDEN, lookAtSet, type Hidden } from '../../lab/insight/set.ts';
import { compareStrategies } from '../../core/insight/compare-strategies.ts';
import { Random } from '../../core/random.ts';
import { describeComparison, describeSet } from '../insight/print-set.ts';
import {
  numbers,
  oneOf,
  openTarget,
  STRATEGY,
  withInsight,
  withTarget,
  type InsightFlags,
} from '../insight/target.ts';
import { asViews } from '../evaluation/target.ts';
import { PAIR, type ViewId } from '../../core/spatial/views/list.ts';
import { print, printJson } from '../print.ts';

interface Flags extends Omit<InsightFlags, 'strategy'> {
  strategy: string[];
  views: ViewId[];
  layer: number[];
  hide: Hidden[];
  query: string[];
}

/** Whose attention can be printed; the results have all of them. */
const QUERIES = ['answer', 'last', 'first named', 'second named'];

/** `chirality insight`: where a model looks while it answers the rows of a set, in all their views. */
export function addInsightCommand(program: Command): void {
  withInsight(program.command('insight'))
    .description(
      'Show where a model looks while it answers a set of rows, in the pictures and in their mirrors.',
    )
    .option(
      STRATEGY[0],
      `${STRATEGY[1]}; repeat it to compare strategies`,
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .option(
      '--views <list>',
      'ids of views (docs/views.md), as original,mirror,rotate:180 (default: original,mirror)',
      asViews,
      [...PAIR],
    )
    .option('--layer <n>', 'only this layer, from 0; repeatable', numbers, [])
    .option(
      '--hide <what>',
      `also read the answer with this hidden: ${HIDDEN.join(', ')}; repeatable`,
      (value: string, all: Hidden[]) => [...all, oneOf(HIDDEN, value)],
      [],
    )
    .option(
      '--query <name>',
      `whose attention to print: ${QUERIES.join(', ')}; repeatable (default: answer)`,
      (value: string, all: string[]) => [...all, oneOf(QUERIES, value)],
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality insight spatial --hide picture
  chirality insight spatial --limit 100 --layer 2 --layer 3 --json > insight.json
  chirality insight qwen --set val.qa.jsonl --strategy direct --strategy scene-graph --hide picture --hide graph

Every row is answered greedily, as in an evaluation. Figures are means over rows, with 95 % intervals by picture: the
share of the attention on the picture, of that the share on the objects that the question names (with lift: 1 is chance),
on parts of the text, and the log-odds of the right answer by layer. For counting rows: the counted things, for answers
that are right, off by one, and wrong.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(run);
}

async function run(model: string, { strategy, ...flags }: Flags): Promise<void> {
  const strategies = strategy.length > 0 ? [...new Set(strategy)] : [undefined];
  const found: Awaited<ReturnType<typeof lookWith>>[] = [];
  for (const one of strategies)
    found.push(await lookWith(model, one === undefined ? flags : { ...flags, strategy: one }));
  const reliance =
    found.length > 1
      ? compareStrategies(
          found.map(({ manifest, rows }) => ({ strategy: manifest.strategy, rows })),
          Random.from('insight'),
        )
      : null;
  const told = found.map(({ manifest, folder, rows, results }) => ({
    ...manifest,
    folder,
    rows: rows.length,
    results,
  }));
  if (flags.json) printJson(reliance ? { strategies: told, reliance } : told[0]);
  else if (reliance) print(describeComparison(reliance, told));
  else
    print(describeSet(found[0]!.rows, found[0]!.results, flags.query.length > 0 ? flags.query : ['answer']));
}

/** Looks at the rows, asked by one strategy. */
async function lookWith(model: string, flags: Omit<Flags, 'strategy'> & InsightFlags) {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const hide = [...new Set(flags.hide)];
  const target = await openTarget('set', model, flags, flags.views, { layers, hide });
  const { rows, results } = await withTarget(target, (onProgress) =>
    lookAtSet(target.open, target.rows, { ...target, layers, hide }, onProgress),
  );
  const manifest = { ...target.manifest, strategy: target.strategy.name };
  return { manifest, folder: target.dir, rows, results };
}
