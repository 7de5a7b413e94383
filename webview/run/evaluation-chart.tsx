import { ofRows, percentsText, percentText, thousands } from '../../src/base/format.ts';
import { metricLabel, taskLabel } from '../../src/base/labels.ts';
import { useMemo } from 'preact/hooks';
import { Chart, Scrollable } from './chart.tsx';
import { Heads } from '../ui/parts.tsx';
import type { Drawing } from './plot.ts';
import { spanOf } from './x-axis.ts';
import { usePage, type OpenRun } from './run-panel-state.ts';
import { VERDICTS, type Verdict } from '../../src/core/answers/pair-verdict.ts';
import { endsOf } from '../../src/core/metrics/metric.ts';
import type { EvaluationResult } from '../../src/core/evaluation/results.ts';
import type { XAxis } from '../../src/panels/run/run.contract.ts';
import { labelled, type Curve, branchSteps, fromStep } from './curves.ts';
import type { Level } from './chart-marks.ts';
import { tooMany } from './sections.ts';
import type { Meaning } from '../ui/theme.ts';
import { MIRROR, ORIGINAL, viewLabel } from '../../src/rows/view-list.ts';

interface EvaluationChartProps {
  spec: EvaluationSpec;
  runs: OpenRun[];
  pick: (x: number) => void;
}

/** Chart of the runs' evaluations: few points, each with its interval, and levels of chance and image-free bound. */
export function EvaluationChart({ spec, runs, pick }: EvaluationChartProps) {
  const { choices, revision } = usePage();
  const { x, range } = choices;
  // Whether some values are bounds. If so, the parts cannot be stacked as areas.
  const isOpen = runs.some(({ news }) =>
    news.evaluations.some(({ figures }) =>
      figures.some((figure) => figure.bounds && spec.line(figure) !== null),
    ),
  );
  // Stack values only for several evaluations, because a single evaluation has no area, and only values without bounds.
  const stacked = spec.stacked === true && !isOpen && runs.some(({ news }) => news.evaluations.length > 1);
  const drawing = useMemo((): Drawing => {
    return {
      ...evaluationCurves(spec, runs, x),
      compared: runs.length > 1,
      stacked,
      shares: true,
      log: false,
      axis: x,
      // Widen the range, so that points at the ends of the range are not clipped.
      range: range ?? (stacked ? spanOf(runs, choices) : widened(spanOf(runs, choices))),
      marks: [],
      dots: !stacked,
    };
  }, [revision, x, range, spec.id]);
  const empty = drawing.curves.every(({ x }) => x.length === 0);
  return (
    <div class="cell">
      <Chart
        {...{ id: spec.id, title: spec.title, about: spec.about, drawing, pick }}
        instead={empty ? <p class="instead">No evaluation has this metric.</p> : undefined}
        table={<Figures spec={spec} runs={runs} />}
      />
    </div>
  );
}

const widened = ([from, to]: [number, number]): [number, number] => {
  const margin = 0.06 * (to - from || 1);
  return [from - margin, to + margin];
};

const HEADS = ['Step', 'Metric', 'Value', '95% interval', 'Chance', 'Rows', 'Unreadable'];

function Figures({ spec, runs }: { spec: EvaluationSpec; runs: OpenRun[] }) {
  const rows = runs.flatMap(({ name, news }) =>
    news.evaluations.flatMap(({ place, figures }) =>
      figures.flatMap((found) => {
        const label = spec.line(found);
        return label === null ? [] : [{ name, label, step: place.step, ...found }];
      }),
    ),
  );
  // Omit the column "Not scored" if all answers are scored, which is usual.
  const lacking = rows.some(({ not_judged: none }) => none !== undefined);
  const heads = lacking ? [...HEADS, 'Not scored'] : HEADS;
  return (
    <Scrollable label={spec.title}>
      <Heads columns={runs.length > 1 ? ['Run', ...heads] : heads} />
      <tbody>
        {rows.map(({ name, label, step, interval, chance, chance_n, n, unparsed, not_judged, ...told }) => (
          <tr key={`${name} ${step} ${label}`}>
            {runs.length > 1 && <th scope="row">{name}</th>}
            <td>{thousands(step)}</td>
            <td class="word">{label}</td>
            <td>{percentsText(endsOf(told))}</td>
            <td>{interval ? percentsText([interval[0], interval[1]]) : '–'}</td>
            <td>{ofRows(percentText(chance), chance_n)}</td>
            <td>{thousands(n)}</td>
            <td>{unparsed ?? '–'}</td>
            {lacking && <td>{not_judged ?? '–'}</td>}
          </tr>
        ))}
      </tbody>
    </Scrollable>
  );
}

/** Chart of one metric on an evaluation set: a line for each view (or outcome) of each run. */
export interface EvaluationSpec {
  id: string;
  title: string;
  about: string;
  /** Returns the label of the line to which a result belongs; null if the chart does not show the result. */
  line: (figure: EvaluationResult) => string | null;
  /** Whether the lines are stacked parts of a whole. If so, each run has a separate chart. */
  stacked?: boolean;
}

/** Meaning of the colour of each outcome: the view or views that are right. */
const VERDICT_MEANINGS: Readonly<Record<Verdict, Meaning>> = {
  consistent: 'both',
  only_original: 'original',
  only_mirror: 'mirror',
  only_view: 'view',
  neither: 'none',
};
function meaningOf({ view, metric }: EvaluationResult): Meaning | undefined {
  if (view === null) return VERDICT_MEANINGS[metric as Verdict];
  return view === ORIGINAL || view === MIRROR ? view : 'view';
}

const isVerdict = (metric: string): boolean => (VERDICTS as readonly string[]).includes(metric);

/** Metrics besides accuracy that have charts. */
const OTHERS = ['within_50_200', 'mra', 'miou'];

/** Returns the title of a chart. Includes the task unless the task is `all`. */
const titleOf = (metric: string, set: string, task: string) =>
  `${metric[0]!.toUpperCase()}${metric.slice(1)} on ${set}${task === 'all' ? '' : `, ${taskLabel(task)}`}`;

/** Returns a text with the number of rows behind each curve if the views differ: ` (43 originals, 11 mirrors)`. */
function rowsText(figures: readonly EvaluationResult[]): string {
  const counts = [...new Map(figures.map(({ view, n }) => [view!, n]))];
  const differ = new Set(counts.map(([, n]) => n)).size > 1;
  return differ ? ` (${counts.map(([view, n]) => `${n} ${viewLabel(view)}`).join(', ')})` : '';
}

const PASS =
  'Share of questions with at least one correct answer among k answers. Pass@k rises with k even if the model guesses, so compare pass@k with chance. For two choices and k = 4, chance is 93.75%. If pass@k is high but pass@1 is low, the model rarely gives an answer that it can find. GRPO makes correct answers more likely.';

export function evaluationCharts(runs: readonly OpenRun[]): EvaluationSpec[] {
  return allCharts(runs).flatMap((spec) => {
    const labels = labelsOf(spec, runs);
    if (spec.stacked || !tooMany(labels.length, runs.length)) return [spec];
    return labels.map((label) => ({
      ...spec,
      id: `${spec.id} ${label}`,
      title: `${spec.title}: ${label}`,
      line: (figure: EvaluationResult) => (spec.line(figure) === label ? label : null),
    }));
  });
}

function labelsOf({ line }: EvaluationSpec, runs: readonly OpenRun[]): string[] {
  const figures = runs.flatMap(({ news }) => news.evaluations.flatMap((point) => point.figures));
  return [...new Set(figures.flatMap((figure) => line(figure) ?? []))];
}

function allCharts(runs: readonly OpenRun[]): EvaluationSpec[] {
  const figures = runs.flatMap(({ news }) => news.evaluations.flatMap((point) => point.figures));
  const sets = [...new Set(figures.map(({ set }) => set))];
  return sets.flatMap((set) => {
    const ofSet = figures.filter((figure) => figure.set === set);
    const tasks = [...new Set(ofSet.map(({ task }) => task))];
    const byView = (task: string, metric: string) => (f: EvaluationResult) =>
      !f.slice && f.set === set && f.task === task && f.metric === metric && f.view !== null
        ? viewLabel(f.view)
        : null;
    const bothRight = (f: EvaluationResult) =>
      !f.slice && f.set === set && f.task === 'all' && f.view === null && f.metric === 'consistent'
        ? 'pair accuracy'
        : null;
    // If there is only one task, "all" and this task have the same results.
    const kinds = tasks.length === 2 && tasks.includes('all') ? ['all'] : tasks;
    const accuracies = kinds.map((task): EvaluationSpec => {
      const ofViews = byView(task, 'accuracy');
      return {
        id: `evaluation ${set} ${task} accuracy`,
        title: titleOf('accuracy', set, task) + rowsText(ofSet.filter(ofViews)),
        about:
          'Accuracy on the evaluation set with greedy decoding and a 95% interval. A pair counts as correct if both views are correct. Unreadable answers count as wrong. If some answers are not scored, a bar shows the range of possible values. The thin line is the interval, and the dashed line is chance. The dotted line is the image-free bound: the highest pair accuracy without the image.',
        line: (f) => ofViews(f) ?? (task === 'all' ? bothRight(f) : null),
      };
    });
    const ofAll = (isShown: (metric: string) => boolean) => (f: EvaluationResult) =>
      f.set === set && f.view === null && f.task === 'all' && isShown(f.metric)
        ? metricLabel(f.metric)
        : null;
    const views: EvaluationSpec = {
      id: `evaluation ${set} verdicts`,
      title: `Outcomes on ${set}`,
      about: 'Share of questions by outcome: correct in both views, in only one view, or in neither view.',
      line: ofAll(isVerdict),
      stacked: true,
    };
    const agreement: EvaluationSpec = {
      id: `evaluation ${set} agreement`,
      title: titleOf('agreement', set, 'all'),
      about:
        'Share of answers to another view that match the answer to the original once mapped back, correct or wrong. Agreement needs no reference answers. Agreement cannot distinguish a correct model from an inverted model.',
      line: ofAll((metric) => metric === 'label_free_agreement'),
    };
    const passes: EvaluationSpec = {
      id: `evaluation ${set} pass`,
      title: titleOf('pass@k', set, 'all'),
      about: PASS,
      line: (f) =>
        f.set === set && f.metric.startsWith('pass@') && f.task === 'all'
          ? `${f.metric}${f.view === null ? '' : `, ${viewLabel(f.view)}`}`
          : null,
    };
    const others = kinds.flatMap((task) =>
      OTHERS.map((metric): EvaluationSpec => ({
        id: `evaluation ${set} ${task} ${metric}`,
        title: titleOf(metricLabel(metric), set, task),
        about: 'Values by view, with 95% intervals.',
        line: byView(task, metric),
      })),
    );
    return [...accuracies, views, agreement, passes, ...others].filter(({ line }) =>
      ofSet.some((f) => line(f) !== null),
    );
  });
}

/** Returns the points of a chart as curves, and the levels of chance and of the image-free bound. */
export function evaluationCurves(
  spec: EvaluationSpec,
  runs: readonly OpenRun[],
  axis: XAxis,
): { curves: Curve[]; levels: Level[] } {
  /** Lines to which each level of chance applies. */
  const chances = new Map<number, Set<string>>();
  const bounds = new Set<number>();
  const names = runs.map(({ name }) => name);
  const labels = labelsOf(spec, runs);
  const from = branchSteps(runs);
  const whole = runs.flatMap(({ news }, run) =>
    labels.flatMap((label, i): Curve[] => {
      const measured = news.evaluations.flatMap(({ place, figures }) => {
        const figure = figures.find((f) => spec.line(f) === label);
        const ends = figure && endsOf(figure);
        // An interval from 0 to 1 shows that the value is unknown, so draw no point.
        return ends && ends[1] - ends[0] < 1 ? [{ place, ...figure, ends }] : [];
      });
      // Use the first evaluation of a step, which is the run's own. Later evaluations can use other rows or sampling.
      const points = measured.filter(({ place }, p) => place.step !== measured[p - 1]?.place.step);
      if (points.length === 0) return [];
      // Exclude chance that covers only a part of the rows, because the curve covers all rows.
      for (const { chance, chance_n, floor } of points) {
        if (chance !== undefined && chance_n === undefined)
          chances.set(chance, (chances.get(chance) ?? new Set()).add(label));
        if (floor && !spec.stacked) bounds.add(floor.words);
      }
      const column = (pick: (point: (typeof points)[number]) => number) => Float64Array.from(points, pick);
      return [
        {
          id: `${run} ${label}`,
          run,
          line: i,
          means: meaningOf(points[0]!),
          ...labelled(names, run, label, labels.length),
          x: column(({ place }) => place[axis]),
          steps: column(({ place }) => place.step),
          raw: column(({ value }) => value ?? NaN),
          smooth: null,
          band: {
            low: column(({ interval, ends }) => interval?.[0] ?? ends[0]),
            high: column(({ interval, ends }) => interval?.[1] ?? ends[1]),
          },
          ...(points.some(({ bounds }) => bounds) && {
            reach: {
              low: column(({ bounds }) => bounds?.[0] ?? NaN),
              high: column(({ bounds }) => bounds?.[1] ?? NaN),
            },
          }),
        },
      ];
    }),
  );
  const curves = whole.map((curve) => fromStep(curve, from[curve.run]!));
  // Label the levels of chance by their lines, because chance for pairs is lower than chance for answers.
  const nameOf = (lines: Set<string>) =>
    chances.size > 1 && lines.size === 1 ? `chance, ${[...lines][0]}` : 'chance';
  const levels: Level[] = [
    ...[...chances].map(([y, lines]) => ({ y, label: nameOf(lines) })),
    ...[...bounds].map((y) => ({ y, label: 'image-free bound', dotted: true })),
  ];
  return { curves, levels };
}
