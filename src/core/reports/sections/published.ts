import { endsOf } from '../../metrics/metric.ts';
import type { Metric } from '../../evaluation/results.ts';
import { aboutOwn, NONE, figureCell, judgedNameCell, left, right } from '../cells.ts';
import { besideText, markBest, section, type Cell, type Row, type Section, type Table } from '../document.ts';
import { figureOf, shownFor, showsPublished, type Evaluation, type ReportOptions } from '../evaluation.ts';
import { INVESTIGATOR_TABLES } from '../published/investigator.ts';
import { SVQA_TABLES } from '../published/svqa.ts';
import {
  PUBLISHED_SETS,
  figuresOf,
  valueOf,
  type PublishedSet,
  type PublishedTable,
} from '../published/table.ts';

const TABLES = [...SVQA_TABLES, ...INVESTIGATOR_TABLES];

/**
 * Returns the tables of both papers as printed, followed by own rows on the same evaluation sets. By default, contains
 * only tables with own rows.
 */
export function publishedSection(evaluations: readonly Evaluation[], options: ReportOptions): Section {
  return section(
    'published',
    'Published results',
    [
      'Published values are as printed in the papers, including misprints. Notes explain known problems. Values are not comparable if the subset, the prompt or the answer extraction differs. Your values are bold if their interval exceeds the intervals of your other rows.',
      ...(Object.entries(options.map) as [string, PublishedSet][])
        .filter(([set, published]) => !hasFigureOf(set, published, evaluations, options))
        .map(
          ([set, published]) =>
            `${set} has no questions of the kinds that the papers report for ${PUBLISHED_SETS[published]}, so your rows cannot be compared.`,
        ),
    ],
    TABLES.map((table) => besideOwn(table, evaluations, options)).filter(
      ({ rows }) => showsPublished(evaluations, options) || rows.some(({ origin }) => origin === 'own'),
    ),
  );
}

/** Returns a published table, with a row for each evaluation that has at least one value in the table's columns. */
function besideOwn(
  { id, caption, columns, rows, recipe, notes }: PublishedTable,
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): Table {
  const printed = rows.map(({ name, figures, note, notes: about }): Row => ({
    origin: 'published',
    cells: [
      { text: name, ...(note && { note }) },
      ...figuresOf(figures).map((text, f): Cell => {
        const value = valueOf(text);
        return { text, ...(value !== undefined && { value }), ...(about?.[f] && { note: about[f] }) };
      }),
    ],
  }));
  // A table can have columns for several published sets, which correspond to several own sets.
  const sets = Object.keys(options.map).filter((set) =>
    columns.some(({ own }) => own?.set === options.map[set]),
  );
  const shown = [...new Set(sets.flatMap((set) => shownFor(evaluations, set, options)))].filter(
    ({ key }) => recipe === undefined || sweepOf(key).startsWith(recipe),
  );
  const ownRows = shown.flatMap((evaluation): Row[] => {
    const cells = columns.map(({ own, pass4 }) => {
      const set = sets.find((name) => options.map[name] === own?.set && hasSet(evaluation, name));
      if (!own || set === undefined) return NONE;
      const { task, metric } = own;
      const cell = figureCell(figureOf(evaluation, set, { task, metric }), 2);
      const four = pass4 && evaluation.sets[set]?.cvPass4[metric];
      return four && cell !== NONE ? withPass4(cell, four) : cell;
    });
    if (cells.every((cell) => cell === NONE)) return [];
    const set = sets.find((name) => hasSet(evaluation, name))!;
    return [{ ...aboutOwn(evaluation), cells: [judgedNameCell(evaluation, set), ...cells] }];
  });
  const marked = markBest({
    id,
    caption,
    columns: [left('model'), ...columns.map(({ title, note, better }) => right(title, better, note))],
    rows: [...printed, ...ownRows],
    notes: [...notes],
  });
  return { ...marked, rows: marked.rows.map((row) => ({ ...row, cells: row.cells.map(inBrackets) })) };

  /** If the paper prints Pass@4 in brackets, moves the interval into a note, because it would look like Pass@4. */
  function inBrackets(cell: Cell, c: number): Cell {
    if (!columns[c - 1]?.pass4 || !cell.interval) return cell;
    const { interval, lacks, ...others } = cell;
    return {
      ...others,
      note: [cell.note, `95%: ${besideText({ text: cell.text, interval, ...(lacks && { lacks }) })}.`]
        .filter(Boolean)
        .join(' '),
    };
  }
}

/** Returns the name of the run's sweep, which starts with the recipe; '' if the run is not part of a sweep. */
const sweepOf = (key: string): string => /[\\/]sweeps[\\/]([^\\/]+)[\\/]runs[\\/]/.exec(key)?.[1] ?? '';

const withPass4 = (cell: Cell, four: Metric): Cell => ({
  ...cell,
  text: `${cell.text} (${figureCell(four, 2).text})`,
});

/** Whether an own set has any of the values that the papers print for the corresponding published set. */
function hasFigureOf(
  set: string,
  published: PublishedSet,
  evaluations: readonly Evaluation[],
  options: ReportOptions,
): boolean {
  const ownColumns = TABLES.filter(({ recipe }) => recipe === undefined).flatMap(({ columns }) =>
    columns.flatMap((column) => column.own ?? []),
  );
  return shownFor(evaluations, set, options).some((evaluation) =>
    ownColumns.some(({ set: ofSet, task, metric }) => {
      const figure = ofSet === published ? figureOf(evaluation, set, { task, metric }) : undefined;
      return figure !== undefined && endsOf(figure) !== null;
    }),
  );
}

const hasSet = ({ figures }: Evaluation, set: string) => figures.some((figure) => figure.set === set);
