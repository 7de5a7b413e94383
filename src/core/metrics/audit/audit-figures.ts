import { sortedViews } from '../../../rows/view-list.ts';
import type { AuditAnswer, AuditUnit } from './units.ts';

/** Accuracy or pair accuracy of one evaluation; for two evaluations, both accuracies, and second minus first. */
export type FigureKind = 'accuracy' | 'consistent' | 'first' | 'second' | 'difference';

export interface UnitFigure {
  /** Whether the metric includes a unit. All units of the same shape have the same result. */
  has: (unit: AuditUnit) => boolean;
  /** Possible values of the metric for one unit, ascending. */
  values: readonly number[];
  /** Lowest and highest value of the metric for a unit that the scores allow. */
  ends: (unit: AuditUnit, verdictOf: VerdictOf) => readonly [low: number, high: number];
  /** Value of a unit from human ratings; null if the raters could not decide. */
  valueOf: (unit: AuditUnit, truthOf: (answer: AuditAnswer) => boolean | null) => number | null;
}

interface NamedFigure {
  set: string;
  view: string | null;
  metric: FigureKind;
  figure: UnitFigure;
}

/** Score of an answer: by the rules, or by a judge if the rules do not decide. Null if unscored. */
export type VerdictOf = (answer: AuditAnswer) => boolean | null;
export const byTheRules: VerdictOf = ({ rules }) => (rules === 'not_judged' ? null : rules === 'right');
export const withTheJudge: VerdictOf = (answer) => byTheRules(answer) ?? answer.judge;

const lowOf = (verdict: boolean | null): number => Number(verdict ?? false);
const highOf = (verdict: boolean | null): number => Number(verdict ?? true);

function accuracyIn(set: string, view: string, side: 0 | 1): UnitFigure {
  const answerOf = (unit: AuditUnit) =>
    unit.set === set
      ? unit.answers.find((answer) => answer.view === view && answer.side === side)
      : undefined;
  return {
    has: (unit) => answerOf(unit) !== undefined,
    values: [0, 1],
    ends: (unit, verdictOf) => {
      const verdict = verdictOf(answerOf(unit)!);
      return [lowOf(verdict), highOf(verdict)];
    },
    valueOf: (unit, truthOf) => {
      const truth = truthOf(answerOf(unit)!);
      return truth === null ? null : Number(truth);
    },
  };
}

const bothRight = (set: string): UnitFigure => ({
  has: (unit) => unit.set === set && isPair(unit),
  values: [0, 1],
  ends: ({ answers }, verdictOf) => {
    const verdicts = answers.map(verdictOf);
    return [Math.min(...verdicts.map(lowOf)), Math.min(...verdicts.map(highOf))];
  },
  valueOf: ({ answers }, truthOf) => {
    const truths = answers.map(truthOf);
    // One wrong answer decides the pair, but if it did, a pair with an undecided answer could only count as wrong.
    return truths.includes(null) ? null : Number(!truths.includes(false));
  },
});

/** Accuracy of the second evaluation minus that of the first, in one view. */
const differenceIn = (set: string, view: string): UnitFigure => ({
  has: (unit) =>
    unit.set === set && unit.answers.length === 2 && !isPair(unit) && unit.answers[0].view === view,
  values: [-1, 0, 1],
  ends: ({ answers: [first, second] }, verdictOf) => {
    const [a, b] = [verdictOf(first), verdictOf(second!)];
    return [lowOf(b) - highOf(a), highOf(b) - lowOf(a)];
  },
  valueOf: ({ answers: [first, second] }, truthOf) => {
    const [a, b] = [truthOf(first), truthOf(second!)];
    return a === null || b === null ? null : Number(b) - Number(a);
  },
});

const isPair = ({ answers: [first, second] }: AuditUnit): boolean =>
  second !== undefined && second.side === first.side;

/** Returns every metric of an audit of the given units, grouped by evaluation set. */
export function figuresIn(units: readonly AuditUnit[]): NamedFigure[] {
  return [...new Set(units.map(({ set }) => set))].flatMap((set) => {
    const ofSet = units.filter((unit) => unit.set === set);
    const views = sortedViews([...new Set(ofSet.flatMap(({ answers }) => answers.map(({ view }) => view)))]);
    const named = (view: string | null, metric: FigureKind, figure: UnitFigure) => [
      { set, view, metric, figure },
    ];
    if (ofSet.some(({ answers }) => answers.some(({ side }) => side === 1)))
      return views.flatMap((view) => [
        ...named(view, 'first', accuracyIn(set, view, 0)),
        ...named(view, 'second', accuracyIn(set, view, 1)),
        ...named(view, 'difference', differenceIn(set, view)),
      ]);
    return [
      ...views.flatMap((view) => named(view, 'accuracy', accuracyIn(set, view, 0))),
      ...(ofSet.some(isPair) ? named(null, 'consistent', bothRight(set)) : []),
    ];
  });
}
