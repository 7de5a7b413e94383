import { endsText, fixed, ofRows, percentText, percentWith } from '../../base/format.ts';
import { endsOf, withWidth } from '../metrics/metric.ts';
import { sum } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';
import {
  left,
  right,
  tableOf,
  type Cell,
  type Column,
  type ColumnOf,
  type Row,
  type Table,
} from './document.ts';
import { figureOf, nameOf, type Evaluation } from './evaluation.ts';

export { left, right };

export const NONE: Cell = { text: '–' };

/** Formats a value for tables: a share times 100, with its interval; with unscored rows, both bounds. */
export function figureCell(
  metric: Omit<Metric, 'p'> | undefined,
  digits = 1,
  text: (value: number, digits: number) => string = metric?.unit === 'share'
    ? (value, digits) => percentWith(value / 100, digits)
    : fixed,
): Cell {
  const ends = metric && endsOf(metric);
  if (!ends) return NONE;
  const scale = metric.unit === 'share' ? 100 : 1;
  const [low, high] = [scale * ends[0], scale * ends[1]];
  // Omits an interval whose ends are equal, because constant rows do not make a value certain.
  const interval = withWidth(metric.interval);
  return {
    text: endsText([low, high], (value) => text(value, digits)),
    ...(metric.value === null
      ? {
          bounds: [low, high],
          ...(metric.not_judged !== undefined && {
            lacks: { not_judged: metric.not_judged, n: metric.n },
          }),
        }
      : { value: low }),
    ...(interval && { interval: [scale * interval[0], scale * interval[1]] }),
  };
}

/** Formats a value without its interval and its number of unscored rows. */
export function bareCell(metric: Metric | undefined): Cell {
  const { text, value, bounds } = figureCell(metric);
  if (bounds) return { text, bounds };
  return value === undefined ? NONE : { text, value };
}

/**
 * Formats adjacent values. If their numbers of rows differ, each cell contains its number of rows, because readers
 * assume the same rows.
 */
export function cellsOf(figures: readonly (Metric | undefined)[], cellOf = figureCell): Cell[] {
  const cells = figures.map((figure) => cellOf(figure));
  const counts = figures.flatMap((figure, i) => (cells[i] === NONE ? [] : figure!.n));
  if (new Set(counts).size < 2) return cells;
  return cells.map((cell, i) => (cell === NONE ? NONE : { ...cell, n: figures[i]!.n }));
}

/** Returns a table without the columns that contain no value. */
export function withoutEmpty(table: Table): Table {
  const used = table.columns.map(
    (_, c) => c === 0 || table.rows.some(({ cells }) => cells[c]!.text !== NONE.text),
  );
  const keep = <T>(list: readonly T[]): T[] => list.filter((_, c) => used[c]);
  return {
    ...table,
    columns: keep(table.columns),
    rows: table.rows.map((row) => ({ ...row, cells: keep(row.cells) })),
  };
}

export const countCell = (n: number | undefined): Cell =>
  n === undefined ? NONE : { text: String(n), value: n };

/** Returns the column with the number of unscored answers or pairs. */
export const notJudgedColumn = (): Column =>
  right(
    'not scored',
    undefined,
    'Answers in free text that no rule can score. Values range from all of these answers counted as wrong to all counted as correct.',
  );

export const unparsedColumn = (): Column =>
  right(
    'unparsed, %',
    undefined,
    'Share of unparsed answers in all views of the same line. They count as wrong.',
  );

type Answers = readonly (Metric | undefined)[];

/** Returns the share of unparsed answers over several views. */
export function unparsedCell(views: Answers): Cell {
  const having = views.filter((view) => view?.unparsed !== undefined);
  const n = sum(having.map((view) => view!.n));
  return figureCell({ value: n ? sum(having.map((view) => view!.unparsed!)) / n : null, unit: 'share', n });
}

/** Returns a number of answers over several views. */
export function totalCell(views: Answers, name: 'by_judge' | 'not_judged'): Cell {
  const counts = views.flatMap((view) => view?.[name] ?? []);
  return countCell(counts.length > 0 ? sum(counts) : undefined);
}

export const pairChanceColumn = (): Column =>
  right('chance for pairs', undefined, 'Chance of independent guesses for both views.');

/** Returns the column with the number of answers or pairs that a judge scored. */
export const byJudgeColumn = (): Column =>
  right('by LLM judge', undefined, 'Answers scored only by the LLM judge, which can be wrong.');

/** Returns a model name for publication: the last part of an absolute path, or the name on the Hugging Face Hub. */
const modelName = (model: string): string =>
  /^(?:[\\/]|[A-Za-z]:[\\/])/.test(model) ? (model.split(/[\\/]/).findLast(Boolean) ?? model) : model;

/** Returns the name of an evaluation, with a note on its model and strategy if the name does not contain them. */
function nameCell(evaluation: Evaluation, more: readonly string[] = []): Cell {
  const text = nameOf(evaluation);
  const parts = text.split(', ');
  const { strategy } = evaluation;
  const isUnnamed = (part: string) => part && !parts.includes(part);
  const model = modelName(evaluation.model);
  const about = [
    isUnnamed(model) && `Model: ${model}`,
    isUnnamed(strategy) && `Prompting strategy: ${strategy === 'trained' ? 'training prompt' : strategy}`,
    more.filter(isUnnamed).join(', '),
  ].filter(Boolean);
  return { text, ...(about.length > 0 && { note: `${about.join('. ')}.` }) };
}

/** Returns the fields of a table row about one of the user's evaluations, without the cells. */
export const aboutOwn = ({ key, rules }: Evaluation): Omit<Row, 'cells'> => ({
  key,
  origin: 'own',
  ...(rules !== null && { rules }),
});

/**
 * Returns a table of evaluations, with one line per item.
 * @param columns columns after the first column, which contains the name of the evaluation
 */
export const ownTable = <T extends { evaluation: Evaluation }>(
  id: string,
  caption: string,
  items: readonly T[],
  columns: readonly ColumnOf<T>[],
  notes: string[] = [],
): Table => {
  const name: ColumnOf<T> = [left('evaluation'), ({ evaluation }) => nameCell(evaluation)];
  return tableOf(id, caption, items, [name, ...columns], notes, (item) => aboutOwn(item.evaluation));
};

/** Returns a list with the table of items, without empty columns; [] without items. */
export const ownTables = <T extends { evaluation: Evaluation }>(
  ...[id, caption, items, ...more]: Parameters<typeof ownTable<T>>
): Table[] => (items.length === 0 ? [] : [withoutEmpty(ownTable(id, caption, items, ...more))]);

/** Returns the name of an evaluation, with the context that readers need to judge its values on a set (R24). */
export function judgedNameCell(evaluation: Evaluation, set: string): Cell {
  const figure = figureOf(evaluation, set, { metric: 'accuracy' });
  return nameCell(evaluation, [
    set,
    figure ? `${figure.n} rows` : '',
    figure?.unparsed === undefined ? '' : `${figure.unparsed} unparsed`,
    figure?.not_judged === undefined ? '' : `${figure.not_judged} not scored`,
    figure?.by_judge === undefined ? '' : `${figure.by_judge} by LLM judge`,
    figure?.chance === undefined ? '' : `chance ${ofRows(`${percentText(figure.chance)}`, figure.chance_n)}`,
  ]);
}

/** Returns the cell with a metric's chance, and with the number of rows if not all rows have a defined chance. */
export const chanceCell = (figure: Metric | undefined): Cell =>
  figure?.chance === undefined
    ? NONE
    : {
        ...figureCell({ value: figure.chance, unit: figure.unit, n: figure.n }),
        ...(figure.chance_n !== undefined && { n: figure.chance_n }),
      };

/**
 * Notes on the columns and cells of a table, without duplicates, in reading order. Exports print the number of a note
 * next to the text, and all notes below the table.
 */
export class Notes {
  readonly list: string[];

  constructor({ columns, rows }: Table) {
    const notes = [...columns, ...rows.flatMap(({ cells }) => cells)].map(({ note }) => note);
    this.list = [...new Set(notes.filter((note) => note !== undefined))];
  }

  /**
   * Returns the texts of a table in a format.
   * @param text escapes a string; `raise` formats the number of a note; `cellText` formats a cell without its note
   */
  static partsOf(
    table: Table,
    text: (shown: string) => string,
    raise: (number: number) => string,
    cellText: (cell: Cell) => string,
  ): { head: string[]; rows: string[][]; below: string[] } {
    const notes = new Notes(table);
    const raised = (note: string | undefined) => (note === undefined ? '' : raise(notes.numberOf(note)!));
    return {
      head: table.columns.map(({ title, note }) => text(title) + raised(note)),
      rows: table.rows.map(({ cells }) => cells.map((cell) => cellText(cell) + raised(cell.note))),
      below: [...notes.list.map((note) => `${raised(note)} ${text(note)}`), ...table.notes.map(text)],
    };
  }

  /** Returns the number of a note, from 1; null if no note is given. */
  numberOf(note: string | undefined): number | null {
    return note === undefined ? null : this.list.indexOf(note) + 1;
  }
}
