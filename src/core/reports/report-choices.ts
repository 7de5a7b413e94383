import type { ReportOptions } from './evaluation.ts';

/** Default choices in the Report panel. `compare` contains the evaluations to compare row by row. */
export const DEFAULT_CHOICES: Omit<ReportOptions, 'title'> & { compare: null } = {
  checkpoints: 'last',
  metric: null,
  base: null,
  published: false,
  map: {},
  compare: null,
};
