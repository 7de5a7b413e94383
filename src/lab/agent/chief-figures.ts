import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { picked } from './agent-answer.ts';

/** Whether a metric is in every answer: accuracy, pair accuracy and view gap over all tasks. */
export const isChief = ({ slice, task, metric }: EvaluationResult): boolean =>
  !slice && task === 'all' && ['accuracy', 'consistent', 'view_gap'].includes(metric);

/** Returns a metric in the form that answers contain. A metric without a value has bounds instead. */
export const figureRecord = (figure: EvaluationResult) => ({
  set: figure.set,
  view: figure.view ?? 'both',
  ...(figure.task !== 'all' && { task: figure.task }),
  ...picked(
    figure,
    'metric',
    'answer',
    'value',
    'bounds',
    'interval',
    'n',
    'unparsed',
    'not_judged',
    'chance',
  ),
});
