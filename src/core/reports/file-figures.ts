import { SCORING_RULES } from '../answers/score.ts';
import { endsText, fixed, pText, several, UNKNOWN } from '../../base/format.ts';
import { metricLabel, pathLabel, taskLabel } from '../../base/labels.ts';
import { endsOf } from '../metrics/metric.ts';
import { rulesText, type FileFigures } from '../metrics/scored-file.ts';
import { holm } from '../metrics/statistics.ts';
import { formatTable } from '../../base/printable.ts';
import { figureColumns, figureText, formatMatrices, NOT_JUDGED } from './figures-text.ts';

const DIGITS = 2;

export function fileFiguresText(figures: FileFigures): string {
  const { rows, scoring_rules: rules, problems, by, metrics, style, views, shift } = figures;
  const { comparison, left_out: lacking } = figures;
  const parts = [`${several(rows, 'row')}.`];
  if (rules.length > 0) {
    const isToday = rules.every((rule) => rule === SCORING_RULES);
    const anew = isToday ? '' : ` To use version ${SCORING_RULES}, run \`chirality score\`.`;
    parts[0] += `\nScored with rules version ${rulesText(rules)}.${anew}`;
  }
  for (const [problem, n] of Object.entries(problems)) parts[0] += `\n${n} excluded: ${problem}`;
  const { head, cells } = figureColumns(metrics, DIGITS);
  parts.push(
    formatTable(
      [...(by ? [by] : []), 'task', 'metric', ...head],
      metrics.map((metric) => [
        ...(by ? [metric.group] : []),
        taskLabel(metric.task),
        metricLabel(metric.metric),
        ...cells(metric),
      ]),
    ),
    ...(metrics.some(({ not_judged: lacks }) => lacks !== undefined) ? [NOT_JUDGED] : []),
    formatStyle(style),
  );
  if (views) parts.push(formatMatrices(views).join('\n').trimStart());
  if (shift) parts.push(formatShift(shift));
  if (comparison) parts.push(formatComparison(comparison));
  if (lacking)
    parts.push(
      ...excludedText([
        [lacking.this, 'this file'],
        [lacking.other, 'the other file'],
      ]),
    );
  return parts.join('\n\n');
}

function formatStyle({ answers, references, paths }: FileFigures['style']): string {
  const words = (lengths: typeof answers) =>
    lengths ? `${fixed(lengths.p50, 0)} (${fixed(lengths.p10, 0)} – ${fixed(lengths.p90, 0)})` : '–';
  const counts = Object.entries(paths).map(([path, n]) => `${pathLabel(path)} ${n}`);
  return [
    `Median number of words (10th–90th percentile): answers ${words(answers)}, reference answers ${words(references)}.`,
    `Answer locations: ${counts.join(', ') || '–'}.`,
  ].join('\n');
}

function formatShift({ metrics, relative }: NonNullable<FileFigures['shift']>): string {
  // Omits the column with chance, because a gap has no chance.
  const { head, cells } = figureColumns(Object.values(metrics), DIGITS);
  const rows = Object.entries(metrics).map(([name, metric]) => [
    metricLabel(name),
    ...cells(metric).slice(0, -1),
  ]);
  const table = formatTable(['ID and OOD', ...head.slice(0, -1)], rows);
  // A ratio of two ranges has no meaning; the gap in points is also a range.
  return relative === null
    ? table
    : `${table}\nThe gap in points is ${fixed(relative, 2)}% of the ID accuracy.`;
}

/** Describes the number of rows that only one side of a comparison contains; [] if both sides have the same rows. */
export function excludedText(sides: readonly (readonly [n: number, side: string])[]): string[] {
  const alone = sides.flatMap(([n, side]) => (n > 0 ? [`${several(n, 'row')} in ${side} only`] : []));
  return alone.length > 0 ? [`Excluded: ${alone.join(', ')}.`] : [];
}

const NO_TEST =
  'Ranges show the smallest and largest possible difference, because some rows are not scored in at least one file. Ranges have no p value.';

function formatComparison(comparison: NonNullable<FileFigures['comparison']>): string {
  const corrected = holm(comparison.map(({ p }) => p));
  const table = formatTable(
    [
      'task',
      'metric',
      'this file',
      'other file',
      'difference',
      '95%',
      'p',
      'n',
      'correct only in this file',
      'correct only in other file',
    ],
    comparison.map((row, i) => {
      const shown = (value: number) => figureText(value, row.unit, DIGITS);
      const side = (value: number | null, bounds?: [number, number]) => {
        const ends = endsOf({ value, bounds });
        return ends ? endsText(ends, shown) : figureText(null, row.unit, DIGITS);
      };
      const { not_judged: lacks } = row;
      return [
        taskLabel(row.task),
        metricLabel(row.metric),
        side(row.second, row.second_bounds),
        side(row.first, row.first_bounds),
        side(row.difference, row.bounds),
        row.interval?.map(shown).join(' – ') ?? '',
        corrected[i] == null ? UNKNOWN : pText(corrected[i]),
        lacks === undefined ? String(row.n) : `${row.n}, ${lacks} not scored`,
        String(row.only_second ?? ''),
        String(row.only_first ?? ''),
      ];
    }),
  );
  const tests = corrected.filter((p) => p !== null).length;
  return [
    table,
    ...(tests > 1 ? [`p values are Holm-corrected for the ${tests} metrics.`] : []),
    ...(comparison.some(({ bounds }) => bounds) ? [NO_TEST] : []),
  ].join('\n');
}
