import type { AnswerVerdict } from '../../answers/verdict.ts';
import { sum, countsOf } from '../../../base/numbers.ts';
import { Random } from '../../../base/random.ts';
import { sortedViews } from '../../../rows/view-list.ts';
import { AgreementTally, type PeopleAgreement } from '../people-agreement.ts';
import type { Value } from '../statistics.ts';
import { strataOf, type Stratum } from './draw-order.ts';
import { DRAWS, estimate, type Estimate } from './estimate.ts';
import { byTheRules, figuresIn, withTheJudge, type FigureKind, type UnitFigure } from './audit-figures.ts';
import { majorityOf } from '../../evaluation/judgement.ts';
import type { AuditAnswer, AuditUnit } from './units.ts';
import type { Said } from '../../evaluation/said-verdict.ts';

/** Result of the human ratings of one evaluation, or of two evaluations. */
export interface Audit {
  /** Seed of the random order of the rated answers. */
  seed: number;
  /** Number of rated answers. Estimates exclude the answers that `cannot_tell` and `waiting` count. */
  judged: number;
  /** Number of rated answers that raters could not decide, or whose ratings are tied. */
  cannot_tell: number;
  /** Number of answers rated out of order. Each counts as soon as all earlier answers in the order are rated. */
  waiting: number;
  people: { name: string; judged: number }[];
  /** Krippendorff's α of the ratings; null if no answer was rated by two people. */
  agreement: PeopleAgreement | null;
  figures: AuditFigure[];
  /** Human ratings of answers, grouped by the outcome that the rules gave. */
  verdicts: AuditedVerdict[];
  /** Error rate of the rules on answers that they scored; null if none of these answers is rated. */
  rules: Estimate | null;
  /** Error rate of the LLM judge on answers that it scored; null if none of these answers is rated. */
  judge: Estimate | null;
}

/** Bounds of a metric from the scores, without human ratings. */
export interface AuditBounds {
  /** Lowest value (all unscored answers wrong) and highest value (all right); shares or differences of shares. */
  bounds: [low: number, high: number];
  /** Number of units without a score by rules or judge. */
  not_judged: number;
}

/** Estimate of a metric, and its bounds by the rules alone. */
export interface AuditFigure extends AuditBounds {
  set: string;
  /** View of the metric; null for a metric over original and mirror. */
  view: string | null;
  metric: FigureKind;
  /** Bounds that also use a judge's scores of answers that the rules could not score; null without such scores. */
  with_judge: AuditBounds | null;
  /** Number of units that the metric includes: answers, pairs, or rows that both evaluations answered. */
  n: number;
  estimate: Estimate | null;
  /** Number of units that must be rated before the estimate is no longer preliminary. */
  missing: number;
}

/**
 * Minimum number of rated units, in total and per stratum. With fewer units, an estimate is preliminary, unless all
 * units are rated. With one unit per stratum, a single rating would represent a whole kind of answers.
 */
const LEAST_UNITS = 10;
const LEAST_PER_STRATUM = 2;

export interface AuditedVerdict {
  set: string;
  view: string;
  side: 0 | 1;
  verdict: AnswerVerdict;
  /** Score by an LLM judge for answers that the rules could not score; null if no judge scored them. */
  judge: boolean | null;
  /** Number of all answers with this outcome and this score of the judge. */
  n: number;
  judged: number;
  right: number;
}

/** Returns the human ratings of an answer; undefined if the answer has no rating. */
export type SaidOfAnswer = (answer: AuditAnswer) => ReadonlyMap<string, Said> | undefined;

/**
 * Estimates every metric from human ratings. In each stratum, the rated units are a random sample: the first units of
 * the stratum's order. Units rated after a gap count when the gap is closed. Gaps arise, for example, in an audit of
 * two evaluations with other strata.
 * @param draws number of draws from the posterior, for intervals
 */
export function auditOf(
  units: readonly AuditUnit[],
  saidOf: SaidOfAnswer,
  seed: number,
  draws = DRAWS,
): Audit {
  const strata = strataOf(units, seed).map((stratum) => ({
    ...stratum,
    counted: countedIn(stratum, saidOf),
  }));
  const counted = new Set(strata.flatMap((stratum) => stratum.counted));
  const answers = units.flatMap((unit) => unit.answers.map((answer) => ({ unit, answer })));
  const judged = answers.filter(({ answer }) => saidOf(answer));
  const inTurn = judged.filter(({ unit }) => counted.has(unit));
  const truthOf = (answer: AuditAnswer) => majorityOf(saidOf(answer)!);
  /** Estimates a metric. @param told value of a unit; null excludes the unit */
  const estimateBy = (figure: UnitFigure, name: string, told: (unit: AuditUnit) => number | null) =>
    estimate(
      strata.flatMap((stratum) => {
        if (!stratum.units.some(figure.has)) return [];
        const values = stratum.counted.flatMap((unit): Value[] => {
          const value = told(unit);
          return value === null ? [] : [{ cluster: unit.cluster, value }];
        });
        const kinds = new Set(stratum.units.map((unit) => JSON.stringify(figure.ends(unit, byTheRules))));
        return [
          {
            kind: [...kinds].sort().join(' '),
            clusters: stratum.units.map(({ cluster }) => cluster),
            judged: values,
          },
        ];
      }),
      figure.values,
      Random.from(`audit ${seed} ${name}`),
      draws,
    );
  /** Answers that raters could not decide can be like the rest, all right, or all wrong; ranges cover all cases. */
  const estimateOf = (figure: UnitFigure, name: string): Estimate | null => {
    const middle = estimateBy(figure, name, (unit) => figure.valueOf(unit, truthOf));
    const isOpen = ({ counted }: { counted: readonly AuditUnit[] }) =>
      counted.some((unit) => figure.has(unit) && figure.valueOf(unit, truthOf) === null);
    if (!middle || !strata.some(isOpen)) return middle;
    const [lowest, highest] = ([0, 1] as const).map((end) =>
      estimateBy(figure, name, (unit) => figure.ends(unit, truthOf)[end]),
    );
    const around = (range: 'these' | 'such'): [number, number] => [
      Math.min(middle[range][0], lowest![range][0]),
      Math.max(middle[range][1], highest![range][1]),
    ];
    return { ...middle, these: around('these'), such: around('such') };
  };
  const boundsOf = (figure: UnitFigure, verdictOf: typeof byTheRules): AuditBounds => {
    const ends = units.flatMap((unit) => (figure.has(unit) ? [figure.ends(unit, verdictOf)] : []));
    return {
      bounds: [sum(ends.map(([low]) => low)) / ends.length, sum(ends.map(([, high]) => high)) / ends.length],
      not_judged: ends.filter(([low, high]) => low < high).length,
    };
  };
  const missingFor = (figure: UnitFigure): number => {
    const counting = strata.filter((stratum) => stratum.units.some(figure.has));
    const least = Math.max(LEAST_UNITS, LEAST_PER_STRATUM * counting.length);
    const units = sum(counting.map((stratum) => stratum.units.length));
    const counted = counting.flatMap((stratum) => stratum.counted);
    const told = counted.filter((unit) => figure.valueOf(unit, truthOf) !== null).length;
    // Units that raters could not decide will have no further rating.
    return Math.max(0, Math.min(least, units - (counted.length - told)) - told);
  };
  return {
    seed,
    judged: judged.length,
    cannot_tell: judged.filter(({ answer }) => truthOf(answer) === null).length,
    waiting: judged.length - inTurn.length,
    people: peopleOf(judged.map(({ answer }) => saidOf(answer)!)),
    agreement: agreementOf(judged.map(({ unit, answer }) => [unit.cluster, saidOf(answer)!])),
    figures: figuresIn(units).map(({ figure, ...about }) => {
      const theseUnits = units.filter(figure.has);
      const isByJudge = theseUnits.some((unit) =>
        unit.answers.some((answer) => byTheRules(answer) !== withTheJudge(answer)),
      );
      return {
        ...about,
        ...boundsOf(figure, byTheRules),
        with_judge: isByJudge ? boundsOf(figure, withTheJudge) : null,
        n: theseUnits.length,
        estimate: estimateOf(figure, JSON.stringify(about)),
        missing: missingFor(figure),
      };
    }),
    verdicts: verdictsOf(answers, inTurn, truthOf),
    rules: mistakesOf(byTheRules),
    judge: mistakesOf(({ judge }) => judge),
  };

  /** Estimates how often human ratings contradict the scores of scored answers. */
  function mistakesOf(verdictBy: (answer: AuditAnswer) => boolean | null): Estimate | null {
    const given = (unit: AuditUnit) => unit.answers.filter((answer) => verdictBy(answer) !== null);
    const having = strata.filter((stratum) => stratum.units.some((unit) => given(unit).length > 0));
    const counts = having.flatMap((stratum) => stratum.units.map((unit) => given(unit).length));
    const [most, per] = [Math.max(1, ...counts), sum(counts) / counts.length];
    const rate = estimateOf(
      {
        has: (unit) => given(unit).length > 0,
        values: Array.from({ length: most + 1 }, (_, k) => k),
        // Range from human ratings alone; the scores contain no information about their mistakes.
        ends: (unit, verdictOf) => {
          if (verdictOf === byTheRules) return [0, 0];
          const open = given(unit).filter((answer) => truthOf(answer) === null).length;
          const wrong = given(unit).filter((answer) => truthOf(answer) === !verdictBy(answer)).length;
          return [wrong, wrong + open];
        },
        valueOf: (unit) => {
          const truths = given(unit).map((answer) => [truthOf(answer), verdictBy(answer)]);
          if (truths.some(([truth]) => truth === null)) return null;
          return truths.filter(([truth, verdict]) => truth !== verdict).length;
        },
      },
      'mistakes',
    );
    if (!rate) return null;
    const scaled = (value: number) => Math.min(1, value / per);
    const both = (ends: [number, number]): [number, number] => [scaled(ends[0]), scaled(ends[1])];
    return { ...rate, value: scaled(rate.value), these: both(rate.these), such: both(rate.such) };
  }
}

/** Returns the units of a stratum that count: all units before the first incompletely rated unit. */
function countedIn({ units }: Stratum, saidOf: SaidOfAnswer): readonly AuditUnit[] {
  const gap = units.findIndex(({ answers }) => answers.some((answer) => !saidOf(answer)));
  return gap < 0 ? units : units.slice(0, gap);
}

function peopleOf(said: readonly ReadonlyMap<string, Said>[]): Audit['people'] {
  const counts = countsOf(said.flatMap((people) => [...people.keys()]));
  return [...counts].map(([name, judged]) => ({ name, judged })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function agreementOf(
  said: readonly (readonly [image: string, people: ReadonlyMap<string, Said>])[],
): PeopleAgreement | null {
  const tally = new AgreementTally();
  for (const [image, people] of said)
    tally.count(
      [...people].flatMap(([by, word]) => (word === 'cannot_tell' ? [] : { by, said: word })),
      image,
      1,
    );
  return tally.alpha();
}

function verdictsOf(
  all: readonly { unit: AuditUnit; answer: AuditAnswer }[],
  judged: readonly { unit: AuditUnit; answer: AuditAnswer }[],
  truthOf: (answer: AuditAnswer) => boolean | null,
): AuditedVerdict[] {
  const kinds = new Map<string, AuditedVerdict>();
  const kindOf = ({ unit: { set }, answer: { view, side, rules, judge } }: (typeof all)[number]) => {
    const kind = { set, view, side, verdict: rules, judge: rules === 'not_judged' ? judge : null };
    const key = JSON.stringify(kind);
    const entry = kinds.get(key) ?? { ...kind, n: 0, judged: 0, right: 0 };
    kinds.set(key, entry);
    return entry;
  };
  for (const entry of all) kindOf(entry).n += 1;
  for (const entry of judged) {
    const truth = truthOf(entry.answer);
    if (truth === null) continue;
    kindOf(entry).judged += 1;
    kindOf(entry).right += Number(truth);
  }
  const places = ['right', 'wrong', 'unparsed', 'not_judged'];
  const order = new Map(sortedViews([...kinds.values()].map(({ view }) => view)).map((view, i) => [view, i]));
  return [...kinds.values()].sort(
    (a, b) =>
      a.set.localeCompare(b.set, 'en') ||
      order.get(a.view)! - order.get(b.view)! ||
      a.side - b.side ||
      places.indexOf(a.verdict) - places.indexOf(b.verdict),
  );
}
