import { metricLabel, taskLabel } from '../../labels.ts';
import { compareRuns } from '../../metrics/compare.ts';
import { compare, type Comparison } from '../../metrics/statistics.ts';
import { groupBy } from '../../metrics/scored-row.ts';
import { countCell, figureCell, left, NONE, right, signed } from '../cells.ts';
import type { Confidence } from './claims.ts';
import {
  bothViews,
  compareRows,
  OUTCOME_WORDS,
  pairedValues,
  type ComparedRow,
  type JudgedRow,
  type Outcome,
} from '../../metrics/outcomes.ts';
import type { Cell, Section, Table } from '../document.ts';
import { ORIGINAL, viewLabel, viewOfRow } from '../../view-list.ts';

/** Number of rows that an export lists for each kind of difference. */
const LISTED = 50;

/** An evaluation with its name and rows. */
export interface Compared {
  name: string;
  rows: readonly JudgedRow[];
}

/** Compares two evaluations row by row: where only one is right, and whether the difference is more than chance. */
export function compareSection(first: Compared, second: Compared): Section {
  const rows = compareRows(first.rows, second.rows);
  const places = groupBy([...rows, ...bothViews(rows)], ({ set, view }) => JSON.stringify([set, view]));
  const groups = [...places.values()];
  const tested = groups.map((group) => ({
    group,
    of: placeOf(group),
    test: compare(pairedValues(group), true),
  }));
  return {
    id: 'compare',
    title: `${first.name} (A) against ${second.name} (B)`,
    text:
      rows.length === 0
        ? ['They have no question in common: same set, view and id.']
        : [...tested.map(({ of, test }) => verdict(of, test)), ...notJudged(first, second)],
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

/** Says how many answers are in no comparison. */
function notJudged(...both: readonly Compared[]): string[] {
  const [a = 0, b = 0] = both.map(({ rows }) => rows.filter(({ right }) => right === null).length);
  if (a + b === 0) return [];
  return [`No rule can judge ${a} answers of A and ${b} of B: these questions are in none of the counts.`];
}

const placeOf = ([row]: readonly ComparedRow[]) => `${row!.set}, ${viewLabel(row!.view)}`;

/**
 * How far the sign of a difference can be trusted, by Student's t over images; valid only for these runs, not for
 * other seeds.
 */
export function confidenceOf({ interval, p }: Comparison): Confidence {
  const excludesZero = interval !== undefined && interval[0] * interval[1] > 0;
  if (p === null || !excludesZero) return 'low';
  return p < 0.01 ? 'high' : p < 0.05 ? 'medium' : 'low';
}

function verdict(of: string, test: Comparison): string {
  const { difference, n, interval, p, only_first = 0, only_second = 0 } = test;
  if (only_first + only_second === 0)
    return `${of}: no row differs. Of ${n}, A and B have the same ones right; other rows may tell them apart. Confidence: low.`;
  const confidence = confidenceOf(test);
  const range = interval ? ` (95 % ${interval.map((end) => signed(100 * end, 1)).join(' to ')})` : '';
  const odds = `${only_first} rows only A has right, ${only_second} only B, p ${pText(p!).replace(/^(?=\d)/, '= ')}`;
  if (confidence === 'low')
    return `${of}: no difference is shown. B minus A is ${signed(100 * difference!, 1)} points${range}; ${odds}. Confidence: low.`;
  const better = difference! > 0 ? 'B is better' : 'A is better';
  return `${of}: ${better}. B minus A is ${signed(100 * difference!, 1)} points${range}; ${odds}. Confidence: ${confidence}.`;
}

const BY_IMAGE = 'Paired, two-sided, Student’s t over images: rows about one image count together.';

const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

const pCell = (p: number | null | undefined): Cell => (p == null ? NONE : { text: pText(p), value: p });

function outcomeTable(
  tested: readonly { group: readonly ComparedRow[]; of: string; test: Comparison }[],
): Table {
  return {
    id: 'compare-outcomes',
    caption: 'Right and wrong in both, rows',
    columns: [
      left('rows of'),
      right('A and B right'),
      right('only A right'),
      right('only B right'),
      right('A and B wrong'),
      right('B − A, points'),
      right('p', undefined, BY_IMAGE),
      left(
        'confidence',
        'High: p below 0.01, medium: below 0.05, and the interval excludes zero. Not of other seeds.',
      ),
    ],
    rows: tested.map(({ group, of, test }) => {
      const count = (outcome: Outcome) => group.filter((row) => row.outcome === outcome).length;
      return {
        cells: [
          { text: of },
          ...(['both', 'only_first', 'only_second', 'neither'] as const).map((outcome) =>
            countCell(count(outcome)),
          ),
          differenceCell(test),
          pCell(test.p),
          { text: confidenceOf(test) },
        ],
      };
    }),
    notes: [],
  };
}

const differenceCell = (
  { difference, n, interval }: Comparison,
  unit: 'share' | 'percent' | 'count' = 'share',
): Cell => figureCell({ value: difference, unit, n, ...(interval && { interval }) }, 1, signed);

/** Compares every metric of the originals that both have. */
function metricTable(first: Compared, second: Compared): Table {
  const originals = ({ rows }: Compared) => rows.filter((row) => viewOfRow(row) === ORIGINAL);
  const sets = [...groupBy(originals(first), ({ set }) => set ?? '').keys()];
  return {
    id: 'compare-metrics',
    caption: 'Every metric of the originals, paired',
    columns: [
      left('set'),
      left('task'),
      left('metric'),
      right('A'),
      right('B'),
      right('B − A'),
      right('p', undefined, `${BY_IMAGE} Not corrected for how many are looked at.`),
      right('rows'),
    ],
    rows: sets.flatMap((set) => {
      const of = (one: Compared) => originals(one).filter((row) => (row.set ?? '') === set);
      return compareRuns(of(first), of(second)).map((row) => ({
        cells: [
          { text: set },
          { text: taskLabel(row.task) },
          { text: metricLabel(row.metric) },
          figureCell({ value: row.first, unit: row.unit, n: row.n }),
          figureCell({ value: row.second, unit: row.unit, n: row.n }),
          differenceCell(row, row.unit),
          pCell(row.p),
          countCell(row.n),
        ],
      }));
    }),
    notes: [],
  };
}

function rowTable(rows: readonly ComparedRow[], outcome: 'only_first' | 'only_second'): Table[] {
  const shown = rows.filter((row) => row.outcome === outcome);
  if (shown.length === 0) return [];
  const table: Table = {
    id: `compare-${outcome.replace('_', '-')}`,
    caption: `${OUTCOME_WORDS[outcome]}: ${shown.length} rows`,
    columns: ['id', 'set', 'view', 'question', 'reference', 'A', 'B'].map((title) => left(title)),
    rows: shown.slice(0, LISTED).map(({ id, set, view, question, answer, first, second }) => ({
      cells: [id, set, view, question, answer, first, second].map((text) => ({ text })),
    })),
    notes: shown.length > LISTED ? [`The first ${LISTED} of them.`] : [],
  };
  return [table];
}
