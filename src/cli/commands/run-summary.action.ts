import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { metricLabel } from '../../core/labels.ts';
import { percentText, points, several, withInterval } from '../../core/format.ts';
import type { EvaluationResult } from '../../core/metrics/results.ts';
import { mean } from '../../core/numbers.ts';
import { printable } from '../../core/printable.ts';
import { parseLines, type RowReader } from '../../core/record.ts';
import { RunAlarms } from '../../core/rewards/alarms.ts';
import { readMetricsRow, type MetricsRow } from '../../core/rewards/metrics.ts';
import { curveTurns } from '../../core/rewards/curve-turns.ts';
import { originName } from '../../core/run-data/origin.ts';
import { readEvent, stepsIn } from '../../core/run-data/run-folder.ts';
import { viewLabel } from '../../core/view-list.ts';
import { newestEvaluation } from '../../lab/evaluation/folders.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { readText } from '../../lab/files/regular.ts';
import { mayBeForeign, readForeign } from '../../lab/foreign/known.ts';
import { readImport } from '../../lab/runs/list.ts';
import { readRunConfig } from '../../lab/runs/run.ts';
import { readState } from '../../lab/runs/state.ts';
import { LeftOutLines } from '../input.ts';
import { print, printJson } from '../print.ts';
import { requireReadable } from '../runs.ts';

/** What a run's files say, before anything is drawn from them. */
interface RunFiles {
  about: { program?: string; recipe?: string; preset?: string | null; steps?: number };
  status: string;
  step: number | null;
  message: string;
  rows: MetricsRow[];
  events: { step: number; kind: string; message: string }[];
  traced: readonly number[];
  evaluation: { step: number; results: EvaluationResult[] } | null;
  missing: { field: string; why: string }[];
}

/** Steps over which the ends of a curve are means, at most. */
const WINDOW = 10;
/** Curves that are shown, where a run has them; the names of all are listed. */
const CHIEF = [
  'reward',
  'reward_mirror',
  'accuracy',
  'accuracy_mirror',
  'group_reward_std',
  'frac_reward_zero_std',
  'completions/mean_length',
  'completions/clipped_ratio',
  'kl',
  'entropy',
  'grad_norm',
  'loss',
];
/** Figures of an evaluation that are shown, over all tasks. */
const SHOWN = ['accuracy', 'consistent', 'view_gap'];
/** An answer for a program is at most about 8,000 characters: so many entries of lists, and characters of a text. */
const [LISTED, CHARACTERS] = [8, 300];

const short = (value: number): number => Number(value.toPrecision(4));
const cut = (text: string): string => printable(text, CHARACTERS);

/** `chirality runs NAME`: one run, as somebody needs it who asks what happened. */
export async function showRun(
  name: string,
  { runs, run, json }: { runs: string; run?: string; json?: boolean },
): Promise<void> {
  const dir = await requireReadable(runs, name, run);
  const files = mayBeForeign(dir) ? await ofOther(dir) : await ofOwn(dir);
  const summary = summaryOf(printable(run ?? name, 100), files);
  if (json) printJson(summary);
  else print(summaryText(summary));
}

async function ofOwn(dir: string): Promise<RunFiles> {
  const read = async <T>(file: string, row: RowReader<T>): Promise<T[]> => {
    const path = join(dir, file);
    const leftOut = new LeftOutLines(path);
    const rows = parseLines(await readText(path).catch(ifMissing('')), path, row, leftOut.add);
    leftOut.end();
    return rows;
  };
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
    rows: await read('metrics.jsonl', readMetricsRow),
    events: await read('events.jsonl', readEvent),
    traced: traces.map(({ step }) => step),
    evaluation: await newestEvaluation(dir),
    missing: imported?.origin.missing ?? [],
  };
}

async function ofOther(dir: string): Promise<RunFiles> {
  const { origin, metrics, steps, ended } = await readForeign(dir);
  const rows = [...metrics].map(([step, figures]) => ({ ...figures, step }));
  return {
    about: { program: originName(origin) },
    status: ended ?? 'not known',
    step: rows.at(-1)?.step ?? null,
    message: '',
    rows,
    events: [],
    traced: steps,
    evaluation: null,
    missing: origin.missing,
  };
}

function summaryOf(name: string, files: RunFiles) {
  const { about, rows, events, traced, evaluation } = files;
  const window = Math.max(1, Math.min(WINDOW, Math.floor(rows.length / 2)));
  const names = [...new Set(rows.flatMap(Object.keys))].filter((figure) => figure !== 'step');
  const endOf = (figure: string, part: readonly MetricsRow[]) => {
    const middle = mean(part.flatMap((row) => row[figure] ?? []));
    return middle === null ? null : short(middle);
  };
  return {
    run: name,
    ...about,
    status: files.status,
    step: files.step,
    ...(files.message && { message: cut(files.message) }),
    alarms: new RunAlarms()
      .through(rows)
      .slice(0, LISTED)
      .map(({ since, kind, message }) => ({ since, kind, message: cut(message) })),
    turns: curveTurns(rows, LISTED).map(({ metric, step, before, after, size }) => ({
      metric: printable(metric, 100),
      step,
      before: short(before),
      after: short(after),
      size: short(size),
    })),
    curves: Object.fromEntries(
      CHIEF.filter((figure) => names.includes(figure)).map((figure) => [
        figure,
        { first: endOf(figure, rows.slice(0, window)), last: endOf(figure, rows.slice(-window)) },
      ]),
    ),
    window,
    metrics: names.slice(0, 100).map((figure) => printable(figure, 100)),
    traced: traced.length === 0 ? null : { first: traced[0]!, last: traced.at(-1)!, steps: traced.length },
    evaluation: evaluation && {
      step: evaluation.step,
      figures: evaluation.results
        .filter(({ slice, task, metric }) => !slice && task === 'all' && SHOWN.includes(metric))
        .slice(0, 3 * LISTED)
        .map(({ set, view, metric, value, interval, bounds, n, unparsed, chance }) => ({
          set: printable(set, 60),
          view,
          metric,
          value: value === null ? null : short(value),
          ...(bounds && { bounds: bounds.map(short) }),
          ...(interval && { interval: interval.map(short) }),
          n,
          ...(unparsed !== undefined && { unparsed }),
          ...(chance !== undefined && { chance }),
        })),
    },
    events: events.slice(-LISTED).map(({ step, kind, message }) => ({ step, kind, message: cut(message) })),
    missing: files.missing.slice(0, LISTED).map(({ field, why }) => ({ field, why: cut(why) })),
  };
}

function summaryText(summary: ReturnType<typeof summaryOf>): string {
  const { program, recipe, preset, steps, curves, window, evaluation, traced } = summary;
  const kind = program ?? [recipe, preset && `preset ${preset}`].filter(Boolean).join(', ');
  const at =
    summary.step === null ? '' : `, step ${summary.step}${steps === undefined ? '' : ` of ${steps}`}`;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`\n${title}`, ...lines.map((line) => `  ${line}`)];
  const change = (from: number | null, to: number | null) => `${from ?? '–'} → ${to ?? '–'}`;
  return [
    `${summary.run}: ${summary.status}${at} (${kind})`,
    ...(summary.message ? [`  ${summary.message}`] : []),
    ...section(
      'Alarms',
      summary.alarms.map(({ since, message }) => `from step ${since}: ${message}`),
    ),
    ...section(
      'Turns: where curves change most',
      summary.turns.map(
        ({ metric, step, before, after }) => `step ${step}: ${metric} ${change(before, after)}`,
      ),
    ),
    ...section(
      `Curves: means of the first and the last ${several(window, 'step')}`,
      Object.entries(curves).map(([metric, { first, last }]) => `${metric} ${change(first, last)}`),
    ),
    ...section(
      evaluation ? `Evaluation at step ${evaluation.step}` : '',
      (evaluation?.figures ?? []).map(
        ({ set, view, metric, n, ...figure }) =>
          `${set}, ${view === null ? 'both views' : viewLabel(view)}: ${metricLabel(metric)} ${withInterval(figure, metric === 'view_gap' ? points : percentText)}, n ${n}`,
      ),
    ),
    ...section(
      'Events',
      summary.events.map(({ step, message }) => `step ${step}: ${message}`),
    ),
    ...section(
      'Not known',
      summary.missing.map(({ field, why }) => `${field}: ${why}`),
    ),
    ...(traced ? [`\nTraces of ${several(traced.steps, 'step')}, ${traced.first} to ${traced.last}.`] : []),
  ].join('\n');
}
