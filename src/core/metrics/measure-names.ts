import type { Task } from '../answers/score.ts';

const JUDGED = ['judge', 'judge_failed'] as const;

/** Metrics of each task that are means over rows, by their names in results.json. `MEASURES` computes them. */
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

/** Metrics of every completion, whatever its task, and metrics of answers that are sentences. */
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

/** Values of k for pass@k. */
export const PASSES = [1, 2, 4, 8, 16] as const;

export type MeasureName<T extends Task> = (typeof MEASURE_NAMES)[T][number];
