import type { Command } from 'commander';
import { HIDDEN, lookAtSet, type Hidden } from '../../lab/insight/set.ts';
import { readOnce } from '../../lab/insight/set-folder.ts';
import { compareLooks } from '../../core/insight/compare-looks.ts';
import { nameLooks } from '../../core/insight/set-names.ts';
import { layersIn } from '../../core/insight/set-figures.ts';
import { comparisonDocument } from '../../core/reports/insight/compared.ts';
import { setDocument } from '../../core/reports/insight/set.ts';
import { UsageError } from '../errors.ts';
import {
  openTarget,
  printResults,
  STEP,
  STRATEGY,
  withInsight,
  withTarget,
  type InsightFlags,
  type InsightTarget,
} from '../insight-target.ts';
import { collect, oneOf, repeated, wholeNumber } from '../input.ts';
import { VIEWS } from '../evaluation/target.ts';
import { PAIR, type ViewId } from '../../core/view-list.ts';

interface Flags extends Omit<InsightFlags, 'step' | 'strategy'> {
  step: string[];
  strategy: string[];
  views: ViewId[];
  layer: number[];
  hide: Hidden[];
  query: string[];
}

/** Queries whose attention can be printed; the results contain all queries. */
const QUERIES = ['answer', 'last', 'first named', 'second named'];

/** `chirality inspect attention`: where a model looks while it answers the rows of a set, in all their views. */
export function addInspectAttentionCommand(program: Command): void {
  withInsight(program.command('attention'), '<models...>')
    .description(
      'Show where a model looks while it answers a set of rows, in the pictures and in their mirrors.',
    )
    .option(STEP[0], `${STEP[1]}; repeat it to compare checkpoints (default: last)`, collect, [])
    .option(STRATEGY[0], `${STRATEGY[1]}; repeat it to compare strategies (default: trained)`, collect, [])
    .option(...VIEWS, [...PAIR])
    .option('--layer <n>', 'only this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--hide <what>',
      `also measure the answer with this hidden: ${HIDDEN.join(', ')}; repeatable`,
      repeated(oneOf(HIDDEN)),
      [],
    )
    .option(
      '--query <name>',
      `whose attention to print: ${QUERIES.join(', ')}; repeatable (default: answer)`,
      repeated(oneOf(QUERIES)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect attention spatial --hide picture
  chirality inspect attention spatial --limit 100 --layer 2 --layer 3 --json > insight.json
  chirality inspect attention spatial --step 40 --step last
  chirality inspect attention before after --set val.qa.jsonl
  chirality inspect attention spatial --format latex > insight.tex
  chirality inspect attention qwen --set val.qa.jsonl --strategy direct --strategy scene-graph --hide picture --hide graph

Every row is answered greedily, as in an evaluation. Figures are means over rows, with 95 % intervals by picture: the
share of attention on the picture; of that, the share on the objects that the question names (with lift: 1 is chance);
on parts of the text; and the log-odds of the right answer by layer. For counting rows: the share on the counted things,
for answers that are right, off by one, and wrong. Several models, checkpoints or strategies are compared with the
first, row by row.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(run);
}

/** A model that is asked in one way. */
type AskedModel = InsightTarget & { model: string };

async function run(models: string[], flags: Flags): Promise<void> {
  const layers = flags.layer.length > 0 ? flags.layer : ('all' as const);
  const about = { layers, hide: [...new Set(flags.hide)] };
  const looks: ({ target: AskedModel } & Awaited<ReturnType<typeof lookAtSet>>)[] = [];
  for (const target of await targetsOf(models, flags, about)) {
    const look = await withTarget(target, (onProgress) =>
      lookAtSet(target.open, target.rows, { ...target, ...about }, onProgress),
    );
    looks.push({ target, ...look });
  }
  const told = looks.map(({ target: { manifest, dir }, rows, results }) => ({
    ...manifest,
    folder: dir,
    rows: rows.length,
    results,
  }));
  if (looks.length === 1) {
    const { rows, results } = looks[0]!;
    const queries = flags.query.length > 0 ? flags.query : ['answer'];
    const title = `Where ${looks[0]!.target.name} looks`;
    return printResults(told[0]!, () => setDocument(title, rows, results, queries), flags);
  }
  const names = nameLooks(
    looks.map(({ target: { model, manifest, strategy } }) => [
      model,
      manifest.step === null ? '' : `step ${manifest.step}`,
      strategy.name,
    ]),
  );
  const compared = compareLooks(
    looks.map(({ rows, results }, l) => ({ name: names[l]!, rows, layers: layersIn(results) })),
  );
  await printResults(
    { looks: told.map((one, l) => ({ name: names[l], ...one })), ...compared },
    () => comparisonDocument(`Where ${names.join(' and ')} look`, compared, names),
    flags,
  );
}

/**
 * Returns every model, at every step, with every strategy.
 * @throws UsageError before any model is asked, if they do not have the same rows
 */
async function targetsOf(
  models: string[],
  { step, strategy, ...flags }: Flags,
  about: object,
): Promise<AskedModel[]> {
  const [steps, strategies] = [
    step.length > 0 ? step : ['last'],
    strategy.length > 0 ? strategy : [undefined],
  ];
  // By folder, because a checkpoint may be named twice: as `last`, and by its step.
  const targets = new Map<string, AskedModel>();
  const read = readOnce();
  for (const model of models)
    for (const step of steps)
      for (const strategy of strategies) {
        const how = { ...flags, step, ...(strategy !== undefined && { strategy }) };
        const target = await openTarget('set', model, how, flags.views, about, read);
        targets.set(target.dir, { ...target, model });
      }
  const [first, ...others] = targets.values();
  const other = others.find(({ manifest }) => manifest.set.sha256 !== first!.manifest.set.sha256);
  if (other)
    throw new UsageError(`${first!.file} and ${other.file} have different rows.`, {
      fix: 'Give one file for all models with --set.',
    });
  return [first!, ...others];
}
