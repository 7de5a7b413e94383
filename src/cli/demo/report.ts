import type { EvaluationResult } from '../../core/metrics/results.ts';
import { PAIR, viewLabel } from '../../core/spatial/views/list.ts';

export interface DemoRow {
  about: string;
  results: EvaluationResult[];
}

const percent = (results: readonly EvaluationResult[], view: string | null, metric: string): string => {
  const value = results.find(
    (r) => !r.slice && r.task === 'all' && r.view === view && r.metric === metric,
  )?.value;
  return value == null ? '–' : (100 * value).toFixed(1);
};

/** The demo's table, as Markdown. */
export function demoReport(rows: readonly DemoRow[], seconds: number, fast: boolean): string {
  const n = rows[0]?.results[0]?.n ?? 0;
  const table = [
    ['', ...PAIR.map(viewLabel), 'both right'],
    ...rows.map(({ about, results }) => [
      about,
      ...PAIR.map((view) => percent(results, view, 'accuracy')),
      percent(results, null, 'consistent'),
    ]),
  ];
  const widths = table[0]!.map((_, i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [
    `Percent of ${n} held-out rows answered right, greedily. The first-named solid is always on the left, as in the skewed`,
    'training rows, and in the mirrors always on the right: a model that answers by habit is right on the originals alone.',
    '',
    line(table[0]!),
    rule,
    ...table.slice(1).map(line),
    '',
    `One seed and ${n} rows: differences of a few points are noise. Time: ${Math.round(seconds)} s.`,
    ...(fast
      ? [
          '',
          'A training of so few steps teaches next to nothing: these figures show that everything works, and no more.',
          'What mirrors change is seen with all steps: `chirality demo`.',
        ]
      : []),
  ].join('\n');
}
