import { endsText, fixed, lackText, ofRows, percent, percentText, percents } from '../../base/format.ts';
import { controlLabel, figureLabel, taskLabel } from '../../base/labels.ts';
import { isSpread } from '../metrics/answer-spread.ts';
import type { Card } from '../metrics/card.ts';
import type { NamedControl } from '../metrics/control-metrics.ts';
import { floorLines } from '../metrics/floor.ts';
import { type Unit, endsOf } from '../metrics/metric.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import { bothRight } from '../metrics/view-gaps.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { OWN } from '../metrics/summarise.ts';
import { isOfMatrix } from '../metrics/view-matrix.ts';
import { formatTable } from '../../base/printable.ts';
import type { ReportDocument, Table } from './document.ts';
import { viewTables } from './sections/views.ts';
import { tableText } from './table-text.ts';
import { REVERSE, viewLabel } from '../../rows/view-list.ts';

/**
 * Returns the main metrics: the first metric of each task in every view (accuracy, or its equivalent), pass@k of each
 * task, all metrics of CV-Bench, and all metrics over both views.
 */
export function mainFigures(results: readonly EvaluationResult[]): EvaluationResult[] {
  const seen = new Set<string>();
  return results.filter(({ set, view, task, metric, slice, answer }) => {
    if (slice || answer !== undefined || isSpread(metric)) return false;
    if (view === null) return true;
    const isEach = task === OWN || task === 'cv-bench' || metric.startsWith('pass@');
    const key = JSON.stringify([set, view, task, isEach ? metric : '']);
    return !seen.has(key) && seen.add(key);
  });
}

/**
 * Returns one line for each set with an accuracy: "val: accuracy on originals 52.0%, mirrors 57.0%, pair accuracy 41.0%
 * (100 rows)." Values over different rows include their numbers of rows; with unscored answers, values are ranges.
 */
export function outcomeLines(results: readonly EvaluationResult[]): string[] {
  const figures = mainFigures(results).filter(
    (mainFigure) => mainFigure.task === 'all' && endsOf(mainFigure) !== null,
  );
  return [...groupBy(figures, ({ set }) => set)].flatMap(([set, ofSet]) => {
    const both = bothRight(results.filter((figure) => figure.set === set));
    const views = ofSet.filter(({ view, metric }) => view !== null && metric === 'accuracy');
    if (views.length === 0) return [];
    const told = [
      ...views.map(({ view, ...figure }) => ({ name: viewLabel(view!), ...figure })),
      ...(both ? [{ name: 'pair accuracy', ...both }] : []),
    ];
    const sameRows = told.every(({ n }) => n === told[0]!.n);
    const parts = told.map(({ name, n, not_judged: lacks, ...figure }) => {
      const note = lacks !== undefined ? ` (${lackText(lacks, n)})` : sameRows ? '' : ` (n = ${n})`;
      return `${name} ${endsText(endsOf(figure)!, percent)}%${note}`;
    });
    return [`${set}: accuracy on ${parts.join(', ')}${sameRows ? ` (${told[0]!.n} rows)` : ''}.`];
  });
}

/** Explanation of the column "not scored" in tables. */
export const NOT_JUDGED =
  'Not scored: answers in free text that no rule can score. Values range from all of these answers counted as wrong to all counted as correct. Intervals cover both ends. To score these rows with an LLM judge, add --judge.';

/**
 * Returns a warning for each set on which the model could be guessing: in every view, the 95% interval of its accuracy
 * (by image) contains chance. A response bias, which is right in one view and wrong in the other, is not guessing.
 */
export function nearChance(results: readonly EvaluationResult[]): string[] {
  const accuracies = results.filter(
    ({ view, task, metric, slice, chance }) =>
      view !== null && task === 'all' && metric === 'accuracy' && !slice && chance !== undefined,
  );
  return [...groupBy(accuracies, ({ set }) => set)].flatMap(([set, ofSet]) => {
    const guesses = ofSet.every(
      ({ value, chance, chance_n, interval }) =>
        // A range of possible values could contain chance without evidence of guessing.
        value !== null &&
        chance_n === undefined &&
        interval &&
        interval[0] <= chance! &&
        chance! <= interval[1],
    );
    if (!guesses) return [];
    const views = ofSet.map(({ view, chance }) => `${viewLabel(view!)} (${percentText(chance)})`);
    return [`${set}: near chance on ${views.join(' and ')}; the 95% intervals include chance.`];
  });
}

const LACKING = 'not scored';

/** Returns the value columns of a table of metrics. @param digits number of decimals; shares are in percent */
export function figureColumns(
  figures: readonly Metric[],
  digits: number,
): { head: string[]; cells(figure: Metric): string[] } {
  const lacking = figures.some(({ not_judged: lacks }) => lacks !== undefined);
  const byJudge = figures.some(({ by_judge: n }) => n !== undefined);
  return {
    head: [
      'value',
      '95%',
      'n',
      'unparsed',
      ...(lacking ? [LACKING] : []),
      ...(byJudge ? ['by LLM judge'] : []),
      'chance',
    ],
    cells: (figure) => {
      const { unit, interval, n, unparsed = '', not_judged: lacks = '', chance, chance_n } = figure;
      const shown = (value: number | null | undefined) => figureText(value, unit, digits);
      const ends = endsOf(figure);
      return [
        `${ends ? endsText(ends, shown) : shown(null)}${ends && unit !== 'count' ? '%' : ''}`,
        interval?.map(shown).join(' – ') ?? '',
        String(n),
        String(unparsed),
        ...(lacking ? [String(lacks)] : []),
        ...(byJudge ? [String(figure.by_judge ?? '')] : []),
        ofRows(shown(chance), chance_n),
      ];
    },
  };
}

/** Formats a value as tables do: a share times 100. */
export const figureText = (value: number | null | undefined, unit: Unit, digits: number): string =>
  fixed(value == null || unit !== 'share' ? value : 100 * value, digits);

/**
 * Formats a table of shares in percent with their intervals, as in `chirality metrics`, followed by the answers and the
 * view matrix.
 * @param inFull whether to include values by kind of question, answers, and answer style
 */
export function formatResults(results: readonly EvaluationResult[], inFull: boolean): string {
  const isListed = ({ answer }: EvaluationResult) => answer !== undefined;
  const figures = results.filter((result) => !isListed(result) && !isOfMatrix(result));
  const shown = inFull ? figures : mainFigures(figures);
  const { head, cells } = figureColumns(shown, 1);
  const hasBound = inFull && shown.some(({ floor }) => floor);
  const rows = shown.map((figure) => [
    figure.set,
    figure.view ?? 'both',
    ...namesOf(figure),
    ...cells(figure),
    ...(hasBound ? [figure.floor ? percent(figure.floor.words) : ''] : []),
  ]);
  const left = figures.length - shown.length;
  const inMatrix = new Set(results.filter(isOfMatrix).map(({ set }) => set));
  return [
    formatTable(['set', 'view', 'task', 'metric', ...head, ...(hasBound ? ['image-free bound'] : [])], rows),
    ...(head.includes(LACKING) ? [NOT_JUDGED] : []),
    // For sets with a view matrix, the image-free bounds are printed below the matrix.
    ...[...new Set(results.map(({ set }) => set))].flatMap((set) =>
      inMatrix.has(set) ? [] : floorLines(results, set),
    ),
    ...(inFull ? formatAnswers(results.filter(isListed)) : []),
    ...(left > 0
      ? [`${left} more metrics by kind of question, form and answers. To list these metrics, add --all.`]
      : []),
    ...formatMatrices(results),
  ].join('\n');
}

export function formatMatrices(results: readonly EvaluationResult[]): string[] {
  const sets = [...new Set(results.filter(isOfMatrix).map(({ set }) => set))];
  return sets.flatMap((set) =>
    viewTables({ key: '', figures: [...results] }, set, '').map((table) => `\n${tableText(table)}`),
  );
}

function namesOf(result: EvaluationResult): [string, string] {
  const { slice, task, metric } = result;
  const label = figureLabel(result);
  if (slice) return [taskLabel(slice.field), label];
  return isSpread(metric) ? [taskLabel('answers'), `${taskLabel(task)}: ${label}`] : [taskLabel(task), label];
}

/** Formats answer shares: "val, original, yes or no: no 75.0 (references 42.9), yes 25.0 (references 57.1)". */
function formatAnswers(listed: readonly EvaluationResult[]): string[] {
  const titleOf = ({ set, view, task }: EvaluationResult) => `${set}, ${view}, ${taskLabel(task)}`;
  return [...groupBy(listed, titleOf)].map(([title, listedFigures]) => {
    const shareOf = (answer: string, metric: string) => {
      const share = listedFigures.find(
        (figure) => figure.answer === answer && figure.metric === metric,
      )?.value;
      return percent(share ?? 0);
    };
    const answers = listedFigures.flatMap(({ metric, answer }) => (metric === 'given' ? answer! : []));
    const parts = answers.map(
      (answer) => `${answer} ${shareOf(answer, 'given')} (reference answers ${shareOf(answer, 'reference')})`,
    );
    return `${title}: ${parts.join(', ')}`;
  });
}

function rangeText(value: number | null, bounds?: [number, number]): string {
  return percents(endsOf({ value, bounds }));
}

/** Formats the accuracy under each control, and its difference from the normal accuracy. */
export function controlsText(controls: readonly NamedControl[]): string {
  const table = formatTable(
    ['control', 'set', 'view', 'accuracy', 'with control', 'change', '95%', 'n'],
    controls.map(({ name, set, view, interval, n, not_judged: lacks, ...control }) => [
      controlLabel(name),
      set,
      viewLabel(view),
      rangeText(control.accuracy, control.accuracy_bounds),
      rangeText(control.control, control.control_bounds),
      rangeText(control.difference, control.bounds),
      interval?.map(percent).join(' – ') ?? '',
      lacks === undefined ? String(n) : `${n}, ${lacks} not scored`,
    ]),
  );
  const missing = { blind: 'the image', shuffled: 'the model’s own scene graph' };
  const alerts = controls
    .filter(({ alert }) => alert)
    .map(
      ({ name, set, view }) =>
        `! ${set}, ${viewLabel(view)}: no evidence that answers depend on ${missing[name as keyof typeof missing]}.`,
    );
  return [table, ...alerts].join('\n');
}

/** Index of the column with differences in the table of controls, if the table has no model column. */
const FEWER = 2;

/** Describes motion perception, with the values under each control; without controls, the agreement by view. */
export function cardText({ sets }: Card, { lead, sections }: ReportDocument): string {
  const tables = sections.flatMap(({ tables }) => tables.filter(({ id }) => id.startsWith('motion-')));
  if (tables.length === 0) return formatMatrices(sets.flatMap(({ figures }) => figures)).join('\n');
  // For one model, the terminal table omits intervals except those of differences, so that it fits the width.
  const narrow = (table: Table): Table => ({
    ...table,
    columns: table.columns.slice(1),
    rows: table.rows.map(({ cells }) => ({
      cells: cells.slice(1).map((cell, i) => (i === FEWER ? cell : { text: cell.text })),
    })),
  });
  const floors = sets.flatMap(({ figures, name }) => floorLines(figures, name, REVERSE));
  return [...tables.map((table) => tableText(narrow(table))), ...lead.slice(1), ...floors].join('\n\n');
}
