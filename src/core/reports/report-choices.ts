import type { ReportOptions } from './evaluation.ts';

/** What a reader of the Report panel has chosen at first. `compare`: the evaluations to compare row by row. */
export const DEFAULT_CHOICES: Omit<ReportOptions, 'title'> & { compare: null } = {
  checkpoints: 'last',
  metric: 'accuracy',
  base: null,
  published: false,
  map: {},
  compare: null,
};
