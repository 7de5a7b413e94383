import { overfitAdvice, overfitsIn, overfitText, type Overfit } from './overfitting.ts';
import { sureValue } from './metric.ts';
import { ORIGINAL, POLARITY, viewLabel, type ViewId } from '../../rows/view-list.ts';
import type { EvaluationResult } from '../evaluation/results.ts';
import type { Alarm } from '../rewards/alarms.ts';

interface EvaluatedStep {
  step: number;
  points: EvaluationPoint[];
  overfits: Overfit[];
}

/** Accuracy of one set and view at an evaluation, 0–1, as far as it is surely reached. */
interface EvaluationPoint {
  set: string;
  view: ViewId;
  accuracy: number;
  interval: readonly [number, number] | undefined;
}

/** What alarms need of a run's evaluations so far. */
export class EvaluationHistory {
  private evaluated: EvaluatedStep[] = [];

  /** Adds an evaluation after all others; that of the same step is replaced. */
  add(step: number, results: readonly EvaluationResult[]): void {
    const before = this.evaluated.filter((each) => each.step < step);
    this.evaluated = [...before, { step, points: pointsOf(results), overfits: overfitsIn(results) }];
  }

  /** The accuracy of a set and view, written `set/view`, at the latest evaluation; undefined if it has none. */
  accuracyOf(name: string): number | undefined {
    return this.evaluated.at(-1)?.points.find(({ set, view }) => `${set}/${view}` === name)?.accuracy;
  }

  /** The alarms that hold after the latest evaluation. */
  alarms(): Alarm[] {
    return [...overfitting(this.evaluated), ...falling(this.evaluated)];
  }
}

const pointsOf = (results: readonly EvaluationResult[]): EvaluationPoint[] =>
  results.flatMap(({ set, view, slice, task, metric, interval, ...figure }) => {
    const accuracy = sureValue(figure);
    return !slice && task === 'all' && metric === 'accuracy' && view !== null && accuracy !== null
      ? [{ set, view, accuracy, interval }]
      : [];
  });

/**
 * Linguistic overfitting in the latest evaluation, and in the one before it unless it is plain. It began at the first
 * of the evaluations in a row that show it.
 */
function overfitting(evaluated: readonly EvaluatedStep[]): Alarm[] {
  return (evaluated.at(-1)?.overfits ?? []).flatMap((overfit) => {
    const { set, isPlain } = overfit;
    const lastWithout = evaluated.findLastIndex(({ overfits }) => !overfits.some((each) => each.set === set));
    const first = evaluated[lastWithout + 1]!;
    if (!isPlain && first === evaluated.at(-1)) return [];
    const since = first.step;
    return [
      {
        kind: 'linguistic-overfitting',
        since,
        message: `Linguistic overfitting: on "${set}", since step ${since}, ${overfitText(overfit)}. ${overfitAdvice(since)}`,
      },
    ];
  });
}

/**
 * Accuracy that rises on the originals from the first to the latest evaluation and falls on another view of them, by
 * more than a hundredth, and on the view beyond chance: the intervals of both evaluations do not overlap.
 */
function falling(evaluated: readonly EvaluatedStep[]): Alarm[] {
  const [first, latest] = [evaluated[0], evaluated.at(-1)].map((step) => step?.points ?? []);
  const pointOf = (points: readonly EvaluationPoint[], set: string, view: ViewId) =>
    points.find((point) => point.set === set && point.view === view);
  const change = (set: string, view: ViewId) =>
    (pointOf(latest!, set, view)?.accuracy ?? NaN) - (pointOf(first!, set, view)?.accuracy ?? NaN);
  return latest!
    .filter(({ set, view, interval }) => {
      if (view === ORIGINAL || view === POLARITY) return false;
      const before = pointOf(first!, set, view)?.interval;
      const isBeyondChance = !before || !interval || interval[1] < before[0];
      return isBeyondChance && change(set, ORIGINAL) > 0.01 && change(set, view) < -0.01;
    })
    .map(({ set, view }) => ({
      kind: `falling-on-${view}`,
      message: `On "${set}", accuracy rises on the originals and falls on the ${viewLabel(view)}, so the model learns a shortcut.`,
    }));
}
