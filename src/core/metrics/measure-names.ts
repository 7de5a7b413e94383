import type { Task } from '../answers/score.ts';

const JUDGED = ['judge', 'judge_failed'] as const;

/** The metrics of each task that are means over rows, by their names in results.json. `MEASURES` computes them. */
export const MEASURE_NAMES = {
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
  number: ['accuracy'],
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
} as const satisfies Partial<Record<Task, readonly string[]>>;

export type MeasuredTask = keyof typeof MEASURE_NAMES;
export type MeasureName<T extends MeasuredTask> = (typeof MEASURE_NAMES)[T][number];
