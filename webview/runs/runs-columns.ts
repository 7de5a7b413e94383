import { statusWord } from '../../src/core/run-data/run-status.ts';
import { duration, figure, percent, percentsText, localTime } from '../../src/base/format.ts';
import { endsOf } from '../../src/core/metrics/metric.ts';
import { spanText } from '../../src/base/labels.ts';
import type { RunSummary, RunsDifference, RunsSort } from '../../src/panels/runs/runs.contract.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { Table } from '../../src/core/reports/document.ts';
import type { GridColumn } from '../ui/grid.tsx';

export interface Column extends GridColumn {
  /** Sort key of a run. Runs with the key null come last. */
  value: (run: RunSummary) => string | number | null;
  /** Text of the cell, if it differs from the sort key. */
  text?: (run: RunSummary) => string;
}

type Share = NonNullable<RunSummary['meter']>['both'];
const lowEnd = (share: Share | undefined): number | null => (share && endsOf(share)?.[0]) ?? null;
const shareOf = (share: Share): string => percentsText(endsOf(share));
const intervalOf = ({ interval }: Share): string =>
  interval ? ` [${interval.map(percent).join(', ')}]` : '';

const seconds = ({ started, state }: RunSummary): number | null => {
  const time = started && state ? (Date.parse(state.heartbeat) - Date.parse(started)) / 1000 : NaN;
  return Number.isNaN(time) ? null : Math.max(time, 0);
};
const statusOf = ({ state, origin, error }: RunSummary) =>
  origin?.holds ?? (error === null ? statusWord(state) : 'unreadable');

export const COLUMNS: readonly Column[] = [
  {
    name: 'name',
    label: 'Run',
    doc: 'Name of the run.',
    width: '120px',
    grow: 1,
    value: (run) => run.name,
  },
  {
    name: 'differs',
    label: 'Differences',
    width: '180px',
    grow: 2,
    fixed: true,
    doc: 'Settings with different values in the selected runs. The table has this column while several runs are selected.',
    value: () => null,
  },
  {
    name: 'both',
    label: 'Pair accuracy',
    width: '240px',
    doc: 'Share of pairs with both views correct in the newest evaluation, with a 95% interval. Before an evaluation, the rollout pair accuracy of the last training steps. If some answers are not scored, the column shows a range and sorts by the lower end.',
    value: ({ meter }) => lowEnd(meter?.both),
    text: ({ meter }) => (meter ? `${shareOf(meter.both)}${intervalOf(meter.both)}${spanText(meter)}` : ''),
  },
  {
    name: 'original',
    type: 'number',
    label: 'Originals',
    width: '84px',
    doc: 'Share of originals that the model answers correctly.',
    value: ({ meter }) => lowEnd(meter?.original),
    text: ({ meter }) => (meter ? shareOf(meter.original) : ''),
  },
  {
    name: 'mirror',
    type: 'number',
    label: 'Mirrors',
    width: '78px',
    doc: 'Share of mirrors that the model answers correctly. For runs without mirrors, the share is for another view.',
    value: ({ meter }) => lowEnd(meter?.other),
    text: ({ meter }) => (meter ? shareOf(meter.other) : ''),
  },
  {
    name: 'reward',
    type: 'number',
    label: 'Reward',
    width: '76px',
    doc: 'Reward of the last step.',
    value: ({ reward }) => reward,
    text: ({ reward }) => (reward === null ? '' : figure(reward)),
  },
  {
    name: 'status',
    label: 'Status',
    width: '90px',
    grow: 1,
    doc: 'Status of the run, for example running. For an external run, the column shows the kind of files.',
    value: statusOf,
  },
  {
    name: 'recipe',
    label: 'Recipe',
    doc: 'Recipe of the run.',
    width: '70px',
    value: ({ recipe }) => recipe,
  },
  {
    name: 'model',
    label: 'Model',
    doc: 'Engine and model of the run.',
    width: '100px',
    grow: 1,
    value: ({ model }) => model,
  },
  {
    name: 'data',
    label: 'Data',
    width: '100px',
    grow: 1,
    doc: 'Training data file of the run.',
    value: ({ data }) => data[0] ?? null,
    // Remove what most files share, because a narrow column shows only the end of the path.
    text: ({ data: [path = ''] }) => path.replace(/([\\/]data)?\.qa\.jsonl$/, ''),
  },
  {
    name: 'step',
    type: 'number',
    label: 'Step',
    width: '86px',
    doc: 'Number of finished steps and number of all steps.',
    value: ({ state }) => state?.step ?? null,
    text: ({ state }) => (state ? `${state.step}/${state.steps}` : ''),
  },
  {
    name: 'duration',
    type: 'number',
    label: 'Duration',
    width: '88px',
    doc: 'Time from the start of the run to the last status update.',
    value: seconds,
    text: (run) => (seconds(run) === null ? '' : duration(seconds(run)!)),
  },
  {
    name: 'started',
    label: 'Started',
    width: '140px',
    doc: 'Start time of the run.',
    value: ({ started }) => started,
    text: ({ started }) => localTime(started),
  },
  {
    name: 'folder',
    label: 'Folder',
    doc: 'Parent folder of the run.',
    width: '100px',
    grow: 1,
    value: ({ root }) => root,
  },
  {
    name: 'note',
    label: 'Note',
    width: '120px',
    grow: 1,
    doc: 'First line of the notes on the run.',
    value: ({ note }) => note.split('\n')[0]! || null,
  },
];

const ALWAYS = ['name', 'differs', 'both', 'status'];
const IF_VARIED = ['recipe', 'model', 'data', 'step', 'duration', 'started', 'note'];

/** Returns the names of the columns that the table shows by default: most only if their values differ among runs. */
export const usualColumns = (runs: readonly RunSummary[]): readonly string[] => [
  ...ALWAYS,
  ...IF_VARIED.filter((name) => {
    const { value } = COLUMNS.find((column) => column.name === name)!;
    return runs.length < 2 || runs.some((run) => value(run) !== value(runs[0]!));
  }),
];

export const textOf = (run: RunSummary, { value, text }: Column): string =>
  oneLine(text ? text(run) : String(value(run) ?? ''), 400);

/** Returns the runs that contain every word of a filter, in a column or in their notes. Sorts the runs by a column. */
export function chosenRuns(
  runs: readonly RunSummary[],
  filter: string,
  sort: RunsSort,
): readonly RunSummary[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (run: RunSummary) => {
    const all = [...COLUMNS.map((column) => textOf(run, column)), run.note].join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const kept = words.length > 0 ? runs.filter(fits) : runs;
  const column = COLUMNS.find(({ name }) => name === sort?.column);
  if (!sort || !column) return kept;
  const sign = sort.descending ? -1 : 1;
  return [...kept].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    return sign * String(x).localeCompare(String(y), undefined, { numeric: true });
  });
}

/** Returns the runs as a table for Markdown and CSV. `differences` are additional columns. */
export const tableOf = (
  runs: readonly RunSummary[],
  columns: readonly Column[],
  differences: readonly RunsDifference[],
): Table => ({
  id: 'runs',
  caption: 'Runs',
  columns: [...columns.map(({ label }) => label), ...differences.map(({ path }) => path)].map((title) => ({
    title,
    align: 'left',
  })),
  rows: runs.map((run, i) => ({
    cells: [
      ...columns.map((column) => ({ text: textOf(run, column) })),
      ...differences.map(({ values }) => ({ text: values[i] ?? '' })),
    ],
  })),
  notes: [],
});
