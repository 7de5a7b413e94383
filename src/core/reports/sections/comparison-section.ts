import { endsText, points, pText, several, signed } from '../../../base/format.ts';
import { metricLabel, taskLabel } from '../../../base/labels.ts';
import { compareRuns, type ComparisonRow } from '../../metrics/compare-rows.ts';
import { holm, type Comparison } from '../../metrics/statistics.ts';
import { groupBy, questionsBeyond } from '../../evaluation/scored-row.ts';
import { excludedText } from '../file-figures.ts';
import { bareCell, countCell, figureCell, NONE, right } from '../cells.ts';
import { nameOf, refusalToCompare, type Evaluation } from '../evaluation.ts';
import type { Audit } from '../../metrics/audit/audit.ts';
import { auditedDifference, judgedDifference } from './audit-section.ts';
import type { Confidence } from './claims.ts';
import { outcomeWords } from '../../metrics/outcome.ts';
import {
  BOTH,
  compareRows,
  correctedTests,
  noSharedRows,
  hasSeveralAnswers,
  type ComparedRow,
  type PairedTest,
  type JudgedRow,
} from '../../metrics/outcomes.ts';
import { section, tableOf, words, type Cell, type ColumnOf, type Section, type Table } from '../document.ts';
import type { Unit } from '../../metrics/metric.ts';
import { ORIGINAL, viewLabel, viewOfRow } from '../../../rows/view-list.ts';
import { inEnglish } from '../../worlds/questions/in-english.ts';

const LISTED = 50;

export type Compared = Pick<Evaluation, 'key' | 'rules' | 'audit'> & {
  name: string;
  rows: readonly JudgedRow[];
};

/**
 * Returns the sections of a comparison: row by row, and by human ratings (null with too few ratings).
 * @param main main comparison, one of `placesOf`
 */
export function comparisonSections(
  compared: readonly [Evaluation, Evaluation],
  rows: readonly [readonly JudgedRow[], readonly JudgedRow[]],
  judged: Audit | null,
  main?: string,
): { section: Section; judged: Section | null } {
  const named = (side: 0 | 1) => ({
    ...compared[side],
    name: nameOf(compared[side]),
    rows: rows[side],
  });
  const [first, second] = [named(0), named(1)];
  return {
    section: compareSection(first, second, judged, main),
    judged: auditedDifference([first.name, second.name], judged),
  };
}

/**
 * Compares two evaluations row by row: rows that are right in only one evaluation, and the significance of the
 * difference.
 * @param judged audit of the difference; null with too few ratings
 */
export function compareSection(
  first: Compared,
  second: Compared,
  judged: Audit | null = null,
  main?: string,
): Section {
  const refusal = refusalToCompare([first, second]);
  const title = `${first.name} (A) against ${second.name} (B)`;
  if (refusal !== null) return section('compare', title, [refusal]);
  const rows = compareRows(first.rows, second.rows);
  if (rows.length === 0) return section('compare', title, [noSharedRows([first.rows, second.rows])]);
  const tested = correctedTests(rows, main).map((each) => ({ ...each, about: placeOf(each.rows) }));
  const estimates = tested.map(({ rows: group }) =>
    isOfOneSet(group) ? judgedDifference(judged, group[0]!.set, group[0]!.view) : null,
  );
  return section(
    'compare',
    title,
    [
      ...tested.map(({ about, test, rows: group }, i) => estimates[i] ?? verdict(about, test, group)),
      ...corrections(tested.slice(1)),
      ...excludedText([
        [questionsBeyond(first.rows, second.rows), 'A'],
        [questionsBeyond(second.rows, first.rows), 'B'],
      ]),
      ...byRulesAlone(first, second, estimates.some(Boolean)),
    ],
    [
      outcomeTable(tested),
      metricTable(first, second),
      ...rowTable(rows, 'only_first'),
      ...rowTable(rows, 'only_second'),
    ],
  );
}

/** Explains which values of the section use only the rules, although some answers have human ratings. */
function byRulesAlone(first: Compared, second: Compared, isEstimated: boolean): string[] {
  const judgedSides = [first, second].flatMap(({ audit }, side) => (audit ? ['AB'[side]!] : []));
  if (judgedSides.length === 0) return [];
  if (isEstimated)
    return ['All other results, including p and the tables, use the scores of rules and LLM judge.'];
  const what =
    judgedSides.length === 1
      ? `Only ${judgedSides[0]} has human ratings`
      : 'Too few answers to the same questions have human ratings';
  return [
    `${what}, so this comparison uses the scores of rules and LLM judge. To rate answers of both, run \`chirality eval audit ${first.key} ${second.key}\`.`,
  ];
}

const isOfOneSet = (rows: readonly ComparedRow[]) => rows.every(({ set }) => set === rows[0]!.set);

const placeOf = (rows: readonly ComparedRow[]) =>
  `${isOfOneSet(rows) ? rows[0]!.set : 'all sets'}, ${viewLabel(rows[0]!.view)}`;

function corrections(others: readonly PairedTest[]): string[] {
  const n = others.filter(({ test }) => test.p !== null).length;
  return n > 1
    ? [`The first comparison is the main result. The ${n} other p values are Holm-corrected.`]
    : [];
}

/**
 * Rates the confidence in the sign of a difference, by Student's t over images. The rating is only valid for
 * these runs, not for other seeds.
 */
export function confidenceOf({ interval, p }: Comparison): Confidence {
  const excludesZero = interval !== undefined && interval[0] * interval[1] > 0;
  if (p === null || !excludesZero) return 'low';
  return p < 0.01 ? 'high' : p < 0.05 ? 'medium' : 'low';
}

function verdict(about: string, test: Comparison, group: readonly ComparedRow[]): string {
  const { difference, n, bounds, not_judged = 0, interval, p, only_first = 0, only_second = 0 } = test;
  const rows = several(only_first, group[0]!.view === BOTH ? 'pair' : 'row');
  const counts = hasSeveralAnswers(group)
    ? `A is correct more often in ${rows}, B in ${only_second}`
    : `only A is correct in ${rows}, only B in ${only_second}`;
  if (bounds) {
    const ends = endsText(bounds, points);
    const better = bounds[0] > 0 ? 'B is better' : bounds[1] < 0 ? 'A is better' : 'no clear difference';
    return `${about}: ${better}${better.startsWith('no') ? '' : ' on these rows, regardless of the unscored answers'}. B minus A is ${ends} points, because ${not_judged} of ${n} rows are not scored in A or B. Of the scored rows, ${counts}. A p value requires scores for all rows.`;
  }
  if (only_first + only_second === 0)
    return `${about}: no difference. A and B are correct on the same rows (${n} shared rows), but can differ on other rows.`;
  const confidence = confidenceOf(test);
  const range = interval ? ` (95% ${interval.map(points).join(' to ')})` : '';
  const odds = `${counts}, p ${pText(p!).replace(/^(?=\d)/, '= ')}`;
  if (confidence === 'low')
    return `${about}: no clear difference. B minus A is ${points(difference)} points${range}; ${odds}. The difference might be due to chance.`;
  const better = difference! > 0 ? 'B is better' : 'A is better';
  return `${about}: ${better}. B minus A is ${points(difference)} points${range}; ${odds}. Confidence: ${confidence}.`;
}

const BY_IMAGE =
  'Paired, two-sided: the larger p of Student’s t over images and the sign test’s mid-p. Rows of one image count together.';

const pCell = (p: number | null | undefined): Cell => (p == null ? NONE : { text: pText(p), value: p });

function outcomeTable(tested: readonly (PairedTest & { about: string })[]): Table {
  const isOpen = tested.some(({ test }) => test.bounds);
  const isSeveral = tested.some(({ rows }) => hasSeveralAnswers(rows));
  const named = outcomeWords(isSeveral);
  const single = { both: 'A and B correct', only_first: 'only A correct', only_second: 'only B correct' };
  const titles = isSeveral ? named : { ...named, ...single, neither: 'A and B wrong' };
  const note = 'No rule can score the answer in A, B or both.';
  // The table has a column of unscored rows only if some rows are unscored.
  const outcomes = (['both', 'only_first', 'only_second', 'neither', 'not_judged'] as const).filter(
    (outcome) => isOpen || outcome !== 'not_judged',
  );
  return tableOf('compare-outcomes', 'Rows by outcome in A and B', tested, [
    words('rows', ({ about }) => about),
    ...outcomes.map((outcome): ColumnOf<PairedTest> => [
      right(titles[outcome], undefined, outcome === 'not_judged' ? note : undefined),
      ({ rows }) => countCell(rows.filter((row) => row.outcome === outcome).length),
    ]),
    [right('B − A, points'), ({ test }) => differenceCell(test)],
    [right('p', undefined, `${BY_IMAGE} After row 1, p is Holm-corrected.`), ({ test }) => pCell(test.p)],
    words(
      'confidence',
      ({ test }) => confidenceOf(test),
      'High: p below 0.01. Medium: p below 0.05. In both cases, the interval excludes zero. Confidence does not cover other seeds.',
    ),
  ]);
}

const differenceCell = ({ difference: value, ...test }: Comparison, unit: Unit = 'share'): Cell =>
  figureCell({ value, unit, ...test }, 1, signed);

function metricTable(first: Compared, second: Compared): Table {
  const originals = ({ rows }: Compared) => rows.filter((row) => viewOfRow(row) === ORIGINAL);
  const sets = [...groupBy(originals(first), ({ set }) => set ?? '').keys()];
  const rows = sets.flatMap((set) => {
    const rowsOf = (compared: Compared) => originals(compared).filter((row) => (row.set ?? '') === set);
    return compareRuns(rowsOf(first), rowsOf(second)).map((row) => ({ ...row, set }));
  });
  const corrected = holm(rows.map(({ p }) => p));
  const items = rows.map((row, i) => ({ ...row, corrected: corrected[i] }));
  const note = `${BY_IMAGE} p values are Holm-corrected for the number of rows of this table.`;
  return tableOf('compare-metrics', 'All metrics on originals, paired', items, [
    words('set', ({ set }) => set),
    words('task', ({ task }) => taskLabel(task)),
    words('metric', ({ metric }) => metricLabel(metric)),
    [right('A'), (row) => sideCell(row, row.first, row.first_bounds)],
    [right('B'), (row) => sideCell(row, row.second, row.second_bounds)],
    [right('B − A'), (row) => differenceCell(row, row.unit)],
    [right('p', undefined, note), (row) => pCell(row.corrected)],
    [right('rows'), ({ n }) => countCell(n)],
  ]);
}

function sideCell({ unit, n }: ComparisonRow, value: number | null, bounds?: [number, number]): Cell {
  return bareCell({ value, unit, n, ...(bounds && { bounds }) });
}

function rowTable(rows: readonly ComparedRow[], outcome: 'only_first' | 'only_second'): Table[] {
  const shown = rows.filter((row) => row.outcome === outcome);
  if (shown.length === 0) return [];
  return [
    tableOf(
      `compare-${outcome.replace('_', '-')}`,
      `${outcomeWords(hasSeveralAnswers(rows))[outcome]}: ${several(shown.length, 'row')}`,
      shown.slice(0, LISTED),
      [
        words('id', ({ id }) => id),
        words('set', ({ set }) => set),
        words('view', ({ view }) => view),
        words('question', ({ question }) => inEnglish(question)),
        words('reference', ({ answer }) => answer),
        words('A', ({ first }) => first),
        words('B', ({ second }) => second),
      ],
      shown.length > LISTED ? [`The list shows the first ${LISTED} rows.`] : [],
    ),
  ];
}
