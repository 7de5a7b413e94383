import { join } from 'node:path';
import { differencesAmong } from '../../core/config/changed.ts';
import { treeOf } from '../../core/config/editor/presets.ts';
import type { MeasuredRow } from '../../core/evaluation/evaluation-row.ts';
import { sureValue } from '../../core/metrics/metric.ts';
import { compareRows, correctedTests, noSharedRows } from '../../core/metrics/outcomes.ts';
import { holm } from '../../core/metrics/statistics.ts';
import {
  chosenFigure,
  refusalToCompare,
  setsOf,
  underDistinctNames,
  type Evaluation,
} from '../../core/reports/evaluation.ts';
import { rowsUnder } from '../../core/evaluation/shared-sets.ts';
import { comparedCells } from '../../core/reports/sweep/build-sweep-report.ts';
import { inEnglish } from '../../core/worlds/questions/in-english.ts';
import { readEvaluation, readScoredRows, stepEvaluations } from '../evaluation/evaluation-folders.ts';
import { stepOf } from '../runs/run-folder.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { readInPlace } from '../foreign/known.ts';
import { readSweepRuns } from '../sweeps/sweep-data.ts';
import { readPlan } from '../sweeps/sweep-folder.ts';
import {
  AgentError,
  type Answer,
  commandFor,
  cutText,
  fitting,
  indexIn,
  listed,
  LISTED_TEXT,
  picked,
} from './agent-answer.ts';
import type { Place } from '../operations/operation.ts';
import type { AgentContext } from './agent-context.ts';
import { figureRecord, isChief } from './chief-figures.ts';
import { findPlaces, placeAmong } from './places.ts';
import type { InputOf } from './agent-tools.ts';

type Input = InputOf<'compare_runs'>;

/** Maximum number of settings in an answer, and maximum number of characters of a setting's value. */
const [SETTINGS, VALUE] = [20, 60];

interface Compared {
  name: string;
  dir: string;
  evaluation: Evaluation;
  rows: readonly MeasuredRow[];
}

export async function compareRuns(input: Input, context: AgentContext): Promise<Answer> {
  const listed = await findPlaces(context.roots);
  const places: Place[] = [];
  for (const name of input.runs)
    places.push(await placeAmong(listed, context.roots, name, ['run', 'evaluation', 'sweep']));
  const sweep = places.find(({ kind }) => kind === 'sweep');
  if (sweep && places.length > 1)
    throw new AgentError('Cannot compare a sweep with other runs. Pass only the sweep.');
  if (sweep) return cellsOf(sweep);
  if (places.length < 2) throw new AgentError('Pass two to four runs or evaluations, or one sweep.');
  const read: Compared[] = [];
  for (const place of places) {
    context.signal.throwIfAborted();
    read.push(await readCompared(place, input));
  }
  const evaluations = underDistinctNames(read.map(({ evaluation }) => evaluation));
  const all = read.map(({ rows, ...each }, i): Compared => {
    const evaluation = evaluations[i]!;
    return { ...each, evaluation, rows: rowsUnder(evaluation, rows) };
  });
  const refusal = refusalToCompare(all.map(({ evaluation, name }) => ({ ...evaluation, key: name })));
  if (refusal !== null) throw new AgentError(refusal);
  const [first, ...others] = all as [Compared, ...Compared[]];
  if (input.rows) return differingRows(first, others[0]!, input);
  const tests = others.flatMap((other) => testsOf(first, other));
  const sets = [...new Set(all.flatMap(({ evaluation }) => setsOf([evaluation])))];
  const unfair = unfairness(all, tests.length);
  const value = {
    differs: await settingsThatDiffer(places),
    figures: all.flatMap(({ name, evaluation }) =>
      evaluation.figures
        .filter((figure) => isChief(figure) && isWanted(input, figure.set, figure.view ?? 'both'))
        .slice(0, 10)
        .map((figure) => ({ run: name, step: evaluation.step, ...figureRecord(figure) })),
    ),
    paired: tests.filter(({ set, view }) => isWanted(input, set, view)),
    ...(sets.length > 1 && { sets }),
    ...(unfair.length > 0 && { unfair }),
    notes: [
      'The first test of each comparison is its main result. The p values of its other tests are Holm-corrected.',
      'Only one run of each kind is compared. The tests cover these runs and rows, not other seeds.',
    ],
    see: commandFor('report --compare', [first.name, others[0]!.name]),
  };
  const { figures, ...rest } = value;
  return { value: { ...rest, figures: fitting(rest, figures) } };
}

const isWanted = ({ set, view }: Input, ofSet: string, ofView: string): boolean =>
  (set === undefined || set === ofSet) && (view === undefined || view === ofView);

async function readCompared(place: Place, { checkpoint }: Input): Promise<Compared> {
  const dir = place.kind === 'evaluation' ? place.path : await evaluationIn(place, checkpoint);
  const evaluation = await readEvaluation(dir, undefined, { sets: false });
  return { name: place.name, dir, evaluation, rows: await readScoredRows(dir) };
}

/** Returns the folder of a run's evaluation at a checkpoint. @throws AgentError with the available steps */
async function evaluationIn({ path, name }: Place, checkpoint: string): Promise<string> {
  if ((await readInPlace(path))?.evaluation) return path;
  const all = await stepEvaluations(path, () => undefined);
  if (all.length === 0) throw new AgentError(`${name} has no evaluation. Run \`chirality eval ${name}\`.`);
  const checks = all.filter(({ id }) => stepOf(id) !== null);
  const some = checks.length > 0 ? checks : all;
  const accuracy = ({ figures }: (typeof all)[number]) => {
    const figure = chosenFigure({ figures } as Evaluation, figures[0]?.set ?? '', 'accuracy');
    return (figure && sureValue(figure)) ?? -1;
  };
  const chosen =
    checkpoint === 'last'
      ? some.at(-1)
      : checkpoint === 'best'
        ? some.reduce((best, other) => (accuracy(other) > accuracy(best) ? other : best))
        : some.find(({ step }) => step === Number(checkpoint));
  if (chosen) return join(path, 'eval', chosen.id);
  throw new AgentError(
    `${name} has no evaluation at step ${checkpoint}. Evaluations: ${all
      .map(({ id }) => id)
      .slice(-12)
      .join(', ')}.`,
  );
}

/** Returns the tests of the report on two evaluations, the main test first. No tests without shared rows. */
function testsOf(first: Compared, second: Compared) {
  const shared = compareRows(first.rows, second.rows);
  const tested = shared.length === 0 ? [] : correctedTests(shared);
  return tested.map(({ rows, test }) => ({
    of: second.name,
    against: first.name,
    set: rows.every(({ set }) => set === rows[0]!.set) ? rows[0]!.set : 'all sets',
    view: rows[0]!.view,
    ...picked(test, 'difference', 'bounds', 'not_judged', 'interval', 'p', 'n'),
    only_of: test.only_second,
    only_against: test.only_first,
  }));
}

/** Returns differences between evaluations, except their models, that might explain a difference in results. */
function unfairness(all: readonly Compared[], tests: number): string[] {
  const [first, ...others] = all as [Compared, ...Compared[]];
  const notes =
    tests === 0 ? others.map(({ name, rows }) => noSharedRows([first.rows, rows], [first.name, name])) : [];
  for (const { name, evaluation, rows } of others) {
    const [a, b] = [first.evaluation, evaluation];
    if (a.strategy !== b.strategy)
      notes.push(`${name} uses another prompting strategy (${b.strategy}, not ${a.strategy}).`);
    const details = [...new Set([...Object.keys(a.details), ...Object.keys(b.details)])];
    for (const key of details
      .filter((field) => field !== 'data' && a.details[field] !== b.details[field])
      .slice(0, 4))
      notes.push(`${name} differs in ${key}: ${b.details[key] ?? 'none'}, not ${a.details[key] ?? 'none'}.`);
    if (rows.length !== first.rows.length)
      notes.push(
        `${name} has ${rows.length} answers and ${first.name} has ${first.rows.length}. The tests cover only shared rows.`,
      );
  }
  return notes.map((note) => cutText(note, 200));
}

async function settingsThatDiffer(places: readonly Place[]): Promise<Record<string, (string | null)[]>> {
  const configs: string[] = [];
  for (const { path } of places) configs.push(await readText(join(path, 'run.yaml')).catch(ifMissing('')));
  if (configs.some((text) => text === '')) return {};
  const value = (text: string | null) => text && cutText(text.replace(/^.*[/\\](?=[^/\\]+$)/, ''), VALUE);
  return Object.fromEntries(
    differencesAmong(configs.map(treeOf))
      .slice(0, SETTINGS)
      .map(({ path, values }) => [path, values.map(value)]),
  );
}

/** Returns the rows whose outcome differs between two evaluations. */
function differingRows(first: Compared, other: Compared, input: Input): Answer {
  const { rows: outcome, limit, cursor } = input;
  const differing = compareRows(first.rows, other.rows).filter(
    (row) => row.outcome === outcome && isWanted(input, row.set, row.view),
  );
  const head = { first: first.name, second: other.name, outcome, total: differing.length };
  const from = indexIn(cursor);
  const items = differing.slice(from).map(({ id, set, view, question, answer, first: a, second: b }) => ({
    id,
    set,
    view,
    question: inEnglish(question),
    reference: answer,
    answers: [a, b],
  }));
  return listed(head, 'rows', items, { from, limit, longest: 2 * LISTED_TEXT });
}

/** Returns the conditions of a sweep. Each other condition is compared with the first condition. */
async function cellsOf({ path, name }: Place): Promise<Answer> {
  const plan = await readPlan(path);
  if (!plan) throw new AgentError(`The sweep.yaml of ${name} no longer exists. Call list_runs again.`);
  const runs = await readSweepRuns(path, plan);
  const unfinished = runs.filter(({ status }) => status !== 'finished').length;
  const { figure: compares, cells: results } = comparedCells(plan, runs);
  const corrected = holm(results.map(({ against }) => against?.p));
  const cells = results.map(({ name: cell, figure, rows, against }, i) => ({
    cell,
    seeds: figure?.n ?? 0,
    value: figure?.mean ?? null,
    bounds: figure?.bounds,
    interval: figure?.interval,
    rows,
    ...(against && {
      difference: against.mean,
      difference_interval: against.interval,
      p: against.p ?? null,
      p_corrected: corrected[i],
    }),
  }));
  const head = {
    sweep: name,
    figure: compares,
    against: results[0]?.name ?? null,
    runs: runs.length,
    ...(unfinished > 0 && { provisional: `${unfinished} of ${runs.length} runs are not finished.` }),
    notes: [
      plan.seeds.length > 1
        ? 'Intervals and p-values are over seeds and images. The values p_corrected are Holm-corrected.'
        : 'With only one seed, intervals and p-values are over images and do not cover other seeds.',
    ],
    see: commandFor('sweep report', [name]),
  };
  return { value: { ...head, cells: fitting(head, cells) } };
}
