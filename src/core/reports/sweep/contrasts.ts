import { mean } from '../../numbers.ts';
import { crossedInterval, holm, meanOfSeeds, type SeedMean } from '../../metrics/statistics.ts';
import type { Random } from '../../random.ts';
import { fixed } from '../../labels.ts';
import { NONE } from '../cells.ts';
import type { Cell, Section, Table } from '../document.ts';
import { figureCell, pCell, textCell, type NamedArm } from './cells.ts';
import { figureName, unitOf } from './figure.ts';
import type { SweepPlan } from './plan.ts';
import { pairedRows, type PairedRows } from './results.ts';

type Figure = SweepPlan['compare'];

/**
 * Tests the contrasts that the sweep names: the first cell of each minus the second. @param arms the arms of each
 * figure
 */
export function contrastsSection(
  { contrast = [] }: SweepPlan,
  figures: readonly Figure[],
  arms: readonly (readonly NamedArm[])[],
  random: Random,
): Section[] {
  const tables = figures.flatMap((figure, f) => {
    const rows = contrast.flatMap(([a, b]) =>
      arms[f]!.filter(({ cell }) => cell === a).flatMap((first) => {
        const second = arms[f]!.find(({ cell, step }) => cell === b && step === first.step);
        const pairs = second ? pairedRows(second, first) : [];
        return pairs.length > 0 ? [{ label: `${first.label} less ${second!.label}`, pairs }] : [];
      }),
    );
    return rows.length > 0 ? [contrastTable(figure, rows, f, random.fork(f))] : [];
  });
  if (tables.length === 0) return [];
  return [{ id: 'contrasts', title: 'Contrasts', text: [], tables, charts: [] }];
}

function contrastTable(
  figure: Figure,
  rows: readonly { label: string; pairs: readonly PairedRows[] }[],
  f: number,
  random: Random,
): Table {
  const isShare = unitOf(figure) === 'share';
  const found = rows.map(({ label, pairs }) => {
    const runs = pairs.map((run) =>
      run.map(({ cluster, first, second }) => ({ cluster, value: second - first })),
    );
    const seeds = meanOfSeeds(runs.map((run) => mean(run.map(({ value }) => value))!));
    const interval = crossedInterval(runs, random.fork(label));
    return { label, pairs, seeds, interval };
  });
  const known = holm(found.flatMap(({ seeds }) => seeds.p ?? []));
  const n = Math.min(...found.map(({ seeds }) => seeds.n));
  const columns = [
    'difference',
    'p by seed',
    ...(isShare && figure.metric !== 'drop' ? ['h'] : []),
    'shown from',
  ];
  return {
    id: `contrasts-${f + 1}`,
    caption: figureName(figure) + (isShare ? ', points' : ''),
    columns: [
      { title: 'contrast', align: 'left' },
      ...columns.map((title) => ({
        title,
        align: 'right' as const,
        ...(NOTES[title] && { note: NOTES[title] }),
      })),
    ],
    rows: found.map(({ label, pairs, seeds, interval }) => {
      const p = seeds.p === undefined ? null : known.shift()!;
      const cells: Record<string, Cell> = {
        difference: figureCell(figure, { mean: seeds.mean, ...(interval && { interval }) }),
        'p by seed': pCell(p),
        h: effectCell(pairs),
        'shown from': leastCell(figure, seeds),
      };
      return { cells: [textCell(label), ...columns.map((title) => cells[title]!)] };
    }),
    notes: [
      n > 1
        ? `Over ${n} seeds. Fewer than five seeds tell little: "shown from" is the least difference that these could have told from none at p = 0.05.`
        : 'One seed: the intervals are those of its rows, and another seed may say otherwise.',
      ...(known.length === 0 && found.length > 1
        ? [`p by Holm’s correction for the ${found.length} contrasts.`]
        : []),
    ],
  };
}

const NOTES: Readonly<Record<string, string>> = {
  difference: '95 % interval by resampling seeds and images, both at once.',
  'p by seed': 'Runs with the same seed, Student’s t.',
  h: 'Cohen’s h of the two shares: 0.2 is small, 0.5 medium, 0.8 large.',
  'shown from': 'Half the width of Student’s interval over these seeds.',
};

/** Cohen's h, 2·asin√p − 2·asin√q (Statistical Power Analysis, 1988, chapter 6), over the rows of all seeds. */
function effectCell(pairs: readonly PairedRows[]): Cell {
  const rows = pairs.flat();
  const angle = (values: number[]) => 2 * Math.asin(Math.sqrt(mean(values)!));
  const h = angle(rows.map(({ second }) => second)) - angle(rows.map(({ first }) => first));
  return { text: fixed(h, 2), value: h };
}

function leastCell(figure: Figure, { mean: middle, interval }: SeedMean): Cell {
  return interval ? figureCell(figure, { mean: interval[1] - middle }) : NONE;
}
