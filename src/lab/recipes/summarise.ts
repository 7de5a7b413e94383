import { meanWithInterval } from '../../core/metrics/bootstrap.ts';
import { viewConsistency } from '../../core/metrics/consistency.ts';
import { mean, type Metric } from '../../core/metrics/metric.ts';
import { chanceOf, groupBy, imageKey, isUnparsed, type ScoredRow } from '../../core/metrics/scored-row.ts';
import { summarise as metricsOf } from '../../core/metrics/summary.ts';
import { Random } from '../../core/random.ts';
import type { EvaluationResult, EvaluationRow } from './evaluation-row.ts';
import type { EvaluatedView } from './forms.ts';

/**
 * For each set and view the accuracy over all rows, then every metric of every task; for each set how the two views
 * of its rows agree. Intervals resample images, always alike: the same rows give the same figures.
 */
export function summarise(rows: readonly EvaluationRow[]): EvaluationResult[] {
  const random = Random.from('evaluation');
  return [...groupBy(rows.map(scored), (row) => row.set!)].flatMap(([set, ofSet]) => {
    const stream = random.fork(set);
    const overall = [...groupBy(ofSet, viewOf)].map(([view, ofView]) => ({
      set,
      view: view as EvaluatedView,
      task: 'all',
      metric: 'accuracy',
      ...accuracy(ofView, stream.fork(view)),
    }));
    const detail = metricsOf(ofSet, viewOf, stream).map(({ group, ...figures }) => ({
      set,
      view: group as EvaluatedView,
      ...figures,
    }));
    const views = Object.entries(viewConsistency(ofSet, stream.fork('views')));
    return [
      ...overall,
      ...detail,
      ...views.map(([metric, figures]) => ({ set, view: null, task: 'all', metric, ...figures })),
    ];
  });
}

const viewOf = (row: ScoredRow): string => row.view!;

type RightRow = ScoredRow & { right: boolean };

const scored = (row: EvaluationRow): RightRow => ({ ...row, completion: row.segments.at(-1)!.text });

/** Over all rows of all tasks; open answers count by their text. */
function accuracy(rows: readonly RightRow[], random: Random): Metric {
  const chances = rows.map(chanceOf);
  return {
    ...meanWithInterval(
      rows.map((row) => ({ cluster: imageKey(row), value: Number(row.right) })),
      random,
    ),
    unparsed: rows.filter(isUnparsed).length,
    ...(!chances.includes(null) && { chance: mean(chances as number[])! }),
  };
}
