import { fixed, percent, withInterval } from '../../../base/format.ts';
import type { ProbeDifference, ShownProbe } from '../../insight/insight-files.ts';
import { layerText, placeText } from '../../insight/probe-row.ts';
import { balanceText } from '../../insight/probe.ts';
import { probeSentence } from '../../insight/sentences.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { sum } from '../../../base/numbers.ts';
import { ORIGINAL, PAIR, viewOf } from '../../../rows/view-list.ts';
import { figureCell, NONE, right } from '../cells.ts';
import {
  chartOf,
  pointOf,
  section,
  tableOf,
  words,
  type Cell,
  type Chart,
  type ColumnOf,
  type ReportDocument,
  type Section,
  type Table,
} from '../document.ts';

type Figure = ShownProbe['figures'][number];

type Kind = Pick<Figure, 'train' | 'test' | 'control'>;

/** Returns a report on the accuracy of probes, by probed property. @param most maximum number of rows in lists */
export const probeDocument = (
  title: string,
  results: readonly ShownProbe[],
  most = Infinity,
): ReportDocument => ({
  title,
  lead: [],
  sections: results.map((result, r): Section => {
    const places = positionsOf(result);
    return section(
      `probe-${r}`,
      headingOf(result),
      [probeSentence(result), ...probeText(result)].filter(Boolean),
      [
        ...places.map((place, p) => probeTable(`probe-${r}-${p}`, result, place)),
        ...differencesTables(result, `-${r}`, most),
      ],
      places.map((place, p) => ({ ...probeChart(`curve-${r}-${p}`, result, place), inTables: true })),
    );
  }),
});

/** Returns the content of a page about one property and position. @param most maximum number of rows in lists */
export function probeFigure(result: ShownProbe, position: string, most: number) {
  return {
    finding: probeSentence(result),
    title: headingOf(result),
    positions: positionsOf(result),
    chart: probeChart('curve', result, position),
    layerName: (layer: number) => layerText({ layer }),
    text: probeText(result),
    table: probeTable('read', result, position),
    differences: differencesTables(result, '', most),
  };
}

const positionsOf = ({ figures }: ShownProbe): string[] => [
  ...new Set(figures.map(({ position }) => position)),
];

const headingOf = (result: ShownProbe): string =>
  `${probeTitle(result)}, ${result.figures[0]?.n ?? 0} examples`;

const probeTitle = ({ target, labels }: ShownProbe): string =>
  labels
    ? `${target}, ${labels.join(' or ')}: probe accuracy, %`
    : `${target}: R² (1 is exact)${target === 'count' ? '; accuracy when rounded, %' : ''}`;

function probeText(result: ShownProbe): string[] {
  const read = `Best probe position: ${placeText(result.best)}.`;
  if (!result.labels) return [read];
  const answers = result.said
    .map((figure) => `${viewOf(figure.view).label} ${withInterval(figure, percent)} of ${figure.n}`)
    .join(', ');
  return [
    read,
    `Accuracy of the model's answers, %: ${answers || 'no question asks for this fact'}.`,
    balanceText(result),
  ].filter(Boolean);
}

const CONTROLS = {
  shuffled: 'shuffled labels',
  blind: 'without the image',
  'row alone': 'vertical position',
};

const testText = (test: Figure['test']): string => (test === 'all views' ? test : viewOf(test).label);

const kindText = ({ train, test, control }: Kind): string =>
  control !== null
    ? CONTROLS[control]
    : train === 'originals'
      ? `trained on originals: ${testText(test)}`
      : testText(test);

/** Returns the columns for a result: tests after training on all views, transfer from originals, and controls. */
function kindsOf(figures: readonly Figure[]): Kind[] {
  const wanted = figures.filter(({ train, test, control }) =>
    control !== null
      ? test === 'all views'
      : train === 'all views' || (test !== 'all views' && test !== ORIGINAL),
  );
  const order = ({ train, control }: Kind) => (control !== null ? 2 : train === 'originals' ? 1 : 0);
  return [...groupBy(wanted, kindText).values()].map(([first]) => first!).sort((a, b) => order(a) - order(b));
}

const isOf = (kind: Kind, { train, test, control }: Kind): boolean =>
  kind.train === train && kind.test === test && kind.control === control;

/** Returns the share of the more frequent label in a view, which can differ from the share over all views. */
const chanceOf = (figures: readonly Figure[], test: Figure['test']): number | undefined =>
  figures.flatMap((figure) => ('chance' in figure && figure.test === test ? figure.chance : []))[0];

function probeCell(figure: Figure | undefined, { labels }: ShownProbe): Cell {
  if (!figure) return NONE;
  if (labels) return figureCell({ ...figure, unit: 'share' });
  const cell = figureCell({ ...figure, unit: 'count' }, 2);
  const rounded = 'rounded' in figure ? figure.rounded : null;
  return rounded === null ? cell : { ...cell, text: `${cell.text} (${percent(rounded)})` };
}

function probeTable(id: string, result: ShownProbe, position: string): Table {
  const figures = (result.figures as readonly Figure[]).filter((figure) => figure.position === position);
  const kinds = kindsOf(figures);
  const layers = [...groupBy(figures, ({ layer }) => `${layer}`).values()];
  const hasChance = chanceOf(figures, 'all views') !== undefined;
  return tableOf<readonly Figure[] | null>(
    id,
    `Probe position: ${position}`,
    [...(hasChance ? [null] : []), ...layers],
    [
      words('after layer', (layer) => (layer ? layerText(layer[0]!) : 'chance')),
      ...kinds.map((kind): ColumnOf<readonly Figure[] | null> => [
        right(kindText(kind)),
        (layer) =>
          layer
            ? probeCell(
                layer.find((figure) => isOf(figure, kind)),
                result,
              )
            : figureCell({ value: chanceOf(figures, kind.test)!, unit: 'share', n: 0 }),
      ]),
    ],
  );
}

/**
 * Draws the probe's accuracy by layer for originals and mirrors. A horizontal line is the accuracy of the model's own
 * answers; a band is the range of chance and controls. The table contains all other values.
 */
function probeChart(id: string, result: ShownProbe, position: string): Chart {
  const figures = (result.figures as readonly Figure[]).filter((figure) => figure.position === position);
  const layers = [...new Set(figures.map(({ layer }) => layer))].sort((a, b) => a - b);
  const kinds = kindsOf(figures).filter(({ train, control }) => train === 'all views' && control === null);
  const views = kinds.filter(({ test }) => isPairView(test));
  const answers = result.labels ? answersShare(result.said) : null;
  const band = bandOf(figures, layers, result);
  return chartOf(
    'line',
    id,
    `${probeTitle(result)}; probe position: ${position}`,
    'layer',
    result.labels ? 'probe accuracy, %' : 'R²',
    [
      ...(views.length > 0 ? views : kinds).map((kind) => ({
        name: kindText(kind),
        points: figures
          .filter((figure) => isOf(figure, kind))
          .flatMap((figure) => pointOf(probeCell(figure, result), { x: figure.layer })),
      })),
      ...(answers === null
        ? []
        : [{ name: 'model’s answers', points: layers.map((x) => ({ x, y: answers })) }]),
      ...(band.length > 0 ? [{ name: 'chance and controls', points: [], curve: band }] : []),
    ],
  );
}

/** Returns the accuracy of the model's own answers in percent, over originals and mirrors. */
function answersShare(said: Extract<ShownProbe, { said: unknown }>['said']): number | null {
  const ofPair = said.filter(({ view }) => isPairView(view));
  const n = sum(ofPair.map((figure) => figure.n));
  return n === 0 ? null : (100 * sum(ofPair.map((figure) => figure.n * (figure.value ?? 0)))) / n;
}

/** Returns the lowest and highest value of chance and controls at each layer. */
function bandOf(figures: readonly Figure[], layers: readonly number[], result: ShownProbe) {
  const tests = [...new Set(figures.map(({ test }) => test))].filter(isPairView);
  const chances = tests.flatMap((test) => chanceOf(figures, test) ?? []).map((share) => 100 * share);
  return layers.flatMap((x) => {
    const controls = figures
      .filter(({ layer, control, test }) => layer === x && control !== null && test === 'all views')
      .flatMap((figure) => probeCell(figure, result).value ?? []);
    const all = [...chances, ...controls];
    if (all.length === 0) return [];
    const interval: [number, number] = [Math.min(...all), Math.max(...all)];
    return [{ x, y: (interval[0] + interval[1]) / 2, interval }];
  });
}

const isPairView = (view: string): boolean => PAIR.some((pairView) => pairView === view);

const DIFFERENCES = { knows: 'Probe correct, answer wrong', says: 'Answer correct, probe wrong' };

/** Lists rows on which probe and answer differ, with the number for shuffled labels; [] for numeric targets. */
function differencesTables(result: ShownProbe, mark: string, most: number): Table[] {
  if (!result.labels) return [];
  const { shuffled } = result;
  return (['knows', 'says'] as const).map((kind) => {
    const rows = result[kind];
    const beside = shuffled && rows.length > 0 ? ` (${shuffled[kind]} with shuffled labels)` : '';
    return tableOf<ProbeDifference>(
      `${kind}${mark}`,
      `${DIFFERENCES[kind]}: ${rows.length}${beside}${rows.length > most ? `, the first ${most}` : ''}`,
      rows.slice(0, most),
      [
        words('row', ({ id }) => id),
        words('view', ({ view }) => viewOf(view).label),
        words('probe', ({ read }) => read),
        words('answer', ({ answer, reference }) =>
          answer === reference ? `✓ ${answer}` : `✗ ${answer || 'none'}, reference answer: ${reference}`,
        ),
        [right('certainty'), ({ certainty }) => ({ text: fixed(certainty, 2), value: certainty })],
      ],
      [],
      ({ id }) => ({ key: id }),
    );
  });
}
