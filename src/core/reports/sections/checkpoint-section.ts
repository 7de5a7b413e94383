import { metricLabel } from '../../../base/labels.ts';
import { isLowerBetter } from '../../metrics/metric.ts';
import { countCell, figureCell, right } from '../cells.ts';
import {
  type Chart,
  type Section,
  type Series,
  type Table,
  chartOf,
  pointOf,
  sectionOfParts,
  tableOf,
  words,
} from '../document.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import {
  bestOf,
  bySubject,
  chosenFigure,
  metricOf,
  setsOf,
  type Evaluation,
  type Figure,
  type ReportOptions,
} from '../evaluation.ts';
import { STEPS } from '../published/svqa.ts';
import { VIEW_IDS, viewLabel } from '../../../rows/view-list.ts';

/** Returns the section that compares the evaluated steps of each run, with the best step [B-56]. */
export function checkpointSection(
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): Section | null {
  const compared = setsOf(evaluations).flatMap((set) => {
    const subjects = bySubject(evaluations.filter(({ step }) => step !== null));
    return [...groupBy(subjects, (group) => metricOf(group, set, options))].flatMap(([metric, alike]) => {
      const having = (group: Evaluation[]) => group.filter((each) => chosenFigure(each, set, metric));
      const groups = alike.map(having).filter(({ length }) => length > 0);
      return groups.some(({ length }) => length > 1) ? [{ set, metric, groups }] : [];
    });
  });
  const parts = compared.map(({ set, metric, groups }, s) => ({
    table: bestTable(groups, set, s, metric),
    chart: curves(groups, set, s, metric, options.map[set] === 'q-spatial' && metric === 'success'),
  }));
  const metrics = new Set(compared.map(({ metric }) => metricLabel(metric)));
  return sectionOfParts(
    'checkpoints',
    'Checkpoints',
    [
      `Evaluated steps compared by ${[...metrics].join(' or ')}. The best step was selected on these rows, so expect slightly lower values on other rows. A run can evaluate steps that it does not save as checkpoints.`,
    ],
    parts,
  );
}

function bestTable(groups: readonly Evaluation[][], set: string, s: number, metric: string): Table {
  const name = metricLabel(metric);
  const items = groups.map((group) => ({ group, best: bestOf(group, set, metric)!, last: group.at(-1)! }));
  return tableOf(
    `checkpoints-${s}`,
    `The best step of each run by ${name} on ${set}`,
    items,
    [
      words('run', ({ best }) => labelOf(best)),
      [right('evaluated steps'), ({ group }) => countCell(group.length)],
      [right('best step'), ({ best }) => countCell(best.step!)],
      [
        right(`best ${name}`, isLowerBetter(metric) ? 'lower' : 'higher'),
        ({ best }) => figureCell(chosenFigure(best, set, metric)),
      ],
      [right('last step'), ({ last }) => countCell(last.step!)],
      [right(`last ${name}`), ({ last }) => figureCell(chosenFigure(last, set, metric))],
    ],
    [],
    ({ best }) => ({ key: best.key, origin: 'own' }),
  );
}

const labelOf = ({ subject, variant }: Evaluation) => [subject, variant].filter(Boolean).join(', ');

function curves(
  groups: readonly Evaluation[][],
  set: string,
  s: number,
  metric: string,
  withPublished: boolean,
): Chart {
  const { unit } = chosenFigure(groups[0]![0]!, set, metric)!;
  const name = metricLabel(metric);
  const series = groups.flatMap((group): Series[] => {
    const { task, view } = chosenFigure(group[0]!, set, metric)!;
    const views: readonly Figure['view'][] = view === null ? [null] : VIEW_IDS;
    return views.flatMap((each) => {
      const points = group.flatMap((evaluation) => {
        const figure = evaluation.figures.find(
          (f) => f.set === set && f.task === task && f.metric === metric && f.view === each,
        );
        return pointOf(figureCell(figure), { x: evaluation.step! });
      });
      const what = [labelOf(group[0]!), each === null ? '' : viewLabel(each)].filter(Boolean).join(', ');
      return points.length > 0 ? [{ name: what, origin: 'own' as const, points }] : [];
    });
  });
  if (withPublished) series.push({ name: 'SVQA-R1, as published', origin: 'published', points: STEPS });
  const y = unit === 'share' || unit === 'percent' ? `${name}, %` : name;
  return chartOf('line', `checkpoint-curves-${s}`, `Checkpoints by ${name} on ${set}`, 'step', y, series);
}
