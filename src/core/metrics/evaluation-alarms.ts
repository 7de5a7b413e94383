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

/** Accuracy of one set and view at an evaluation, 0–1; the lower bound if only bounds are known. */
interface EvaluationPoint {
  set: string;
  view: ViewId;
  accuracy: number;
  interval: readonly [number, number] | undefined;
}

export class EvaluationHistory {
  private evaluated: EvaluatedStep[] = [];

  /** Adds an evaluation, and removes evaluations of the same or a later step. */
  add(step: number, results: readonly EvaluationResult[]): void {
    const before = this.evaluated.filter((each) => each.step < step);
    this.evaluated = [...before, { step, points: pointsOf(results), overfits: overfitsIn(results) }];
  }

  /** Returns the accuracy of `set/view` at the latest evaluation; undefined if the evaluation lacks it. */
  accuracyOf(name: string): number | undefined {
    return this.evaluated.at(-1)?.points.find(({ set, view }) => `${set}/${view}` === name)?.accuracy;
  }

  /** Returns the alarms that are active after the latest evaluation. */
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
 * Detects linguistic overfitting in the latest two evaluations, or in the latest one alone if the overfitting is plain.
 * The alarm starts at the first of the consecutive evaluations with overfitting.
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
 * Detects an accuracy that rises on originals and falls on another view, from the first to the latest evaluation, each
 * by more than 0.01. The fall must be significant: the two intervals do not overlap.
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
