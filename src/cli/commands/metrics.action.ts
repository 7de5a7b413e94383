import { ScoredFile, fieldOf, figuresOfFile, type FileFigures } from '../../core/metrics/scored-file.ts';
import { evaluationManifestSchema } from '../../core/metrics/results.ts';
import { UsageError, JobError } from '../errors.ts';
import { inputName, isNamed } from '../input.ts';
import { formatTable } from '../../core/printable.ts';
import { printJson, print } from '../print.ts';
import { readCompletions } from '../tables.ts';
import { asOneSet } from '../set-reading.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { basename, join, dirname } from 'node:path';
import { readText } from '../../lab/files/regular.ts';
import { parseRecord } from '../../core/record.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';
import { several, fixed, endsText } from '../../core/format.ts';
import { figureColumns, NOT_JUDGED, formatMatrices, figureText } from '../evaluation/text.ts';
import { taskLabel, metricLabel, pathLabel } from '../../core/labels.ts';
import { endsOf } from '../../core/metrics/metric.ts';

interface Options {
  by?: string;
  against?: string;
  ood?: string;
  json?: boolean;
}

export async function metrics(input: string | undefined, { by, against, ood, json }: Options): Promise<void> {
  const file = await readScored(input);
  if (by !== undefined && file.rows.length > 0 && file.rows.every((row) => fieldOf(row, by) === '–'))
    throw new UsageError(`--by ${by}: No row of ${inputName(input)} has this field.`);
  const other = async (path: string) => {
    const theirs = await readScored(path);
    refuseOtherRules(path, theirs.rules, file.rules);
    return theirs;
  };
  // Tables show original, mirror and opposite beside the matrices.
  const figures = figuresOfFile(file, {
    by,
    allViews: json ?? false,
    ...(against !== undefined && { against: await other(against) }),
    ...(ood !== undefined && { ood: await other(ood) }),
  });
  if (against !== undefined && figures.comparison!.length === 0) throw nothingInCommon(against);
  if (ood !== undefined && figures.shift === null) throw nothingInCommon(ood);
  if (json) printJson(figures);
  else print(formatFigures(figures, by));
}

const nothingInCommon = (file: string): JobError =>
  new JobError('There is nothing to compare: the two files have no rows with the same id and view.', {
    file,
  });

/** @throws JobError if two files were scored by different versions of the rules, as far as they say */
function refuseOtherRules(
  file: string,
  theirs: FileFigures['scoring_rules'],
  ours: FileFigures['scoring_rules'],
): void {
  const versions = new Set([...theirs, ...ours].filter((version) => version !== null));
  if (versions.size > 1)
    throw new JobError(
      `The two files were scored by different rules (versions ${rulesText([...versions].sort())}), so a difference may be that of the rules.`,
      { file, fix: 'Score both anew with `chirality score`.' },
    );
}

async function readScored(input: string | undefined): Promise<ScoredFile> {
  const file = new ScoredFile();
  const beside = await rulesBeside(input);
  const read = readCompletions(input, 'metrics');
  for await (const { value, row } of asOneSet(read, new SetReading<unknown>())) file.add(value, row, beside);
  return file;
}

/** The version of the rules of an evaluation, if the file is the rows of one; else null. */
async function rulesBeside(input: string | undefined): Promise<number | null> {
  if (!isNamed(input) || basename(input) !== 'rows.jsonl') return null;
  const file = join(dirname(input), 'manifest.json');
  return (
    readText(file)
      .then((text) => parseRecord(evaluationManifestSchema, text, { file }).scoring_rules)
      // What is missing, or no manifest, says nothing.
      .catch(unlessUnreadable(null))
  );
}

/** Digits after the point. */
const DIGITS = 2;

/** `2`, `1 and 2`, `2 and unknown`. */
const rulesText = (rules: FileFigures['scoring_rules']): string =>
  rules.map((rule) => rule ?? 'unknown').join(' and ');

function formatFigures(
  { rows, scoring_rules: rules, problems, metrics, style, views, comparison, shift }: FileFigures,
  by?: string,
): string {
  const parts = [`${several(rows, 'row')}.`];
  if (rules.length > 0) {
    const isToday = rules.every((rule) => rule === SCORING_RULES);
    const anew = isToday ? '' : `; \`chirality score\` scores them by today's, ${SCORING_RULES}`;
    parts[0] += `\nScored by rules of version ${rulesText(rules)}${anew}.`;
  }
  for (const [problem, n] of Object.entries(problems)) parts[0] += `\n${n} left out: ${problem}`;
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
  return parts.join('\n\n');
}

function formatStyle({ answers, references, paths }: FileFigures['style']): string {
  const words = (lengths: typeof answers) =>
    lengths ? `${fixed(lengths.p50, 0)} (${fixed(lengths.p10, 0)} – ${fixed(lengths.p90, 0)})` : '–';
  const counts = Object.entries(paths).map(([path, n]) => `${pathLabel(path)} ${n}`);
  return [
    `Words, median (10 – 90 %): answers ${words(answers)}, references ${words(references)}.`,
    `Answers were found: ${counts.join(', ') || '–'}.`,
  ].join('\n');
}

function formatShift({ metrics, relative }: NonNullable<FileFigures['shift']>): string {
  // Without the last column: nobody guesses a gap.
  const { head, cells } = figureColumns(Object.values(metrics), DIGITS);
  const rows = Object.entries(metrics).map(([name, metric]) => [
    metricLabel(name),
    ...cells(metric).slice(0, -1),
  ]);
  const table = formatTable(['ID and OOD', ...head.slice(0, -1)], rows);
  // A ratio of two ranges says nothing; the gap is in points, and one too.
  return relative === null
    ? table
    : `${table}\nThe gap, in points, is ${fixed(relative, 2)} % of the ID accuracy.`;
}

/** Said below a comparison that has ranges. */
const NO_TEST =
  'A range: not all rows are judged in both files, so only the smallest and largest possible difference are known, and there is no test (p).';

function formatComparison(comparison: NonNullable<FileFigures['comparison']>): string {
  const table = formatTable(
    [
      'task',
      'metric',
      'this',
      'other',
      'difference',
      '95 %',
      'p',
      'n',
      'only this right',
      'only other right',
    ],
    comparison.map((row) => {
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
        fixed(row.p, 4),
        lacks === undefined ? String(row.n) : `${row.n}, ${lacks} not judged`,
        String(row.only_second ?? ''),
        String(row.only_first ?? ''),
      ];
    }),
  );
  return comparison.some(({ bounds }) => bounds) ? `${table}\n${NO_TEST}` : table;
}
