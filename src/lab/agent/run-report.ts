import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { mean } from '../../base/numbers.ts';
import { printable } from '../../base/printable.ts';
import { RunAlarms, type PlacedAlarm } from '../../core/rewards/alarms.ts';
import { curveTurns, type CurveTurn } from './curve-turns.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics-row.ts';
import { originName } from '../../core/run-data/origin.ts';
import { readEvent, stepsIn } from '../runs/run-folder.ts';
import { newestEvaluation } from '../evaluation/evaluation-folders.ts';
import { ifMissing } from '../files/disk-error.ts';
import { rowsOfSteps } from '../foreign/foreign-alarms.ts';
import { mayBeForeign, readForeign } from '../foreign/known.ts';
import { readImport } from '../runs/listed-runs.ts';
import { readRunConfig } from '../runs/make-run.ts';
import { readState } from '../runs/state.ts';
import { verifiedSteps } from '../runs/verified.ts';
import { plainValue } from './agent-answer.ts';
import { linesOf } from './agent-context.ts';
import { figureRecord, isChief } from './chief-figures.ts';

/** Contents of the files in a run's folder. */
interface RunFiles {
  about: { program?: string; recipe?: string; preset?: string | null; steps?: number };
  status: string;
  step: number | null;
  message: string;
  rows: MetricsRow[];
  events: { step: number; kind: string; message: string }[];
  traced: readonly number[];
  /** Number of steps whose values were recomputed from the run's folder. */
  verified: number | null;
  evaluation: { step: number; results: EvaluationResult[] } | null;
  missing: { field: string; why: string }[];
  /** Reasons why some lines of the run's files are unreadable. */
  leftOut: string[];
}

/** Maximum number of steps that are averaged at each end of a curve. */
const WINDOW = 10;
/** Names of the curves that the summary shows if the run has them. It lists other curves only by name. */
const CHIEF = `reward reward_mirror accuracy accuracy_mirror group_reward_std frac_reward_zero_std
  completions/mean_length completions/clipped_ratio kl entropy grad_norm loss`.split(/\s+/);
/** Maximum number of list entries, and of characters of a text, in an answer of about 8,000 characters. */
const [LISTED, CHARACTERS] = [8, 300];

const cut = (text: string): string => printable(text, CHARACTERS);

export async function runSummary(name: string, dir: string) {
  const files = mayBeForeign(dir) ? await ofOther(dir) : await ofOwn(dir);
  // Formatting rounds these numbers, and rounding twice would differ from the report.
  const summary = plainValue(summaryOf(printable(name, 100), files), [], 15) as RunSummary;
  return { summary, leftOut: files.leftOut };
}

export type RunSummary = ReturnType<typeof summaryOf>;

async function ofOwn(dir: string): Promise<RunFiles> {
  const metrics = await linesOf(dir, 'metrics.jsonl', readMetricsRow);
  const events = await linesOf(dir, 'events.jsonl', readEvent);
  const [state, imported] = [await readState(dir), await readImport(dir)];
  const config = imported ? null : await readRunConfig(dir);
  const traces = stepsIn(await readdir(join(dir, 'traces')).catch(ifMissing([])), '.jsonl');
  return {
    about: imported
      ? { program: originName(imported.origin) }
      : { recipe: config!.recipe, preset: config!.preset ?? null, steps: config!.steps },
    status: state?.status ?? (imported ? 'imported' : 'empty'),
    step: state?.step ?? imported?.last_step ?? null,
    message: state?.message ?? '',
    rows: metrics.rows,
    events: events.rows,
    traced: traces.map(({ step }) => step),
    verified: await verifiedSteps(dir),
    evaluation: await newestEvaluation(dir),
    missing: imported?.origin.missing ?? [],
    leftOut: [...metrics.leftOut, ...events.leftOut],
  };
}

async function ofOther(dir: string): Promise<RunFiles> {
  const { origin, metrics, steps, ended, problems } = await readForeign(dir);
  const rows = rowsOfSteps(metrics);
  return {
    about: { program: originName(origin) },
    status: ended ?? 'unknown',
    step: rows.at(-1)?.step ?? null,
    message: '',
    rows,
    events: [],
    traced: steps,
    verified: null,
    evaluation: null,
    missing: origin.missing,
    leftOut: problems,
  };
}

/** Cache of alarms and changes by rows. For ten thousand steps, computing them takes longer than reading the rows. */
const leadsByRows = new WeakMap<readonly MetricsRow[], { alarms: PlacedAlarm[]; turns: CurveTurn[] }>();

function leadsOf(rows: readonly MetricsRow[]) {
  const leads = leadsByRows.get(rows) ?? {
    alarms: new RunAlarms().through(rows),
    turns: curveTurns(rows, LISTED),
  };
  leadsByRows.set(rows, leads);
  return leads;
}

function summaryOf(name: string, files: RunFiles) {
  const { about, rows, events, traced, evaluation } = files;
  const leads = leadsOf(rows);
  const window = Math.max(1, Math.min(WINDOW, Math.floor(rows.length / 2)));
  const names = [...new Set(rows.flatMap(Object.keys))].filter((figure) => figure !== 'step');
  const endOf = (figure: string, part: readonly MetricsRow[]) =>
    mean(part.flatMap((row) => row[figure] ?? []));
  return {
    run: name,
    ...about,
    status: files.status,
    step: files.step,
    ...(files.message && { message: cut(files.message) }),
    alarms: leads.alarms
      .slice(0, LISTED)
      .map(({ since, kind, message }) => ({ since, kind, message: cut(message) })),
    turns: leads.turns.map((turn) => ({ ...turn, metric: printable(turn.metric, 100) })),
    curves: Object.fromEntries(
      CHIEF.filter((figure) => names.includes(figure)).map((figure) => [
        figure,
        { first: endOf(figure, rows.slice(0, window)), last: endOf(figure, rows.slice(-window)) },
      ]),
    ),
    window,
    metrics: names.slice(0, 100).map((figure) => printable(figure, 100)),
    ...(files.verified !== null && { verified: files.verified }),
    traced: traced.length === 0 ? null : { first: traced[0]!, last: traced.at(-1)!, steps: traced.length },
    evaluation: evaluation && {
      step: evaluation.step,
      figures: evaluation.results
        .filter(isChief)
        .slice(0, 3 * LISTED)
        .map((figure) => ({ ...figureRecord(figure), set: printable(figure.set, 60) })),
    },
    events: events.slice(-LISTED).map(({ step, kind, message }) => ({ step, kind, message: cut(message) })),
    missing: files.missing.slice(0, LISTED).map(({ field, why }) => ({ field, why: cut(why) })),
  };
}
