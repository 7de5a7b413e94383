import { percentText, points, several, withInterval } from '../../base/format.ts';
import { metricLabel } from '../../base/labels.ts';
import { viewLabel } from '../../rows/view-list.ts';
import { runSummary, type RunSummary } from '../../lab/agent/run-report.ts';
import { LeftOutLines } from '../input.ts';
import { print, printJson } from '../print.ts';
import { requireReadable } from '../find-runs.ts';

/** `chirality runs NAME`: one run, as somebody needs it who asks what happened. */
export async function showRun(
  name: string,
  { runs, run, json }: { runs: string; run?: string; json?: boolean },
): Promise<void> {
  const dir = await requireReadable(runs, name, run);
  const { summary, leftOut } = await runSummary(run ?? name, dir);
  const lines = new LeftOutLines(dir);
  for (const message of leftOut) lines.add({ name: '', message });
  lines.end();
  if (json) printJson(summary);
  else print(summaryText(summary));
}

function summaryText(summary: RunSummary): string {
  const { program, recipe, preset, steps, curves, window, evaluation, traced, verified } = summary;
  const kind = program ?? [recipe, preset && `preset ${preset}`].filter(Boolean).join(', ');
  const place =
    summary.step === null ? '' : `, step ${summary.step}${steps === undefined ? '' : ` of ${steps}`}`;
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`\n${title}`, ...lines.map((line) => `  ${line}`)];
  const change = (from: number | null, to: number | null) => `${from ?? '–'} → ${to ?? '–'}`;
  return [
    `${summary.run}: ${summary.status}${place} (${kind})`,
    ...(summary.message ? [`  ${summary.message}`] : []),
    ...section(
      'Alarms',
      summary.alarms.map(({ since, message }) => `from step ${since}: ${message}`),
    ),
    ...section(
      'Turning points: largest changes of curves',
      summary.turns.map(
        ({ metric, step, before, after }) => `step ${step}: ${metric} ${change(before, after)}`,
      ),
    ),
    ...section(
      `Curves: means of the first and last ${several(window, 'step')}`,
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
      'Missing',
      summary.missing.map(({ field, why }) => `${field}: ${why}`),
    ),
    ...(verified === undefined
      ? []
      : [`\nVerified: ${several(verified, 'step')}, recomputed from the folder.`]),
    ...(traced ? [`\nTraces of ${several(traced.steps, 'step')}, ${traced.first} to ${traced.last}.`] : []),
  ].join('\n');
}
