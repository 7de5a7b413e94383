// Worker thread that reads the rows of large files.
import { parentPort, workerData } from 'node:worker_threads';
import { serveRows } from '../lab/files/row-threads.ts';

serveRows(parentPort!, workerData as Parameters<typeof serveRows>[1], {
  check: async () => (await import('./commands/data-check.action.ts')).checkJob,
  stats: async () => (await import('./commands/data-stats.action.ts')).statsJob,
  views: async () => (await import('../lab/evaluation/set-views.ts')).viewsJob,
  metrics: async () => (await import('./commands/metrics.action.ts')).metricsJob,
  score: async () => (await import('./commands/score.action.ts')).scoreJob,
  mirror: async () => (await import('./commands/view-mirror.action.ts')).mirrorJob,
  polarity: async () => (await import('./commands/view-polarity.action.ts')).polarityJob,
  view: async () => (await import('./commands/view-add.action.ts')).viewJob,
});
