import { mean } from '../../numbers.ts';
import { holm, type SeedMean } from '../../metrics/statistics.ts';
import { fixed } from '../../labels.ts';
import { NONE } from '../cells.ts';
import type { Cell, Section, Table } from '../document.ts';
import { differenceNote, figureCell, pCell, textCell, type NamedArm } from './cells.ts';
import { figureName, unitOf } from './figure.ts';
import type { SweepPlan } from '../../config/sweep-plan.ts';
import { compareTwo, pairedRows, type PairedRows } from './results.ts';

type Figure = SweepPlan['compare'];

/**
 * Tests the contrasts that the sweep names: the first cell of each minus the second. @param arms the arms of each
 * figure
 */
export function contrastsSection(
  { contrast = [] }: SweepPlan,
  figures: readonly Figure[],
  arms: readonly (readonly NamedArm[])[],
): Section[] {
  const tables = figures.flatMap((figure, f) => {
    const rows = contrast.flatMap(([a, b]) =>
      arms[f]!.filter(({ cell }) => cell === a).flatMap((first) => {
        const second = arms[f]!.find(({ cell, step }) => cell === b && step === first.step);
        const difference = second && compareTwo(second, first, figure);
        return difference
          ? [{ label: `${first.label} less ${second.label}`, difference, pairs: pairedRows(second, first) }]
          : [];
      }),
    );
    return rows.length > 0 ? [contrastTable(figure, rows, f)] : [];
  });
  if (tables.length === 0) return [];
  return [{ id: 'contrasts', title: 'Contrasts', text: [], tables, charts: [] }];
}

function contrastTable(
  figure: Figure,
  rows: readonly { label: string; difference: SeedMean; pairs: readonly PairedRows[] }[],
  f: number,
): Table {
  const isShare = unitOf(figure) === 'share';
  const corrected = holm(rows.flatMap(({ difference }) => difference.p ?? []));
  const n = Math.min(...rows.map(({ difference }) => difference.n));
  const columns = ['difference', 'p', ...(isShare && figure.metric !== 'drop' ? ['h'] : []), 'shown from'];
  const notes: Readonly<Record<string, string>> = { ...NOTES, difference: differenceNote(n) };
  return {
    id: `contrasts-${f + 1}`,
    caption: figureName(figure) + (isShare ? ', points' : ''),
    columns: [
      { title: 'contrast', align: 'left' },
      ...columns.map((title) => ({
        title,
        align: 'right' as const,
        ...(notes[title] && { note: notes[title] }),
      })),
    ],
    rows: rows.map(({ label, pairs, difference }) => {
      const p = difference.p === undefined ? null : corrected.shift()!;
      const cells: Record<string, Cell> = {
        difference: figureCell(figure, difference),
        p: pCell(p),
        h: effectCell(pairs),
        'shown from': leastCell(figure, difference),
      };
      return { cells: [textCell(label), ...columns.map((title) => cells[title]!)] };
    }),
    notes: [
      ...(n > 1
        ? [
            `Over ${n} seeds. Fewer than five seeds tell little: "shown from" is the least difference that these could have told from none at p = 0.05.`,
          ]
        : []),
      ...(rows.length > 1 ? [`p by Holm’s correction for the ${rows.length} contrasts.`] : []),
    ],
  };
}

const NOTES: Readonly<Record<string, string>> = {
  h: 'Cohen’s h of the two shares: 0.2 is small, 0.5 medium, 0.8 large.',
  'shown from': 'Half the width of the interval.',
};

/** Cohen's h, 2·asin√p − 2·asin√q (Statistical Power Analysis, 1988, chapter 6), over the rows of all seeds. */
function effectCell(pairs: readonly PairedRows[]): Cell {
  const rows = pairs.flat();
  const angle = (values: number[]) => 2 * Math.asin(Math.sqrt(mean(values)!));
  const h = angle(rows.map(({ second }) => second)) - angle(rows.map(({ first }) => first));
  return { text: fixed(h, 2), value: h };
}

function leastCell(figure: Figure, { mean: middle, n, interval }: SeedMean): Cell {
  return interval && n > 1 ? figureCell(figure, { mean: interval[1] - middle }) : NONE;
}
