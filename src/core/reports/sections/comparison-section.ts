import { endsText, points, pText, several, signed } from '../../../base/format.ts';
import { metricLabel, taskLabel } from '../../../base/labels.ts';
import { compareRuns, type ComparisonRow } from '../../metrics/compare-rows.ts';
import { holm, type Comparison } from '../../metrics/statistics.ts';
import { groupBy, questionsBeyond } from '../../evaluation/scored-row.ts';
import { excludedText } from '../file-figures.ts';
import { bareCell, countCell, figureCell, left, NONE, right } from '../cells.ts';
import { nameOf, refusalToCompare, type Evaluation } from '../evaluation.ts';
import type { Audit } from '../../metrics/audit/audit.ts';
import { auditedDifference, judgedDifference } from './audit-section.ts';
import type { Confidence } from './claims.ts';
import { outcomeWords, type Outcome } from '../../metrics/outcome.ts';
import {
  compareRows,
  correctedTests,
  hasSeveralAnswers,
  type ComparedRow,
  type PairedTest,
  type JudgedRow,
} from '../../metrics/outcomes.ts';
import type { Cell, Section, Table } from '../document.ts';
import { ORIGINAL, viewLabel, viewOfRow } from '../../../rows/view-list.ts';
import { inEnglish } from '../../worlds/questions/in-english.ts';

/** Number of rows that an export lists for each kind of difference. */
const LISTED = 50;

/** An evaluation with its name and rows. */
export interface Compared {
  name: string;
  rows: readonly JudgedRow[];
  /** Its folder, the version of its rules, and what people judged of it (`Evaluation`). */
  key: string;
  rules: number | null;
  audit?: Audit | null;
}

/**
 * The sections of a comparison: row by row, and by what people judged, null if they judged too little.
 * @param main the comparison that is tested first, as `isPlace` reads it
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
 * Compares two evaluations row by row: where only one is right, and whether the difference is more than chance.
 * @param judged what people say of the difference; null if they judged too little
 */
export function compareSection(
  first: Compared,
  second: Compared,
  judged: Audit | null = null,
  main?: string,
): Section {
  const refusal = refusalToCompare([first, second]);
  if (refusal !== null) return { ...headOf(first, second), text: [refusal], tables: [], charts: [] };
  const rows = compareRows(first.rows, second.rows);
  const tested =
    rows.length === 0
      ? []
      : correctedTests(rows, main).map((each) => ({ ...each, about: placeOf(each.rows) }));
  const estimates = tested.map(({ rows: group }) =>
    isOfOneSet(group) ? judgedDifference(judged, group[0]!.set, group[0]!.view) : null,
  );
  return {
    ...headOf(first, second),
    text:
      rows.length === 0
        ? ['The evaluations have no rows in common (same set, view and id).']
        : [
            ...tested.map(({ about, test, rows: group }, i) => estimates[i] ?? verdict(about, test, group)),
            ...corrections(tested.slice(1)),
            ...excludedText([
              [questionsBeyond(first.rows, second.rows), 'A'],
              [questionsBeyond(second.rows, first.rows), 'B'],
            ]),
            ...byRulesAlone(first, second, estimates.some(Boolean)),
          ],
    tables:
      rows.length === 0
        ? []
        : [
            outcomeTable(tested),
            metricTable(first, second),
            ...(['only_first', 'only_second'] as const).flatMap((outcome) => rowTable(rows, outcome)),
          ],
    charts: [],
  };
}

/** Says what the figures of the section are by, if people judged some of the answers. */
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

const headOf = (first: Compared, second: Compared): Pick<Section, 'id' | 'title'> => ({
  id: 'compare',
  title: `${first.name} (A) against ${second.name} (B)`,
});

const isOfOneSet = (rows: readonly ComparedRow[]) => rows.every(({ set }) => set === rows[0]!.set);

const placeOf = (rows: readonly ComparedRow[]) =>
  `${isOfOneSet(rows) ? rows[0]!.set : 'all sets'}, ${viewLabel(rows[0]!.view)}`;

/** Says for how many tests the p of those after the main one is corrected. */
function corrections(others: readonly PairedTest[]): string[] {
  const n = others.filter(({ test }) => test.p !== null).length;
  return n > 1
    ? [`The first comparison is the main one. The p values of the ${n} others are Holm-corrected.`]
    : [];
}

/**
 * How far the sign of a difference can be trusted, by Student's t over images; valid only for these runs, not for
 * other seeds.
 */
export function confidenceOf({ interval, p }: Comparison): Confidence {
  const excludesZero = interval !== undefined && interval[0] * interval[1] > 0;
  if (p === null || !excludesZero) return 'low';
  return p < 0.01 ? 'high' : p < 0.05 ? 'medium' : 'low';
}

function verdict(about: string, test: Comparison, group: readonly ComparedRow[]): string {
  const { difference, n, bounds, not_judged = 0, interval, p, only_first = 0, only_second = 0 } = test;
  const counts = hasSeveralAnswers(group)
    ? `A is right more often in ${several(only_first, 'row')}, B in ${only_second}`
    : `only A is right in ${several(only_first, 'row')}, only B in ${only_second}`;
  if (bounds) {
    const ends = endsText(bounds, points);
    const better = bounds[0] > 0 ? 'B is better' : bounds[1] < 0 ? 'A is better' : 'no difference shown';
    const isSure = better.startsWith('no') ? '' : ' on these rows, regardless of the unscored answers';
    return `${about}: ${better}${isSure}. B minus A is ${ends} points, because ${not_judged} of ${n} rows are not scored in A or B. Of the scored rows, ${counts}. A p value requires scores for all rows. Confidence: low.`;
  }
  if (only_first + only_second === 0)
    return `${about}: no difference shown. A and B are right on the same rows (of ${n}), but can differ on other rows. Confidence: low.`;
  const confidence = confidenceOf(test);
  const range = interval ? ` (95% ${interval.map(points).join(' to ')})` : '';
  const odds = `${counts}, p ${pText(p!).replace(/^(?=\d)/, '= ')}`;
  if (confidence === 'low')
    return `${about}: no difference shown. B minus A is ${points(difference)} points${range}; ${odds}. Confidence: low.`;
  const better = difference! > 0 ? 'B is better' : 'A is better';
  return `${about}: ${better}. B minus A is ${points(difference)} points${range}; ${odds}. Confidence: ${confidence}.`;
}

const BY_IMAGE =
  'Paired, two-sided, Student’s t over images, but at least the sign test’s mid-p. Rows of one image count together.';

const pCell = (p: number | null | undefined): Cell => (p == null ? NONE : { text: pText(p), value: p });

function outcomeTable(tested: readonly (PairedTest & { about: string })[]): Table {
  const isOpen = tested.some(({ test }) => test.bounds);
  const isSeveral = tested.some(({ rows }) => hasSeveralAnswers(rows));
  const words = outcomeWords(isSeveral);
  const shown = <T>(columns: readonly T[]) => columns.filter((_, c) => isOpen || c !== NOT_JUDGED_COLUMN);
  return {
    id: 'compare-outcomes',
    caption: 'Rows by outcome in A and B',
    columns: shown([
      left('rows'),
      right(isSeveral ? words.both : 'A and B right'),
      right(isSeveral ? words.only_first : 'only A right'),
      right(isSeveral ? words.only_second : 'only B right'),
      right(isSeveral ? words.neither : 'A and B wrong'),
      right(words.not_judged, undefined, 'No rule can score the answer in A, B or both.'),
      right('B − A, points'),
      right('p', undefined, `${BY_IMAGE} Holm-corrected below the first row.`),
      left(
        'confidence',
        'High: p below 0.01. Medium: p below 0.05. In both, the interval excludes zero. Other seeds are not covered.',
      ),
    ]),
    rows: tested.map(({ rows: group, about, test }) => {
      const count = (outcome: Outcome) => group.filter((row) => row.outcome === outcome).length;
      return {
        cells: shown([
          { text: about },
          ...(['both', 'only_first', 'only_second', 'neither', 'not_judged'] as const).map((outcome) =>
            countCell(count(outcome)),
          ),
          differenceCell(test),
          pCell(test.p),
          { text: confidenceOf(test) },
        ]),
      };
    }),
    notes: [],
  };
}

/** Where that column stands, which is shown only if some row is not scored. */
const NOT_JUDGED_COLUMN = 5;

const differenceCell = (
  { difference: value, n, bounds, not_judged, interval }: Comparison,
  unit: 'share' | 'percent' | 'count' = 'share',
): Cell =>
  figureCell(
    {
      value,
      unit,
      n,
      ...(bounds && { bounds, not_judged }),
      ...(interval && { interval }),
    },
    1,
    signed,
  );

/** Compares every metric of the originals that both have. */
function metricTable(first: Compared, second: Compared): Table {
  const originals = ({ rows }: Compared) => rows.filter((row) => viewOfRow(row) === ORIGINAL);
  const sets = [...groupBy(originals(first), ({ set }) => set ?? '').keys()];
  const rows = sets.flatMap((set) => {
    const rowsOf = (compared: Compared) => originals(compared).filter((row) => (row.set ?? '') === set);
    return compareRuns(rowsOf(first), rowsOf(second)).map((row) => ({ ...row, set }));
  });
  const corrected = holm(rows.map(({ p }) => p));
  return {
    id: 'compare-metrics',
    caption: 'All metrics on originals, paired',
    columns: [
      left('set'),
      left('task'),
      left('metric'),
      right('A'),
      right('B'),
      right('B − A'),
      right('p', undefined, `${BY_IMAGE} Corrected by Holm for the number of rows of this table.`),
      right('rows'),
    ],
    rows: rows.map((row, i) => ({
      cells: [
        { text: row.set },
        { text: taskLabel(row.task) },
        { text: metricLabel(row.metric) },
        sideCell(row, row.first, row.first_bounds),
        sideCell(row, row.second, row.second_bounds),
        differenceCell(row, row.unit),
        pCell(corrected[i]),
        countCell(row.n),
      ],
    })),
    notes: [],
  };
}

/** What one of both comes to on the rows that both have. */
function sideCell({ unit, n }: ComparisonRow, value: number | null, bounds?: [number, number]): Cell {
  return bareCell({ value, unit, n, ...(bounds && { bounds }) });
}

function rowTable(rows: readonly ComparedRow[], outcome: 'only_first' | 'only_second'): Table[] {
  const shown = rows.filter((row) => row.outcome === outcome);
  if (shown.length === 0) return [];
  const table: Table = {
    id: `compare-${outcome.replace('_', '-')}`,
    caption: `${outcomeWords(hasSeveralAnswers(rows))[outcome]}: ${several(shown.length, 'row')}`,
    columns: ['id', 'set', 'view', 'question', 'reference', 'A', 'B'].map((title) => left(title)),
    rows: shown.slice(0, LISTED).map(({ id, set, view, question, answer, first, second }) => ({
      cells: [id, set, view, inEnglish(question), answer, first, second].map((text) => ({ text })),
    })),
    notes: shown.length > LISTED ? [`Only the first ${LISTED} are listed.`] : [],
  };
  return [table];
}
