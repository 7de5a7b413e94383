import type { Task } from '../answers/score.ts';

const JUDGED = ['judge', 'judge_failed'] as const;

/** Names in results.json of each task's metrics that are means over rows. `MEASURES` computes the metrics. */
export const MEASURE_NAMES = {
  format: [],
  distance: [
    'success',
    'completed',
    'smape',
    'in_range_50_100',
    'in_range_100_150',
    'in_range_150_200',
    'within_50_200',
    'within_10',
    'mra',
  ],
  area: ['success', 'within_10', 'mra'],
  yesno: ['accuracy', ...JUDGED],
  mcq: ['accuracy', 'close_call'],
  number: ['accuracy', 'within_10'],
  side: ['accuracy', ...JUDGED],
  choice: ['accuracy', ...JUDGED],
  name: ['accuracy', ...JUDGED],
  open: [...JUDGED],
  untyped: ['accuracy', ...JUDGED],
  count: ['accuracy', 'close_call', 'mra'],
  bbox: ['miou', 'acc75'],
  point: ['accuracy', 'inside_share'],
  judge: ['accuracy'],
  scenegraph: ['found', 'valid_json', 'objects', 'relations'],
  flipjson: ['ok', 'verified'],
} as const satisfies Record<Task, readonly string[]>;

/** Names of the metrics of every completion, regardless of its task, and of answers that are sentences. */
export const COMMON_NAMES = [
  'format_ok',
  'extracted',
  'credit',
  'answer_words',
  'reference_words',
  'reasoning_words',
  ...JUDGED,
] as const;
export const TEXT_NAMES = ['bleu1', 'bleu2', 'sbert'] as const;

/** Values of k for which pass@k is computed. */
export const PASSES = [1, 2, 4, 8, 16] as const;

export type MeasureName<T extends Task> = (typeof MEASURE_NAMES)[T][number];
