import { groupBy } from '../evaluation/scored-row.ts';
import { quantile } from '../metrics/metric.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { mean } from '../../base/numbers.ts';
import { checksOf } from './observer-checks.ts';
import { differencesOf, type Fitted } from './differences.ts';
import { fit, type Fit } from './fit.ts';
import { leanings } from './leanings.ts';
import type { AcuityAnswer, Answers } from './likelihood.ts';
import { type Asymptotes, probability } from './observer.ts';
import { levelsOf } from './placement.ts';
import type { AcuityFigures, AcuityRecord, Curve } from './acuity-record.ts';
import { measureBearings } from './shares.ts';
import { directionOf, verdictOn } from './observer-verdict.ts';

/**
 * Conditions that vary between answers: the view; the question's word for a pole, such as "closer"; for own sides,
 * whether the object faces the viewer. A curve is fitted to the answers of each condition, and to all answers.
 */
export const CONDITIONS = ['view', 'word', 'facing'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** Maximum share of unparsed answers with which results are trusted. */
export const UNREAD = 0.05;

export const isTrusted = ({ n, unread }: Pick<AcuityFigures, 'n' | 'unread'>): boolean =>
  unread <= UNREAD * n;

/**
 * Measures threshold, lapse rates and response biases. Equal answers always give equal values.
 * @param ways number of questions per scene if answers can be missing; response biases then use only complete scenes
 */
export function measure(
  answers: readonly AcuityAnswer[],
  ways?: number,
  asymptotes: Asymptotes = 'equal',
): AcuityFigures {
  const scenes = groupBy(answers, ({ block }) => block);
  const whole = [...scenes.values()].filter(({ length }) => ways === undefined || length === ways);
  const measured = (key: Condition) =>
    [...groupBy(answers, ({ conditions }) => conditions[key] ?? '')].map(
      ([value, part]) => [value, curveOf(part, asymptotes)] as const,
    );
  const curves = (conditions: ReturnType<typeof measured>) =>
    Object.fromEntries(conditions.map(([value, { curve }]) => [value, curve]));
  const hasFacing = answers.some(({ conditions }) => conditions.facing !== undefined);
  const views = measured('view');
  const words = measured('word');
  const [original, mirror] = views.map(([, { fitted, curve }]) =>
    curve.verdict === 'measured' ? fitted : null,
  );
  const rising = words.find(([, { curve }]) => curve.verdict === 'measured');
  const falling = words.find(([, { curve }]) => curve.verdict === 'inverted');
  return {
    all: curveOf(answers, asymptotes).curve,
    conditions: {
      view: curves(views),
      word: curves(words),
      ...(hasFacing && { facing: curves(measured('facing')) }),
    },
    difference: original && mirror ? differencesOf(original, mirror) : null,
    heard: rising && falling ? rising[0] : null,
    leanings: leanings(whole.flat()),
    ...(hasFacing && { bearings: measureBearings(answers) }),
    n: answers.length,
    unread: answers.filter(({ claim }) => claim === null).length,
    asymptotes,
  };
}

/**
 * Returns the parsed answers by scene, in the order of the questions. Response biases whose claims on all these
 * questions are equal, or always opposite, are merged under both names.
 */
export function answersOf(given: readonly AcuityAnswer[]): Answers {
  const read = given.filter(({ claim }) => claim !== null);
  const names = Object.keys(read[0]?.signs ?? {});
  const isSame = (a: string, b: string, by: number) => read.every(({ signs }) => signs[a] === by * signs[b]!);
  const groups: [string, ...string[]][] = [];
  for (const name of names) {
    const same = groups.find(([first]) => isSame(first, name, 1) || isSame(first, name, -1));
    if (same) same.push(name);
    else groups.push([name]);
  }
  const scenes = [...groupBy(read, ({ block }) => block)].map(([block, some]) => ({
    block,
    x: some[0]!.x,
    answers: some.map(({ claim, signs }) => [claim!, ...groups.map(([first]) => signs[first]!)]),
  }));
  return { habits: groups.map((group) => group.join(TOGETHER)), scenes };
}

/** Separator between the names of response biases that the questions cannot separate. */
const TOGETHER = ' = ';

/** Fits an observer to answers; null if the answers do not significantly rise or fall over x. */
export function fitted(answers: Answers, asymptotes: Asymptotes): Fitted | null {
  const direction = directionOf(answers);
  return typeof direction === 'string' ? null : { answers, fit: fit(answers, direction, asymptotes) };
}

/** Returns the difference between two records, second minus first; null if a record has no curve. */
export function differenceOf(first: AcuityRecord, second: AcuityRecord): AcuityFigures['difference'] {
  const [one, two] = [first, second].map((record) => fitted(record, record.asymptotes));
  return one && two ? differencesOf(one, two) : null;
}

function withIntervals({ scenes }: Answers): Curve['levels'] {
  const byLevel = groupBy(scenes, ({ x }) => String(x));
  return levelsOf(scenes).map((level) => {
    const values = byLevel
      .get(String(level.x))!
      .flatMap(({ block, answers }) =>
        answers.map(([claim]) => ({ cluster: block, value: Number(claim === 1) })),
      );
    return { ...level, interval: shareWithInterval(values).interval! };
  });
}

const POINTS = 61;

function curveOf(
  given: readonly AcuityAnswer[],
  asymptotes: Asymptotes,
): { curve: Curve; fitted: Fitted | null } {
  const answers = answersOf(given);
  const levels = withIntervals(answers);
  const result = fitted(answers, asymptotes);
  if (!result) {
    const verdict = directionOf(answers) === 'constant' ? 'constant' : 'cannot tell';
    const nothing = { threshold: null, lapse: null, habits: {}, checks: null, band: [] };
    return { curve: { levels, verdict, ...nothing }, fitted: null };
  }
  const { fit } = result;
  const verdict = verdictOn(fit, Math.max(...levels.map(({ x }) => Math.abs(x))));
  const habits = answers.habits.flatMap((name, h) =>
    name.includes(TOGETHER) ? [] : [[name, { shift: fit.shifts[h]!, share: fit.shares[h]! }] as const],
  );
  const curve: Curve = {
    levels,
    verdict,
    threshold: verdict === 'out of range' ? null : fit.threshold,
    ...(verdict === 'out of range' && { atLeast: fit.threshold.interval[0] }),
    lapse: fit.lapse,
    ...(asymptotes === 'free' && {
      lapses:
        fit.turn === 1
          ? { low: fit.lapseLow, high: fit.lapseHigh }
          : { low: fit.lapseHigh, high: fit.lapseLow },
    }),
    habits: Object.fromEntries(habits),
    checks: checksOf(answers, fit),
    band: bandOf(fit, answers, levels),
  };
  return { curve, fitted: result };
}

/** Returns the band of a curve, averaged over all combinations of claims, so that response biases cancel. */
function bandOf({ draws, turn }: Fit, { habits }: Answers, levels: Curve['levels']): Curve['band'] {
  const [from, to] = [levels[0]!.x, levels.at(-1)!.x];
  const ways = habits.reduce<number[][]>(
    (some) =>
      some.flatMap((signs) => [
        [...signs, 1],
        [...signs, -1],
      ]),
    [[]],
  );
  const some = draws.filter((_, i) => i % BAND_EVERY === 0);
  return Array.from({ length: POINTS }, (_, i) => {
    const x = from + ((to - from) * i) / (POINTS - 1);
    const values = some
      .map((observer) => mean(ways.map((signs) => probability(turn * x, signs, observer)))!)
      .sort((a, b) => a - b);
    return { x, value: mean(values)!, low: quantile(values, 0.025), high: quantile(values, 0.975) };
  });
}

/** Step between the posterior draws that a band uses. */
const BAND_EVERY = 4;
