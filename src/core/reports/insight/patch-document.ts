import { fixed, withInterval } from '../../../base/format.ts';
import type { PatchFigure } from '../../insight/patch.ts';
import { patchSentence } from '../../insight/sentences.ts';
import { countCell, figureCell, NONE, right } from '../cells.ts';
import {
  chartOf,
  section,
  tableOf,
  type Cell,
  type Chart,
  type ColumnOf,
  type ReportDocument,
  type Table,
} from '../document.ts';

/** Returns a report on how the answer changes if hidden states are replaced by those of the mirrored image. */
export function patchDocument(title: string, figures: readonly PatchFigure[]): ReportDocument {
  const { finding, whole, table, chart } = patchedFigure(figures);
  return {
    title,
    lead: [finding, whole].filter(Boolean),
    sections: [section('patch', 'Effect by layer and token group', [], [table], chart ? [chart] : [])],
  };
}

/** Returns the patching results as a table and a chart, with a sentence that summarises them. */
export const patchedFigure = (figures: readonly PatchFigure[]) => ({
  finding: patchSentence(figures),
  whole: wholeText(figures),
  table: patchTable(figures),
  chart: patchChart(figures),
});

function wholeText(figures: readonly PatchFigure[]): string {
  const whole = figures.find(({ group }) => group === null);
  if (!whole) return 'No row was suitable for activation patching.';
  const change = withInterval({ ...whole, value: whole.change }, (value) => fixed(value, 2));
  return `With the mirrored image, the log-odds of the original's answer change by ${change} (mean of ${whole.n} rows). A shift of 0% gives the answer to the original, 100% the answer to the mirror.`;
}

function patchTable(figures: readonly PatchFigure[]): Table {
  const others = figures.filter(({ group }) => group !== null);
  const groups = [...new Set(others.map(({ group }) => group!))];
  const layers = [...new Set(others.flatMap(({ layer }) => layer ?? []))];
  const caption = "Effect of the mirror's hidden states on log-odds and answer";
  return tableOf<number>('moved', caption, layers, [
    [right('after layer'), (layer) => countCell(layer)],
    ...groups.flatMap((group): ColumnOf<number>[] => {
      const at = (layer: number) => others.find((figure) => figure.layer === layer && figure.group === group);
      return [
        [right(group), (layer) => patchCells(at(layer))[0]],
        [right(`${group}, %`), (layer) => patchCells(at(layer))[1]],
      ];
    }),
  ]);
}

function patchChart(figures: readonly PatchFigure[]): Chart | null {
  const moved = figures.filter(({ group, moved }) => group !== null && moved !== null);
  if (moved.length === 0) return null;
  const layers = [...new Set(moved.flatMap(({ layer }) => layer ?? []))];
  const groups = [...new Set(moved.map(({ group }) => group!))];
  const series = groups.map((name) => ({
    name,
    points: layers.flatMap((layer, x) => {
      const cell = moved.find((figure) => figure.layer === layer && figure.group === name);
      return cell ? [{ x, y: 100 * cell.moved!, label: `${layer}` }] : [];
    }),
  }));
  const caption = 'Shift towards the mirror’s answer by patched layer';
  return chartOf('bars', 'moved-chart', caption, 'after layer', 'shift, %', series, { inTables: true });
}

function patchCells(figure: PatchFigure | undefined): [change: Cell, moved: Cell] {
  if (!figure) return [NONE, NONE];
  const { change, moved } = figure;
  return [
    figureCell({ ...figure, value: change, unit: 'count' }, 2),
    figureCell({ value: moved, unit: 'share', n: figure.n, interval: figure.moved_interval }, 0),
  ];
}
