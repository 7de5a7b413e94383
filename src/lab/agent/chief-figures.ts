import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { short, shortOrNull } from './agent-answer.ts';

/** Whether a figure is one of those that answers show, over all tasks. */
export const isChief = ({ slice, task, metric }: EvaluationResult): boolean =>
  !slice && task === 'all' && ['accuracy', 'consistent', 'view_gap'].includes(metric);

/** A figure of an evaluation as answers have it: what is not known has bounds in place of a value. */
export const figureRecord = ({
  set,
  view,
  task,
  metric,
  answer,
  value,
  bounds,
  interval,
  n,
  unparsed,
  not_judged,
  chance,
}: EvaluationResult): Record<string, unknown> => ({
  set,
  view: view ?? 'both',
  ...(task !== 'all' && { task }),
  metric,
  ...(answer !== undefined && { answer }),
  value: shortOrNull(value),
  ...(bounds && { bounds: bounds.map(short) }),
  ...(interval && { interval: interval.map(short) }),
  n,
  ...(unparsed !== undefined && { unparsed }),
  ...(not_judged !== undefined && { not_judged }),
  ...(chance !== undefined && { chance: short(chance) }),
});
