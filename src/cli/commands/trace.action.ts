import { ask, orUsage } from '../operation-command.ts';
import { note, printJson, print, tell } from '../print.ts';
import { UsageError, JobError } from '../errors.ts';
import { type PlacedPair, writePairFigure, requireFigureFormat } from '../write-pair-figure.ts';
import type { TraceSource, ListedPair } from '../../core/run-data/trace-summary.ts';
import { requireReadable } from '../find-runs.ts';
import { newestEvaluation } from '../../lab/evaluation/evaluation-folders.ts';
import { join, dirname, resolve } from 'node:path';
import { listPairs } from '../../lab/operations/pairs.ts';
import { pairSource } from '../../lab/operations/list-pairs.action.ts';
import { indexOf } from '../../lab/traces/index.ts';
import { hasRows } from '../../lab/traces/sources.ts';
import type { OptionsOf } from '../command-options.ts';
import type { addTraceCommand } from './trace.command.ts';
import { pairText } from '../../core/pairs/pair-text.ts';
import type { CommandUnknownOpts as Command } from 'commander';
import { isGiven, LISTING, refuseBeside } from '../no-effect.ts';
import { choose } from '../foreign.ts';
import { plainValue } from '../../lab/agent/agent-answer.ts';
import { shortPair } from '../../lab/agent/read-pair.ts';
import { readInPlace } from '../../lab/foreign/known.ts';
import { LeftOutLines } from '../input.ts';
import { readOrigin, type RunSteps, stepsOf } from '../../lab/traces/run-steps.ts';
import { partOf, several } from '../../base/format.ts';
import type { RecordedPair } from '../../core/run-data/trace.ts';
import { EFFECTS } from '../../core/rewards/advantages.ts';
import { WhatIfError } from '../../core/run-data/what-if-settings.ts';
import { Progress } from '../progress.ts';
import { formatTable } from '../../base/printable.ts';
import { requireFamily } from '../values.ts';

/** Options about steps and rewards, which evaluations do not contain. */
const OF_TRAINING = ['step', 'whatIf'];

/** Maximum number of unreadable lines to explain. */
const EXPLAINED = 5;

async function printPairs(command: Command, run: string, more: object = {}): Promise<void> {
  const { searched, matched, pairs = [], problems } = await ask(command, listPairs, [], { run, ...more });
  const shown = pairs.length < matched ? `; showing the first ${pairs.length} (--limit 0 for all)` : '';
  note(`${matched} of ${searched} pairs${shown}.`);
  for (const line of problems.slice(0, EXPLAINED)) tell(line);
  if (problems.length > EXPLAINED)
    tell(`and ${several(problems.length - EXPLAINED, 'more unreadable line')}.`);
}

/** Returns the first selected pair of an evaluation; null if no pair matches. @throws UsageError without an evaluation */
async function openEvaluatedPair(
  { run, source: evaluation }: TraceSource,
  isWanted: (row: ListedPair) => boolean,
): Promise<RecordedPair | null> {
  const { source } = await pairSource({ run, evaluation }, {}).catch(orUsage);
  return indexOf(source).openFirst(isWanted);
}

/** Writes a pair as a figure, with the answers of further evaluations. */
async function drawFigure(
  file: string,
  first: PlacedPair,
  { runs, beside = [], dataRoot, sees }: TraceOptions,
): Promise<void> {
  const others: PlacedPair[] = [];
  for (const name of beside) {
    const place = await evaluationOf(runs, name);
    const pair = await openEvaluatedPair(place, ({ sample }) => sample === first.pair.sample);
    if (!pair)
      throw new UsageError(`--beside ${name}: the evaluation has no answer to ${first.pair.sample}.`);
    others.push({ pair, place });
  }
  await writePairFigure(file, first, others, { dataRoot, sees });
}

/** Returns an evaluation by its folder, or the newest evaluation of a run. @throws UsageError if none exists */
async function evaluationOf(runs: string, name: string): Promise<TraceSource> {
  const folder = await findEvaluation(runs, name);
  if (folder !== null) return { run: folder, source: '.' };
  const run = await requireReadable(runs, name, undefined);
  const newest = await newestEvaluation(run);
  if (!newest) throw new UsageError(`--beside ${name}: the run has no evaluation yet.`);
  return { run, source: newest.id };
}

/** Finds an evaluation without a run, by folder, or by name in `evals` next to the runs; null if none is found. */
async function findEvaluation(runs: string, name: string): Promise<string | null> {
  for (const folder of [name, join(dirname(resolve(runs)), 'evals', name)])
    if (await hasRows(folder)) return folder;
  return null;
}

type TraceOptions = OptionsOf<typeof addTraceCommand> & { eval?: string; json?: boolean };

export async function trace(name: string, options: TraceOptions, command: Command): Promise<void> {
  const { figure, json, pair: number, short } = options;
  if (short && (number === undefined || !json))
    throw new UsageError('--short has no effect without --pair and --json.');
  if (figure !== undefined) requireFigureFormat(figure);
  if (options.sees !== undefined) requireFamily(options.sees);
  const folder = await findEvaluation(options.runs, name);
  const dir = folder ?? (await requireReadable(options.runs, name, options.run));
  if (folder === null) await choose(dir, options);
  else refuseBeside(command, ['eval'], 'with an evaluation');
  const place: TraceSource = { run: dir, source: folder === null ? options.eval : '.' };
  const isEvaluation = place.source !== undefined || Boolean((await readInPlace(dir))?.evaluation);
  if (isEvaluation)
    refuseBeside(command, OF_TRAINING, options.eval === undefined ? 'with an evaluation' : 'with --eval');
  const pairs = isEvaluation
    ? await evaluated(place, number, command)
    : await trained(dir, { ...options, name }, command);
  for (const { pair, after } of pairs) {
    if (figure !== undefined) await drawFigure(figure, { pair, place }, options);
    else if (json) printJson(short ? plainValue(shortPair(pair, after)) : (after ?? pair));
    else print(pairText(pair, after));
  }
}

/** Returns a pair of an evaluation. Without a number, prints a list of the pairs. */
async function evaluated(
  place: TraceSource,
  number: number | undefined,
  command: Command,
): ReturnType<RunSteps['trained']> {
  if (number === undefined) {
    await printPairs(command, place.run, { evaluation: place.source });
    if (!command.getOptionValue('json')) note('To show the answers of a pair, add --pair with its number.');
    return [];
  }
  const pair = await openEvaluatedPair(place, ({ pair }) => pair === number);
  if (!pair)
    throw new UsageError(
      `Pair ${number} does not exist in this evaluation. To list the pairs, remove --pair.`,
    );
  return [{ pair, after: null }];
}

/** Returns the requested pairs of a training. Prints lists of pairs, and changes of the whole run. */
async function trained(
  dir: string,
  { name, pair: number, whatIf, json, ...options }: TraceOptions & { name: string },
  command: Command,
): ReturnType<RunSteps['trained']> {
  if (LISTING.some(isGiven(command))) {
    await printPairs(command, dir, { step: options.step });
    return [];
  }
  const leftOut = new LeftOutLines(dir);
  const run = stepsOf(dir, leftOut.add);
  const steps = await run.steps();
  const from = await readOrigin(dir);
  if (steps.length === 0) {
    const why = from?.origin.missing.find(({ field }) => field === 'trace')?.why;
    if (from) throw new JobError(`${name} has no completions. ${why ?? ''}`.trim());
    const newest = await newestEvaluation(dir);
    throw new JobError(`${name} has no traces. Only GRPO runs write traces.`, {
      ...(newest && {
        fix: `To list the pairs of its evaluation, run \`chirality trace ${name} --eval ${newest.id}\`.`,
      }),
    });
  }
  if (whatIf !== undefined && !(await run.whatIfConfig())) throw new JobError(await run.whyNoWhatIf());
  if (whatIf !== undefined && options.step === undefined) {
    await printRunWhatIf(run, whatIf, { json, total: steps.length });
    leftOut.end();
    return [];
  }
  const step = options.step ?? steps.at(-1)!;
  if (steps.includes(step) && [number, whatIf, json].every((option) => option === undefined)) {
    await printPairs(command, dir, { step, limit: 0 });
    note(`To show a pair, add --step ${step} and --pair with its number.`);
    return [];
  }
  const pairs = await run.trained(step, whatIf).catch(inWhatIf);
  leftOut.end();
  if (pairs.length === 0)
    throw new UsageError(`Step ${step} of ${name} ${from ? 'has no completions' : 'was not traced'}.`, {
      fix: `Of steps ${steps[0]} to ${steps.at(-1)}, ${steps.length} ${from ? 'have completions.' : 'were traced (trace.every in run.yaml).'}`,
    });
  const wanted = pairs.filter(({ pair }) => number === undefined || pair.pair === number);
  if (wanted.length === 0)
    throw new UsageError(
      `Pair ${number} does not exist. Step ${step} has ${pairs.length} pairs, numbered from 0.`,
    );
  return wanted;
}

function inWhatIf(error: unknown): never {
  throw error instanceof WhatIfError ? new UsageError(`--what-if: ${error.message}`) : error;
}

async function printRunWhatIf(
  run: RunSteps,
  text: string,
  { json, total }: { json: boolean | undefined; total: number },
): Promise<void> {
  const progress = new Progress('step', total);
  const report = await run
    .under(text, { onProgress: (share) => progress.update(Math.round(share * total)) })
    .catch(inWhatIf);
  progress.end();
  if (json) printJson(report);
  else print(formatReport(report));
}

function formatReport(report: Awaited<ReturnType<RunSteps['under']>>): string {
  const { changed, steps, pairs, completions, signs, groups, kept, coupled, effects, penalised } = report;
  const row = (name: string, { before, after }: typeof kept, counted: typeof kept) => [
    name,
    `${before}`,
    partOf(before, counted.before),
    `${after}`,
    partOf(after, counted.after),
  ];
  const all = { before: groups, after: groups };
  const now = Object.entries(changed).map(([name, { before, after }]) => `${name} ${before} ⇒ ${after}`);
  return [
    `${now.join(', ')}: ${steps} traced steps, ${pairs} pairs, ${completions} completions`,
    '',
    `advantages sign flipped  ${signs.reversed} (${partOf(signs.reversed, completions)})`,
    `                 zeroed  ${signs.silenced} (${partOf(signs.silenced, completions)})`,
    `              activated  ${signs.woken} (${partOf(signs.woken, completions)})`,
    '',
    formatTable(
      ['', 'before', '', 'after', ''],
      [
        row('groups kept', kept, all),
        ...EFFECTS.map((effect) => row(`effect ${effect}`, effects[effect], coupled)),
        ...Object.entries(penalised).map(([view, pairs]) => row(`${view} penalised`, pairs, coupled)),
      ],
    ),
  ].join('\n');
}
