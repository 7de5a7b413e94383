import { OTHER_LAYERS, ROLES, throughTitle } from '../../core/insight/set-names.ts';
import { fixed, percent, withInterval } from '../../core/labels.ts';
import type { ComparedLooks } from '../../core/insight/compare-looks.ts';
import { groupBy } from '../../core/metrics/scored-row.ts';
import type { Metric } from '../../core/metrics/metric.ts';
import type { SetFigure } from '../../core/insight/set-figures.ts';
import { type SetRow } from '../../core/insight/set-row.ts';
import { COUNT_VERDICTS } from '../../core/insight/counting.ts';
import { formatTable } from '../print.ts';

/** The figures of a set as tables for a terminal: one per query, original beside mirror. */
export function describeSet(
  rows: readonly SetRow[],
  figures: readonly SetFigure[],
  queries: readonly string[],
): string {
  const means = figures.filter(({ head }) => head === null);
  const all = means.filter(({ among }) => among === 'all');
  return [
    ...queries.flatMap((query) => {
      const of = all.filter((one) => one.query === query && !isOfWords(one));
      return of.length === 0
        ? []
        : [`Attention of "${query}", shares in % (lift over chance)\n${attentionTable(of)}`];
    }),
    ...wordsTable('Log-odds of the right answer', 'odds', all),
    ...wordsTable('The right answer is the likeliest, % of rows', 'likeliest', all),
    ...answersTable(rows, means),
  ].join('\n\n');
}

const isOfWords = ({ figure }: SetFigure): boolean => figure === 'odds' || figure === 'likeliest';

/** What the answers of several looks depend on, and their figures by layer, beside the first look's. */
export function describeComparison(
  { rows, left, reliance, through }: ComparedLooks,
  names: readonly string[],
): string {
  const [first, ...others] = names as [string, ...string[]];
  const share = (metric: Metric | null): string => (metric ? withInterval(metric, percent) : '');
  const relied = formatTable(
    ['', 'view', 'hidden', 'right answer likeliest', 'lost by hiding', `over ${first}`, 'rows'],
    reliance.map(({ look, view, hidden, likeliest, loss, gain }) => [
      look,
      view,
      hidden ?? 'nothing',
      share(likeliest),
      share(loss),
      share(gain),
      `${likeliest.n}`,
    ]),
  );
  const header = ['layer', 'view', ...names, ...others.map((name) => `${name} less ${first}`)];
  const tables = [...groupBy(through ?? [], (one) => throughTitle(one)!)].map(([title, of]) => {
    const lines = [...groupBy(of, ({ layer, view }) => `${layer} ${view}`).values()];
    const cells = lines.map((line) => {
      const { layer, view, figure } = line[0]!;
      const one = (name: string) => line.find(({ look }) => look === name);
      const say = (metric: Metric | null | undefined) => (metric ? text({ figure, ...metric }) : '');
      return [
        `${layer}`,
        view,
        ...names.map((name) => say(one(name)?.mean)),
        ...others.map((name) => say(one(name)?.change)),
      ];
    });
    return `${title}\n${formatTable(header, cells)}`;
  });
  return [
    `${rows} answers of each${left > 0 ? `; ${left} that not all gave are left out` : ''}.`,
    `What the answers depend on\n${relied}`,
    ...tables,
    ...(through ? [] : [OTHER_LAYERS]),
  ].join('\n\n');
}

function attentionTable(figures: readonly SetFigure[]): string {
  const columns = [
    'picture',
    ...ROLES,
    ...new Set(figures.filter(({ figure }) => figure === 'source').map(({ of }) => of!)),
    'mirror error',
    'follow',
  ].filter((column) => figures.some((one) => columnOf(one) === column));
  const lines = [...groupBy(figures, ({ layer, view }) => `${layer} ${view}`).values()].sort(
    ([a], [b]) => a!.layer! - b!.layer!,
  );
  return formatTable(
    ['layer', 'view', ...columns, 'rows'],
    lines.map((of) => [
      `${of[0]!.layer}`,
      of[0]!.view,
      ...columns.map((column) => {
        const mine = of.filter((one) => columnOf(one) === column && one.figure !== 'lift');
        const lift = of.find((one) => columnOf(one) === column && one.figure === 'lift');
        return mine
          .map((one) => `${text(one)}${lift?.value == null ? '' : ` (${fixed(lift.value, 1)}×)`}`)
          .join('');
      }),
      `${of.find(({ figure }) => figure === 'picture')?.n ?? 0}`,
    ]),
  );
}

const columnOf = ({ figure, of }: SetFigure): string =>
  figure === 'mass' || figure === 'lift' || figure === 'source' ? of! : figure;

function wordsTable(title: string, figure: SetFigure['figure'], all: readonly SetFigure[]): string[] {
  const figures = all.filter((one) => one.figure === figure);
  if (figures.length === 0) return [];
  const lines = groupBy(figures, ({ layer, of }) => of ?? `after layer ${layer}`);
  const views = [...new Set(figures.map(({ view }) => view))];
  const rows = [...lines].map(([name, of]) => [
    name,
    ...views.map((view) =>
      of
        .filter((one) => one.view === view)
        .map(text)
        .join(''),
    ),
  ]);
  return [`${title}\n${formatTable(['', ...views], rows)}`];
}

/** How the answers went, and mass and lift of the answer's attention by verdict. */
function answersTable(rows: readonly SetRow[], figures: readonly SetFigure[]): string[] {
  const counts = rows.filter(({ count }) => count !== null);
  const views = [...new Set(rows.map(({ view }) => view))];
  const said = (of: readonly SetRow[]) =>
    counts.length > 0
      ? COUNT_VERDICTS.map((verdict) => `${of.filter(({ count }) => count === verdict).length} ${verdict}`)
      : [`${of.filter(({ right }) => right).length} of ${of.length} right`];
  const told = views.map((view) => `${view}: ${said(rows.filter((row) => row.view === view)).join(', ')}`);
  const split = figures.filter(
    ({ among, figure, of }) => among !== 'all' && figure === 'mass' && of !== 'other',
  );
  const columns = [...new Set(split.map(({ of }) => of!))];
  const lines = [
    ...groupBy(split, ({ layer, view, among }) => JSON.stringify([layer, view, among])).values(),
  ];
  lines.sort(([a], [b]) => a!.layer! - b!.layer!);
  const table = formatTable(
    ['layer', 'view', 'answers', ...columns, 'rows'],
    lines.map((of) => [
      `${of[0]!.layer}`,
      of[0]!.view,
      of[0]!.among,
      ...columns.map((column) =>
        of
          .filter((one) => one.of === column)
          .map(text)
          .join(''),
      ),
      `${of[0]!.n}`,
    ]),
  );
  return [`Answers\n${told.join('\n')}`, ...(split.length > 0 ? [`Mass by answer\n${table}`] : [])];
}

/** Shares in percent, with their interval. */
function text({ figure, value, interval }: Pick<SetFigure, 'figure' | 'value' | 'interval'>): string {
  const isShare = ['picture', 'mass', 'source', 'likeliest'].includes(figure);
  return withInterval({ value, interval }, isShare ? percent : (v) => fixed(v, 2));
}
