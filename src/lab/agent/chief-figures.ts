import type { EvaluationResult } from '../../core/evaluation/results.ts';
import { picked } from './agent-answer.ts';

/** Whether a figure is one of those that answers show, over all tasks. */
export const isChief = ({ slice, task, metric }: EvaluationResult): boolean =>
  !slice && task === 'all' && ['accuracy', 'consistent', 'view_gap'].includes(metric);

/** A figure of an evaluation as answers have it: what is not known has bounds in place of a value. */
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
