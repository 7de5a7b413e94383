import { basename } from 'node:path';
import { loadRun } from '../../core/config/load.ts';
import { configDifferences } from '../../core/config/changed.ts';
import { treeOf } from '../../core/config/editor/presets.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { Tree } from '../../core/config/tree.ts';
import { mean } from '../../base/numbers.ts';
import { nearest } from '../../base/problem.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import { readEvent } from '../runs/run-folder.ts';
import { evaluationsOfRun, readResults } from '../evaluation/evaluation-folders.ts';
import { rowsOfSteps } from '../foreign/foreign-alarms.ts';
import { mayBeForeign, readForeign, readInPlace } from '../foreign/known.ts';
import { readPreset } from '../library.ts';
import { readRunConfig } from '../runs/make-run.ts';
import { readState } from '../runs/state.ts';
import { readPlan, sweepRun } from '../sweeps/sweep-folder.ts';
import { stepsOf } from '../traces/run-steps.ts';
import {
  AgentError,
  type Answer,
  commandFor,
  cutText,
  fitting,
  indexIn,
  listed,
  picked,
} from './agent-answer.ts';
import type { Place } from '../operations/operation.ts';
import { linesOf, type AgentContext } from './agent-context.ts';
import { figureRecord } from './chief-figures.ts';
import { placeOf } from './places.ts';
import { runSummary } from './run-report.ts';
import type { InputOf } from './agent-tools.ts';

type Input = InputOf<'read_run'>;

/** Maximum number of points of all curves in an answer, and maximum number of characters of a message. */
const [POINTS, MESSAGE] = [160, 300];

export async function readRun(input: Input, context: AgentContext): Promise<Answer> {
  const place = await placeOf(context.roots, input.run, ['run', 'sweep']);
  if (place.kind === 'sweep') return ofSweep(place, input);
  return PARTS[input.part](place, input, context);
}

const PARTS: Record<Input['part'], (place: Place, input: Input, context: AgentContext) => Promise<Answer>> = {
  async summary({ path, name }) {
    const { summary, leftOut } = await runSummary(name, path);
    return { value: { ...summary, ...leftOutNote(leftOut), see: commandFor('runs', [name]) } };
  },

  async metrics({ path, name }, input) {
    const { rows, leftOut } = mayBeForeign(path)
      ? await foreignRows(path)
      : await linesOf(path, 'metrics.jsonl', readMetricsRow);
    if (rows.length === 0) throw new AgentError(`${name} has no curves yet.`);
    const { first_step: first = 0, last_step: last = Infinity } = input;
    const within = rows.filter(({ step }) => step >= first && step <= last);
    if (within.length === 0)
      throw new AgentError(
        `${name} has no steps from ${first} to ${last}. Its steps are ${rows[0]!.step} to ${rows.at(-1)!.step}.`,
      );
    const names = input.metrics ?? ['reward', 'accuracy'];
    const curves = [...new Set(rows.flatMap(Object.keys))];
    for (const metric of names)
      if (!curves.includes(metric)) {
        const near = nearest(metric, curves);
        throw new AgentError(
          `${name} has no curve "${metric}".${near ? ` Did you mean "${near}"?` : ''} For the names, call read_run with part "summary".`,
        );
      }
    const points = Math.min(input.points, Math.max(2, Math.floor(POINTS / names.length)), within.length);
    const stretches = Array.from({ length: points }, (_, i) =>
      within.slice(Math.floor((i * within.length) / points), Math.floor(((i + 1) * within.length) / points)),
    );
    return {
      value: {
        run: name,
        columns: ['first', 'last', 'mean', 'min', 'max'],
        metrics: Object.fromEntries(
          names.map((metric) => [metric, stretches.map((rows) => stretch(rows, metric))]),
        ),
        ...leftOutNote(leftOut),
        see: commandFor('runs', [name]),
      },
    };
  },

  async config({ path, name }) {
    if (mayBeForeign(path)) throw new AgentError(`${name} is an external run without a Chirality config.`);
    const config = await readRunConfig(path);
    const before = presetTree(config.preset ?? null);
    const changed = settingsBeside(before ?? {}, config);
    const head = {
      run: name,
      preset: config.preset ?? null,
      recipe: config.recipe,
      engine: config.engine.kind,
      steps: config.steps,
      data: { train: fileName(config.data.train), eval: mapped(config.data.eval, fileName) },
    };
    const entries = changed.map(({ path: field, before: preset, after }) => ({
      at: field,
      ...(before && { preset }),
      value: asText(after),
    }));
    return { value: { ...head, [before ? 'changed' : 'settings']: fitting(head, entries) } };
  },

  async events({ path, name }, { cursor }) {
    const { rows, leftOut } = await linesOf(path, 'events.jsonl', readEvent);
    const from = indexIn(cursor);
    const events = rows.slice(from).map((event) => picked(event, 'step', 'kind', 'message'));
    const head = { run: name, total: rows.length, ...leftOutNote(leftOut) };
    return listed(head, 'events', events, { from, longest: MESSAGE });
  },

  async evaluations({ path, name }, { cursor }) {
    if ((await readInPlace(path))?.evaluation)
      throw new AgentError(`${name} is an external evaluation. For its metrics, call compare_runs.`);
    const figures: object[] = [];
    for (const dir of (await evaluationsOfRun(path)).reverse())
      for (const result of (await readResults(dir)) ?? [])
        if (!result.slice) figures.push({ evaluation: basename(dir), ...figureRecord(result) });
    // Puts metrics over all tasks before other metrics, because they are the most important.
    const newest = figures.toSorted((a, b) => Number('task' in a) - Number('task' in b));
    const from = indexIn(cursor);
    return listed({ run: name, total: newest.length }, 'figures', newest.slice(from), { from });
  },

  async what_if({ path, name }, { what_if: text }, { signal }) {
    if (text === undefined) throw new AgentError('what_if is not set. Pass settings, for example "eta=2".');
    const run = stepsOf(path, () => undefined);
    const report = await run.under(text, { signal });
    const notes = ['The completions are not sampled again.'];
    return { value: { run: name, ...report, notes, see: commandFor('trace', [name], '--what-if', text) } };
  },
};

/** Returns the settings in which two configs differ, except their data and the name of the preset. */
export const settingsBeside = (before: Tree, config: RunConfig) =>
  configDifferences(before, config).filter(
    ({ path, after }) => after !== undefined && !/^data(?:\.|$)|^preset$/.test(path),
  );

/** Returns the values of a preset, or null if `name` is null. */
export function presetTree(name: string | null): Tree | null {
  const text = name === null ? null : readPreset(name);
  if (text === null) return null;
  const written = treeOf(text);
  // Fills in defaults, so that a comparison shows only chosen values.
  const whole = { ...written, data: { train: 'train.qa.jsonl', ...(written.data as Tree | undefined) } };
  return (loadRun(JSON.stringify(whole), 'preset', readPreset).config as Tree | null) ?? written;
}

const fileName = (path: unknown): unknown => (typeof path === 'string' ? path.split(/[/\\]/).at(-1)! : path);
const mapped = (record: Record<string, unknown>, map: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
const asText = (value: unknown): unknown =>
  typeof value === 'string'
    ? cutText(value.replace(/^.*[/\\](?=[^/\\]+$)/, ''), MESSAGE)
    : typeof value === 'object'
      ? cutText(JSON.stringify(value), MESSAGE)
      : value;

const leftOutNote = (leftOut: readonly string[]): { notes?: string[] } =>
  leftOut.length === 0 ? {} : { notes: [`Excluded ${leftOut.length} unreadable lines or files.`] };

async function foreignRows(dir: string): Promise<{ rows: MetricsRow[]; leftOut: string[] }> {
  const { metrics, problems } = await readForeign(dir);
  return { rows: rowsOfSteps(metrics), leftOut: problems };
}

/** Returns first and last step, mean, minimum and maximum of a metric in an interval; nulls if it has no values. */
function stretch(rows: readonly MetricsRow[], name: string): (number | null)[] {
  const values = rows.flatMap((row) => row[name] ?? []);
  const ends = [rows[0]!.step, rows.at(-1)!.step];
  if (values.length === 0) return [...ends, null, null, null];
  const least = values.reduce((a, b) => Math.min(a, b));
  const most = values.reduce((a, b) => Math.max(a, b));
  return [...ends, mean(values), least, most];
}

async function ofSweep({ path, name }: Place, { part }: Input): Promise<Answer> {
  if (part !== 'summary')
    throw new AgentError(`${name} is a sweep. Read the part "summary", or call compare_runs.`);
  const plan = await readPlan(path);
  if (!plan) throw new AgentError(`The sweep.yaml of ${name} no longer exists. Call list_runs again.`);
  const runs: { run: string; status: string; step?: number; steps?: number }[] = [];
  for (const { name: run } of plan.runs) {
    const state = await readState(sweepRun(path, run)).catch(() => null);
    runs.push({
      run,
      status: state?.status ?? 'waiting',
      ...(state && { step: state.step, steps: state.steps }),
    });
  }
  const counts: Record<string, number> = {};
  for (const { status } of runs) counts[status] = (counts[status] ?? 0) + 1;
  const head = {
    sweep: name,
    about: cutText(plan.about, MESSAGE),
    cells: plan.cells.slice(0, 40),
    seeds: plan.seeds.slice(0, 40),
    compares: plan.compare,
    counts,
    see: commandFor('sweep status', [name]),
  };
  return { value: { ...head, runs: fitting(head, runs), total: runs.length } };
}
