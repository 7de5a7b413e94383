import { type MetricRow, summarise } from '../../core/metrics/summary.ts';
import { type Style, styleOf, type Lengths } from '../../core/metrics/lengths.ts';
import { type EvaluationResult, type Metric, evaluationManifestSchema } from '../../core/metrics/results.ts';
import {
  type ComparisonRow,
  compareRuns,
  shiftPairs,
  shiftMetrics,
  oodGap,
} from '../../core/metrics/compare.ts';
import { UsageError, JobError } from '../errors.ts';
import { inputName, isNamed } from '../input.ts';
import { groupBy, type ScoredRow } from '../../core/metrics/scored-row.ts';
import { matrixOf, matrixResults } from '../../core/metrics/view-matrix.ts';
import { printJson, print, formatTable } from '../print.ts';
import { readCompletions } from '../tables.ts';
import { asOneSet } from '../set-reading.ts';
import { SetReading } from '../../core/answers/set-reading.ts';
import { scoreSchema } from '../../core/answers/score-schema.ts';
import { SCORING_RULES } from '../../core/answers/score.ts';
import { scoreRow } from '../../core/answers/score-row.ts';
import { countReasoningWords } from '../../core/metrics/reasoning-words.ts';
import { basename, join, dirname } from 'node:path';
import { readText } from '../../lab/files/regular.ts';
import { parseRecord } from '../../core/record.ts';
import { unlessUnreadable } from '../../lab/files/disk-error.ts';
import { isSpatialQuestion } from '../../core/answers/task.ts';
import { isRecord } from '../../core/json.ts';
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

/** The output of --json. */
interface Report {
  rows: number;
  /** The versions of the rules that scored the rows, ascending; null where a row does not say. */
  scoring_rules: (number | null)[];
  /** Rows that cannot be judged, by reason; no metric includes them. */
  problems: Record<string, number>;
  metrics: MetricRow[];
  style: Style;
  /** How every two views of each set agree; undefined without views. Tables show them beside original, mirror and opposite. */
  views?: EvaluationResult[];
  comparison?: ComparisonRow[];
  /** `relative`: OOD accuracy divided by ID accuracy, minus 1, in percent. */
  shift?: { metrics: Record<string, Metric>; relative: number | null };
}

export async function metrics(input: string | undefined, { by, against, ood, json }: Options): Promise<void> {
  const { rows, rules } = await readScored(input);
  if (by !== undefined && rows.length > 0 && rows.every((row) => fieldOf(row, by) === '–'))
    throw new UsageError(`--by ${by}: No row of ${inputName(input)} has this field.`);
  const problems: Record<string, number> = {};
  for (const { score } of rows)
    if (score.problem) problems[score.problem] = (problems[score.problem] ?? 0) + 1;
  const report: Report = {
    rows: rows.length,
    scoring_rules: rules,
    problems,
    metrics: summarise(rows, (row) => (by ? fieldOf(row, by) : '')).filter(
      ({ metric }) => !OF_FORMAT.includes(metric) || hasFormat(rows),
    ),
    style: styleOf(rows.filter(({ score }) => !score.problem)),
  };
  const views = [...groupBy(rows, ({ set }) => set ?? '')].flatMap(([set, ofSet]) =>
    (json ? matrixOf : matrixResults)(set, ofSet),
  );
  if (views.length > 0) report.views = views;
  if (against !== undefined) {
    const other = await readScored(against);
    refuseOtherRules(against, other.rules, rules);
    report.comparison = compareRuns(other.rows, rows);
    if (report.comparison.length === 0) throw nothingInCommon(against);
  }
  if (ood !== undefined) {
    const other = await readScored(ood);
    refuseOtherRules(ood, other.rules, rules);
    const pairs = shiftPairs(rows, other.rows);
    if (pairs.length === 0) throw nothingInCommon(ood);
    const metrics = shiftMetrics(pairs);
    const [id, changed] = [metrics.id!.value, metrics.ood!.value];
    report.shift = {
      metrics,
      relative: id === null || changed === null ? null : oodGap(id, changed).relative,
    };
  }
  if (json) printJson(report);
  else print(formatReport(report, by));
}

/** Figures that say nothing where no format was asked for. */
const OF_FORMAT = ['format_ok', 'extracted'];

/** Whether an evaluation asked, or any completion has a tag: of a plain file of answers, nothing shows a format. */
const hasFormat = (rows: readonly ScoredRow[]): boolean =>
  rows.some(
    (row) =>
      'segments' in row || row.score.extraction !== undefined || !['whole', 'none'].includes(row.score.path),
  );

const nothingInCommon = (file: string): JobError =>
  new JobError('There is nothing to compare: the two files have no rows with the same id and view.', {
    file,
  });

/** @throws JobError if two files were scored by different versions of the rules, as far as they say */
function refuseOtherRules(
  file: string,
  theirs: Report['scoring_rules'],
  ours: Report['scoring_rules'],
): void {
  const versions = new Set([...theirs, ...ours].filter((one) => one !== null));
  if (versions.size > 1)
    throw new JobError(
      `The two files were scored by different rules (versions ${rulesText([...versions].sort())}), so a difference may be that of the rules.`,
      { file, fix: 'Score both anew with `chirality score`.' },
    );
}

async function readScored(
  input: string | undefined,
): Promise<{ rows: ScoredRow[]; rules: Report['scoring_rules'] }> {
  const rows: ScoredRow[] = [];
  const rules = new Set<number | null>();
  const beside = await rulesBeside(input);
  const read = readCompletions(input, 'metrics');
  for await (const { value, row } of asOneSet(read, new SetReading<unknown>())) {
    const scored = scoreSchema.safeParse(value.score).data;
    const version = typeof value.scoring_rules === 'number' ? value.scoring_rules : beside;
    rules.add(scored ? version : SCORING_RULES);
    rows.push({
      ...row,
      score: scored ?? scoreRow(row),
      reasoning_words: countReasoningWords(row.completion),
    });
  }
  return { rows, rules: [...rules].sort((a, b) => (a ?? 0) - (b ?? 0)) };
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

/** A field by its dotted path, as text; `kind` is `spatial` or `general` [B-64]. */
function fieldOf(row: ScoredRow, path: string): string {
  if (path === 'kind') return isSpatialQuestion(row.question ?? '') ? 'spatial' : 'general';
  const value = path.split('.').reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), row);
  if (value === undefined || value === null) return path === 'task' ? row.score.task : '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Digits after the point. */
const DIGITS = 2;

/** `2`, `1 and 2`, `2 and unknown`. */
const rulesText = (rules: Report['scoring_rules']): string =>
  rules.map((one) => one ?? 'unknown').join(' and ');

function formatReport(
  { rows, scoring_rules: rules, problems, metrics, style, views, comparison, shift }: Report,
  by?: string,
): string {
  const parts = [`${several(rows, 'row')}.`];
  if (rules.length > 0) {
    const isToday = rules.every((one) => one === SCORING_RULES);
    const anew = isToday ? '' : `; \`chirality score\` scores them by today's, ${SCORING_RULES}`;
    parts[0] += `\nScored by rules of version ${rulesText(rules)}${anew}.`;
  }
  for (const [problem, n] of Object.entries(problems)) parts[0] += `\n${n} left out: ${problem}`;
  const { head, cells } = figureColumns(metrics, DIGITS);
  parts.push(
    formatTable(
      [...(by ? [by] : []), 'task', 'metric', ...head],
      metrics.map((one) => [
        ...(by ? [one.group] : []),
        taskLabel(one.task),
        metricLabel(one.metric),
        ...cells(one),
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

function formatStyle({ answers, references, paths }: Style): string {
  const words = (lengths: Lengths | null) =>
    lengths ? `${fixed(lengths.p50, 0)} (${fixed(lengths.p10, 0)} – ${fixed(lengths.p90, 0)})` : '–';
  const counts = Object.entries(paths).map(([path, n]) => `${pathLabel(path)} ${n}`);
  return [
    `Words, median (10 – 90 %): answers ${words(answers)}, references ${words(references)}.`,
    `Answers were found: ${counts.join(', ') || '–'}.`,
  ].join('\n');
}

function formatShift({ metrics, relative }: NonNullable<Report['shift']>): string {
  // Without the last column: nobody guesses a gap.
  const { head, cells } = figureColumns(Object.values(metrics), DIGITS);
  const rows = Object.entries(metrics).map(([name, one]) => [metricLabel(name), ...cells(one).slice(0, -1)]);
  const table = formatTable(['ID and OOD', ...head.slice(0, -1)], rows);
  // A ratio of two ranges says nothing; the gap is in points, and one too.
  return relative === null
    ? table
    : `${table}\nThe gap, in points, is ${fixed(relative, 2)} % of the ID accuracy.`;
}

/** Said below a comparison that has ranges. */
const NO_TEST =
  'A range: not all rows are judged in both files, so only the smallest and largest possible difference are known, and there is no test (p).';

function formatComparison(comparison: readonly ComparisonRow[]): string {
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
