import { ask, orUsage } from '../operation-command.ts';
import { note, printJson, print, tell } from '../print.ts';
import { UsageError, JobError } from '../errors.ts';
import { type PlacedPair, writePairFigure, requireFigureFormat } from '../write-pair-figure.ts';
import type { TraceSource, ListedPair } from '../../core/run-data/trace-summary.ts';
import { requireReadable } from '../find-runs.ts';
import { newestEvaluation } from '../../lab/evaluation/evaluation-folders.ts';
import { join, dirname, resolve } from 'node:path';
import { listPairs } from '../../lab/operations/pairs.ts';
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
import { otherSettings, stepsOf, readOrigin, type RunSteps } from '../../lab/traces/run-steps.ts';
import { partOf, several } from '../../base/format.ts';
import { assess } from '../../core/rewards/assess.ts';
import type { RecordedPair, TracedPair } from '../../core/run-data/trace.ts';
import type { WhatIfReport } from '../../core/run-data/what-if.ts';
import { EFFECTS } from '../../core/rewards/advantages.ts';
import { WhatIfError } from '../../core/run-data/what-if-settings.ts';
import { whatIfRun } from '../../lab/runs/trace-files.ts';
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

/** Opens the first selected pair of an evaluation; null if no pair matches. @throws UsageError without an evaluation */
async function openEvaluatedPair(
  { run, source: evaluation }: TraceSource,
  isWanted: (row: ListedPair) => boolean,
): Promise<RecordedPair | null> {
  const input = listPairs.input.parse({ run, evaluation, limit: 0 });
  const { signal } = new AbortController();
  const { pairs = [] } = await listPairs.run(input, { roots: [], signal }).catch(orUsage);
  const wanted = pairs.find(isWanted);
  return wanted ? (await indexOf({ run, source: evaluation }).open(wanted)).pair : null;
}

/** Prints a list of the rows of an evaluation, or one row with its completions. */
async function printEvaluation(
  dir: string,
  options: TraceOptions,
  command: Command,
  source = options.eval,
): Promise<void> {
  const { pair: number, json, short } = options;
  if (number === undefined) {
    await printPairs(command, dir, { evaluation: source });
    if (!json) note('To show the answers of a pair, add --pair with its number.');
    return;
  }
  const place = { run: dir, source };
  const pair = await openEvaluatedPair(place, ({ pair }) => pair === number);
  if (!pair)
    throw new UsageError(
      `Pair ${number} does not exist in this evaluation. To list the pairs, remove --pair.`,
    );
  if (options.figure !== undefined) await drawFigure(options.figure, { pair, place }, options);
  else if (json) printJson(short ? plainValue(shortPair(pair)) : pair);
  else print(pairText(pair, null));
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
  if (options.short && (options.pair === undefined || !options.json))
    throw new UsageError('--short has no effect without --pair and --json.');
  if (options.figure !== undefined) requireFigureFormat(options.figure);
  if (options.sees !== undefined) requireFamily(options.sees);
  const evaluation = await findEvaluation(options.runs, name);
  if (evaluation !== null) {
    refuseBeside(command, ['eval', ...OF_TRAINING], 'with an evaluation');
    return printEvaluation(evaluation, options, command, '.');
  }
  const dir = await requireReadable(options.runs, name, options.run);
  await choose(dir, options);
  if (options.eval !== undefined) {
    refuseBeside(command, OF_TRAINING, 'with --eval');
    return printEvaluation(dir, options, command);
  }
  if ((await readInPlace(dir))?.evaluation) {
    refuseBeside(command, OF_TRAINING, 'with an evaluation');
    return printEvaluation(dir, options, command);
  }
  if (LISTING.some(isGiven(command))) return printPairs(command, dir, { step: options.step });
  const leftOut = new LeftOutLines(dir);
  const run = stepsOf(dir, leftOut.add);
  const steps = await run.steps();
  if (steps.length === 0) {
    const from = await readOrigin(dir);
    const why = from?.origin.missing.find(({ field }) => field === 'trace')?.why;
    if (from) throw new JobError(`${name} has no completions. ${why ?? ''}`.trim());
    const newest = await newestEvaluation(dir);
    throw new JobError(`${name} has no traces. Only GRPO runs write traces.`, {
      ...(newest && {
        fix: `To list the pairs of its evaluation, run \`chirality trace ${name} --eval ${newest.id}\`.`,
      }),
    });
  }
  if (options.whatIf !== undefined && options.step === undefined) {
    await printRunWhatIf(run, options.whatIf, options.json ?? false);
    leftOut.end();
    return;
  }
  const step = options.step ?? steps.at(-1)!;
  if (
    steps.includes(step) &&
    [options.pair, options.whatIf, options.json].every((option) => option === undefined)
  ) {
    await printPairs(command, dir, { step, limit: 0 });
    note(`To show a pair, add --step ${step} and --pair with its number.`);
    return;
  }
  const pairs = await run.pairs(step);
  leftOut.end();
  if (pairs.length === 0) {
    const from = await readOrigin(dir);
    throw new UsageError(`Step ${step} of ${name} ${from ? 'has no completions' : 'was not traced'}.`, {
      fix: `Of steps ${steps[0]} to ${steps.at(-1)}, ${steps.length} ${from ? 'have completions.' : 'were traced (trace.every in run.yaml).'}`,
    });
  }
  const after = options.whatIf === undefined ? null : await stepWhatIf(run, pairs, options.whatIf);
  const wanted = pairs
    .map((pair, p) => ({ pair, after: after?.[p] ?? null }))
    .filter(({ pair }) => options.pair === undefined || pair.pair === options.pair);
  if (wanted.length === 0)
    throw new UsageError(
      `Pair ${options.pair} does not exist. Step ${step} has ${pairs.length} pairs, numbered from 0.`,
    );
  for (const { pair, after } of wanted) {
    if (options.figure !== undefined)
      await drawFigure(options.figure, { pair: { kind: 'trained', ...pair }, place: { run: dir } }, options);
    else if (options.json)
      printJson(options.short ? plainValue(shortPair({ kind: 'trained', ...pair }, after)) : (after ?? pair));
    else print(pairText({ kind: 'trained', ...pair }, after));
  }
}

/** Returns the pairs of a step, recalculated with other settings such as `eta=2,scope=pair`. */
async function stepWhatIf(run: RunSteps, step: readonly TracedPair[], text: string): Promise<TracedPair[]> {
  const { settings } = await readSettings(run, step, text);
  return assess(step, settings);
}

async function printRunWhatIf(run: RunSteps, text: string, json: boolean): Promise<void> {
  const steps = await run.steps();
  const { settings, changed } = await readSettings(run, await run.pairs(steps[0]!), text);
  const progress = new Progress('step', steps.length);
  const report = await whatIfRun(run, settings, {
    onProgress: (share) => progress.update(Math.round(share * steps.length)),
  });
  progress.end();
  if (json) printJson({ changed, ...report });
  else print(formatReport(report, changed));
}

async function readSettings(run: RunSteps, step: readonly TracedPair[], text: string) {
  if (!(await run.whatIfConfig())) throw new JobError(await run.whyNoWhatIf());
  return otherSettings(run, step, text).catch((error: unknown) => {
    throw error instanceof WhatIfError ? new UsageError(`--what-if: ${error.message}`) : error;
  });
}

function formatReport(
  report: WhatIfReport,
  changed: Awaited<ReturnType<typeof readSettings>>['changed'],
): string {
  const { steps, pairs, completions, signs, groups, kept, coupled, effects, penalised } = report;
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
