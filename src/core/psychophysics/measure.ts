import { groupBy } from '../metrics/scored-row.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { mean, sum } from '../numbers.ts';
import { Random } from '../random.ts';
import { fit, type Estimate, type Fit, type Level } from './fit.ts';
import { leanings } from './leanings.ts';
import { probability } from './observer.ts';
import { differences } from './placement.ts';
import type { AcuityFigures, AcuityRecord, Curve } from './record.ts';
import { measureBearings } from './shares.ts';
import { deviance, verdict } from './verdict.ts';

/**
 * What varies between answers: the view that was shown, the word that asked for one pole, as "closer", and, where
 * somebody's own side is asked for, whether they face the viewer. Curves are fitted for each value, and for all answers
 * together.
 */
export const CONDITIONS = ['view', 'word', 'facing'] as const;
export type Condition = (typeof CONDITIONS)[number];

/** One answer to a stimulus. */
export interface AcuityAnswer {
  /** The scene, asked in several ways. */
  block: string;
  /** The scene's signed difference. */
  x: number;
  /** How the scene was shown and what was asked. */
  conditions: Readonly<Record<'view' | 'word', string> & { facing?: string }>;
  /** +1 if the answer says that the difference is positive, −1 if negative, null if it could not be read. */
  claim: 1 | -1 | null;
  /** The claims of observers who follow one leaning alone (`leanings.ts`). */
  signs: Readonly<Record<string, 1 | -1>>;
  right: boolean;
  /** Of somebody's own side: the direction of A from B in the picture shown, in degrees from B's front to its right. */
  bearing?: number;
  /** Of a turn: whether it changes the side. */
  changes?: boolean;
  /** Of a map: column and row in which A is seen. */
  cell?: readonly [column: number, row: number];
  /** Of distances: the metres that were told. */
  told?: number;
}

/** Above this share of unreadable answers, figures are not to be trusted. */
export const UNREAD = 0.05;

export const isTrusted = ({ n, unread }: Pick<AcuityFigures, 'n' | 'unread'>): boolean =>
  unread <= UNREAD * n;

/**
 * Measures threshold, bias, lapses and leanings. The same answers give the same figures.
 * @param ways in which each scene is asked, where answers may be missing: leanings are then those of whole scenes
 */
export function measure(answers: readonly AcuityAnswer[], ways?: number): AcuityFigures {
  const scenes = groupBy(answers, ({ block }) => block);
  const whole = [...scenes.values()].filter(({ length }) => ways === undefined || length === ways);
  const parts = (key: Condition) => groupBy(answers, ({ conditions }) => conditions[key] ?? '');
  const curves = (key: Condition) =>
    Object.fromEntries([...parts(key)].map(([value, part]) => [value, curveOf(part)]));
  const hasFacing = answers.some(({ conditions }) => conditions.facing !== undefined);
  const conditions = {
    view: curves('view'),
    word: curves('word'),
    ...(hasFacing && { facing: curves('facing') }),
  };
  const views = [...parts('view').values()];
  const canDiffer =
    views.length === 2 && Object.values(conditions.view).every(({ verdict }) => verdict === 'measured');
  const words = Object.entries(conditions.word);
  const rising = words.find(([, { verdict }]) => verdict === 'measured');
  const falling = words.find(([, { verdict }]) => verdict === 'inverted');
  return {
    all: curveOf(answers),
    conditions,
    difference: canDiffer ? differenceOf(scenesOf(views[0]!), scenesOf(views[1]!)) : null,
    heard: rising && falling ? rising[0] : null,
    leanings: leanings(whole.flat()),
    ...(hasFacing && { bearings: measureBearings(answers) }),
    n: answers.length,
    unread: answers.filter(({ claim }) => claim === null).length,
  };
}

/** The answers to each scene, in the order in which scenes were first asked. */
export const scenesOf = (answers: readonly AcuityAnswer[]): AcuityRecord['scenes'] =>
  [...countedBy(answers, ({ block }) => block)].map(([block, level]) => ({ block, ...level }));

/**
 * How bias, threshold and lapses differ between two sets of answers to the same scenes, second minus first; null if
 * they have no scenes at two levels in common.
 */
export function differenceOf(
  first: AcuityRecord['scenes'],
  second: AcuityRecord['scenes'],
): AcuityFigures['difference'] {
  const others = new Map(second.map((scene) => [scene.block, scene]));
  const pairs = first.flatMap((one) => {
    const two = others.get(one.block);
    return two && one.n > 0 && two.n > 0 ? [{ x: one.x, first: one, second: two }] : [];
  });
  return differences(pairs, Random.from('differences'));
}

/** Counts the answers that could be read, by scene or by level. */
function countedBy<K>(answers: readonly AcuityAnswer[], keyOf: (one: AcuityAnswer) => K): Map<K, Level> {
  const counts = new Map<K, Level>();
  for (const one of answers) {
    const level = counts.get(keyOf(one)) ?? { x: one.x, positive: 0, n: 0 };
    if (one.claim !== null) level.n += 1;
    if (one.claim === 1) level.positive += 1;
    counts.set(keyOf(one), level);
  }
  return counts;
}

/** The levels with an answer that could be read, rising. */
export const levelsOf = (answers: readonly AcuityAnswer[]): Level[] =>
  [...countedBy(answers, ({ x }) => x).values()].filter(({ n }) => n > 0).sort((a, b) => a.x - b.x);

const POINTS = 61;

function curveOf(answers: readonly AcuityAnswer[]): Curve {
  const byLevel = groupBy(
    answers.filter(({ claim }) => claim !== null),
    ({ x }) => String(x),
  );
  const levels = levelsOf(answers).map((level) => {
    const values = byLevel
      .get(String(level.x))!
      .map(({ block, claim }) => ({ cluster: block, value: Number(claim === 1) }));
    return { ...level, interval: shareWithInterval(values).interval! };
  });
  const nothing = { bias: null, threshold: null, lapse: null, fits: null, band: [] };
  if (levels.length < 2) return { levels, verdict: 'cannot tell', ...nothing };
  const positive = sum(levels.map((level) => level.positive));
  if (positive === 0 || positive === sum(levels.map(({ n }) => n)))
    return { levels, verdict: 'constant', ...nothing };
  const fitted = fit(levels);
  const turn = fitted.inverted > 0.5 ? -1 : 1;
  const { value, p } = deviance(fitted, levels, Random.from('deviance'));
  return {
    levels,
    verdict: verdict(fitted, levels),
    bias: turn === 1 ? fitted.bias : negative(fitted.bias),
    threshold: fitted.threshold,
    lapse: fitted.lapseHigh,
    fits: p,
    deviance: value,
    band: bandOf(fitted, turn, levels),
  };
}

const negative = ({ mean, interval: [low, high] }: Estimate): Estimate => ({
  mean: -mean,
  interval: [-high, -low],
});

function bandOf({ draws }: Fit, turn: 1 | -1, levels: readonly Level[]): Curve['band'] {
  const [from, to] = [levels[0]!.x, levels.at(-1)!.x];
  return Array.from({ length: POINTS }, (_, i) => {
    const x = from + ((to - from) * i) / (POINTS - 1);
    const values = draws.map((observer) => probability(turn * x, observer)).sort((a, b) => a - b);
    const at = (share: number) => values[Math.round(share * (values.length - 1))]!;
    return { x, value: mean(values)!, low: at(0.025), high: at(0.975) };
  });
}
