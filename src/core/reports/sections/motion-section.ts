import { endsText, percent, percents, pText, several } from '../../../base/format.ts';
import { controlLabel } from '../../../base/labels.ts';
import type { SetCard } from '../../metrics/card.ts';
import { endsOf } from '../../metrics/metric.ts';
import { leastGain } from '../../metrics/motion-metrics.ts';
import type { EvaluationResult } from '../../evaluation/results.ts';
import type { Comparison } from '../../metrics/statistics.ts';
import { matrixFigure, matrixFigures } from '../../metrics/view-matrix.ts';
import { ORIGINAL, REVERSE, viewOf } from '../../../rows/view-list.ts';
import { cellsOf, figureCell, left, NONE, right, withoutEmpty } from '../cells.ts';
import type { Cell, Row, Table } from '../document.ts';
import { figureOf } from '../evaluation.ts';

const IN_ORDER = 'frames in order';

/**
 * Describes whether a model perceives motion: pair accuracy of clip and reverse, with ordered frames and under each
 * control, and the smallest gain over a control. Null for benchmark cards without controls.
 */
export function motionSentence({ name, controls = [], figures }: SetCard): string | null {
  const gains = controls.flatMap(({ control, gains }) =>
    gains.flatMap(({ view, ...gain }) => (view === REVERSE ? [{ control, gain: gain as Comparison }] : [])),
  );
  const least = leastGain(gains);
  if (!least) return null;
  const shares = controls.map((each) => `${controlLabel(each.control)} ${bothText(each.figures, name)}`);
  const { control, gain, isSure } = least;
  const more = `pair accuracy is ${gainText(gain)} percentage points higher with the frames in order than with ${WITH[control]}`;
  const verdict = isSure ? 'The model uses motion' : 'No evidence that the model uses motion';
  return `Pair accuracy on clips and their reverse (${name}, ${several(gain.n, 'pair')}): ${IN_ORDER} ${bothText(figures, name)}, ${shares.join(', ')}. ${verdict}: ${more}, its best control${gain.p === null ? '' : `; p ${pText(gain.p).replace(/^(?=\d)/, '= ')}`}.`;
}

const WITH = {
  'first-frame': 'the first frame only',
  'shuffled-frames': 'shuffled frames',
  'blank-frames': 'blank frames',
} as const;

function bothText(figures: readonly EvaluationResult[], set: string): string {
  const figure = matrixFigure(matrixFigures(figures, set), ORIGINAL, REVERSE, 'consistent');
  return `${percents(figure ? endsOf(figure) : null)}%`;
}

function gainText({ difference, bounds, interval }: Comparison): string {
  const ends = endsOf({ value: difference, bounds });
  const beside = interval ? ` [${interval.map(percent).join(', ')}]` : '';
  return `${ends ? endsText(ends, percent) : '–'}${beside}`;
}

/** Returns tables of accuracy and pair accuracy, with ordered frames and under each control; [] without controls. */
export function motionTables(group: readonly { name: string; set: SetCard }[], g: number): Table[] {
  const results = group.filter(({ set }) => set.controls);
  if (results.length === 0) return [];
  const views = results[0]!.set.views.filter(({ rows }) => rows > 0).map(({ view }) => view);
  // The reverse is first, because the conclusion is based on it.
  const others = [REVERSE, ...views.filter((view) => view !== ORIGINAL && view !== REVERSE)];
  const cells = (figures: readonly EvaluationResult[], set: string): Cell[] => {
    const matrix = matrixFigures(figures, set);
    return cellsOf([
      ...others.map((view) => matrixFigure(matrix, ORIGINAL, view, 'consistent')),
      figures.find((figure) => figure.set === set && figure.metric === 'all_right'),
      ...views.map((view) => figureOf({ figures: [...figures] }, set, { metric: 'accuracy', view })),
    ]);
  };
  const rowOf = (name: string, frames: string, [reversed, ...more]: Cell[], fewer: Cell): Row => ({
    cells: [{ text: name }, { text: frames }, reversed!, fewer, ...more],
  });
  const [first, ...rest] = others.map((view) =>
    right(`pair accuracy: ${viewOf(view).label.toLowerCase()}`, 'higher', BOTH),
  );
  const table: Table = {
    id: `motion-${g}`,
    caption: 'Frames in order and under each control, percent',
    columns: [
      left('model'),
      left('frames'),
      first!,
      right('decrease', undefined, FEWER),
      ...rest,
      right('all correct', 'higher', 'Share of rows with correct answers in all views.'),
      ...views.map((view) => right(viewOf(view).label, 'higher', 'Accuracy.')),
    ],
    rows: results.flatMap(({ name, set }) => [
      { ...rowOf(name, IN_ORDER, cells(set.figures, set.name), NONE), origin: 'own' as const },
      ...(set.controls ?? []).map(({ control, figures, gains }) => {
        const { difference: value = null, n = 0, ...more } = gains.find(({ view }) => view === REVERSE) ?? {};
        const fewer = figureCell({ unit: 'share', value, n, ...more });
        return rowOf(name, controlLabel(control), cells(figures, set.name), fewer);
      }),
    ]),
    notes: [
      'First frame only: for a reversed clip, the last frame. Shuffled: in an order drawn from the row’s id, the same for a clip and its reverse. Blank: grey images of the same size.',
    ],
  };
  return [withoutEmpty(table)];
}

const BOTH = 'Share of rows with correct answers to both the original and this view.';
const FEWER =
  'Pair accuracy on clips and their reverse with the frames in order, minus pair accuracy under the control. The difference is paired by row, with a 95% interval over clips.';
