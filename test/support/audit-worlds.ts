import type { AnswerVerdict } from '../../src/core/answers/verdict.ts';
import { auditOf, type Audit } from '../../src/core/metrics/audit/audit.ts';
import { drawOrder, firstAnswers, strataOf } from '../../src/core/metrics/audit/draw-order.ts';
import type { AuditAnswer, AuditUnit } from '../../src/core/metrics/audit/units.ts';
import { mean } from '../../src/base/numbers.ts';
import { Random } from '../../src/base/random.ts';

/*
 * Answers of which the truth is known, with rules that are wrong in known ways. An answer is right with a probability
 * that depends on its image and on its question: logit p = −0.6 + image + question, normal with deviations 1 and 0.7;
 * 38% are right. Most of what rules cannot judge is wrong in real sets, so there must be room for it.
 */

/** One answer to a question; original and mirror of a question; or the answers of two evaluations to it. */
export type WorldKind = 'answers' | 'pairs' | 'differences';
/** Which verdicts are wrong: 5 of 100; 10 of 100 wrong answers, called right; 3 of 100, and 15 of 100 of mirrors. */
export const RULES = ['5% at random', '10%, one-sided', 'more on mirrors'] as const;
/** What is not scored: a share of all answers, or of wrong ones alone. */
export const NOT_JUDGED = ['none', '20%', '20%, wrong ones', '60%', '60%, wrong ones'] as const;

export interface AuditWorld {
  kind: WorldKind;
  /** Questions. */
  rows: number;
  /** How many answers people judge. */
  judged: number;
  rules: (typeof RULES)[number];
  notJudged: (typeof NOT_JUDGED)[number];
  /** Questions about an image. */
  perPicture: number;
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const BASE = -0.6;
const [PICTURE, QUESTION] = [1, 0.7];
/** By how much the second evaluation is better. */
const BETTER = 0.5;

/** What the units of a world are, apart from their verdicts. */
function truthsOf(
  { kind, rows, perPicture }: AuditWorld,
  random: Random,
): { cluster: string; truths: boolean[] }[] {
  let picture = 0;
  return Array.from({ length: rows }, (_, i) => {
    if (i % perPicture === 0) picture = PICTURE * random.normal();
    const logit = BASE + picture + QUESTION * random.normal();
    const logits = kind === 'answers' ? [logit] : [logit, kind === 'differences' ? logit + BETTER : logit];
    return {
      cluster: String(Math.floor(i / perPicture)),
      truths: logits.map((one) => random.chance(sigmoid(one))),
    };
  });
}

function verdictOf(world: AuditWorld, truth: boolean, second: boolean, random: Random): AnswerVerdict {
  const share = Number(/\d+/.exec(world.notJudged)?.[0] ?? 0) / 100;
  const among = world.notJudged.endsWith('wrong ones') ? (truth ? 0 : Math.min(1, share / 0.62)) : share;
  if (random.chance(among)) return 'not_judged';
  const mistake = {
    '5% at random': 0.05,
    '10%, one-sided': truth ? 0 : 0.1,
    'more on mirrors': second ? 0.15 : 0.03,
  };
  return random.chance(mistake[world.rules]) === truth ? 'wrong' : 'right';
}

/** Draws a world. */
export function drawWorld(
  world: AuditWorld,
  random: Random,
): { units: AuditUnit[]; truths: Map<string, boolean> } {
  const truths = new Map<string, boolean>();
  const units = truthsOf(world, random).map(({ cluster, truths: own }, i): AuditUnit => {
    const answers = own.map((truth, k): AuditAnswer => {
      const isSecond = k === 1 || (world.kind === 'answers' && i % 2 === 1);
      const isMirror = isSecond && world.kind !== 'differences';
      const rules = verdictOf(world, truth, isSecond, random);
      const side = world.kind === 'differences' && k === 1 ? 1 : 0;
      const key = `${i} ${k}`;
      truths.set(key, truth);
      const view = isMirror && world.kind === 'pairs' ? 'mirror' : 'original';
      return { key, side, view, predicted: rules, rules, judge: null };
    });
    return { rank: String(i), set: 'val', cluster, answers: answers as [AuditAnswer, ...AuditAnswer[]] };
  });
  return { units, truths };
}

/** What an audit of the first answers of the order says. */
export function auditWorld(
  { units, truths }: ReturnType<typeof drawWorld>,
  judged: number,
  seed: number,
  draws?: number,
): Audit {
  const order = drawOrder(strataOf(units, seed), seed);
  const keys = new Set(firstAnswers(order, judged).flatMap(({ answers }) => answers.map(({ key }) => key)));
  const said = ({ key }: AuditAnswer) =>
    keys.has(key)
      ? new Map([['mira', truths.get(key)! ? ('right' as const) : ('wrong' as const)]])
      : undefined;
  return auditOf(units, said, seed, draws);
}

/** The figure that is told of a kind of world: of the answers, of both views correct, of the difference. */
export const FIGURE = { answers: 'accuracy', pairs: 'consistent', differences: 'difference' } as const;

/** The true figure of the units. */
export const truthIn = ({ units, truths }: ReturnType<typeof drawWorld>, kind: WorldKind): number =>
  mean(
    units.map(({ answers }) =>
      valueOf(
        kind,
        answers.map(({ key }) => Number(truths.get(key))),
      ),
    ),
  )!;

const valueOf = (kind: WorldKind, [first, second]: readonly number[]): number =>
  kind === 'answers' ? first! : kind === 'pairs' ? first! * second! : second! - first!;

const CACHE = new Map<WorldKind, number>();

/** The figure of all rows of this kind: its mean over normal images and questions. */
export function trueFigure(kind: WorldKind): number {
  const known = CACHE.get(kind);
  if (known !== undefined) return known;
  const deviation = Math.hypot(PICTURE, QUESTION);
  const places = Array.from({ length: 801 }, (_, i) => (i - 400) / 80);
  const weights = places.map((z) => Math.exp((-z * z) / 2));
  const total = weights.reduce((a, b) => a + b);
  const at = (logit: number) =>
    kind === 'answers'
      ? sigmoid(logit)
      : kind === 'pairs'
        ? sigmoid(logit) ** 2
        : sigmoid(logit + BETTER) - sigmoid(logit);
  const figure = places.reduce((sum, z, i) => sum + (weights[i]! / total) * at(BASE + deviation * z), 0);
  CACHE.set(kind, figure);
  return figure;
}

export interface Coverage {
  /** How often the interval of these rows covers their figure, and that of such rows the figure of all. */
  these: number;
  such: number;
  /** Mean of estimate minus truth. */
  bias: number;
  /** Mean width of the interval of these rows, and of the rules' bounds. */
  width: number;
  bounds: number;
  /** How often there was no estimate yet. */
  none: number;
}

/** Audits so many worlds. @throws if an interval is empty, or outside of what is possible */
export function coverageOf(world: AuditWorld, times: number, draws = 400): Coverage {
  const found: Omit<Coverage, 'none'>[] = [];
  for (let t = 0; t < times; t++) {
    const drawn = drawWorld(world, Random.from(`${JSON.stringify(world)} ${t}`));
    const figure = auditWorld(drawn, world.judged, t, draws).figures.find(
      ({ metric }) => metric === FIGURE[world.kind],
    )!;
    const [low, high] = figure.bounds;
    if (!figure.estimate) continue;
    const { value, these, such } = figure.estimate;
    for (const [from, to] of [these, such])
      if (!(from <= value && value <= to && from >= (world.kind === 'differences' ? -1 : 0) && to <= 1))
        throw new Error(`[${from}, ${to}] around ${value} is not an interval.`);
    const truth = truthIn(drawn, world.kind);
    const covers = ([from, to]: readonly [number, number], at: number) =>
      Number(from - 1e-9 <= at && at <= to + 1e-9);
    found.push({
      these: covers(these, truth),
      such: covers(such, trueFigure(world.kind)),
      bias: value - truth,
      width: these[1] - these[0],
      bounds: high - low,
    });
  }
  const part = (of: keyof (typeof found)[number]) => mean(found.map((one) => one[of])) ?? NaN;
  return {
    these: part('these'),
    such: part('such'),
    bias: part('bias'),
    width: part('width'),
    bounds: part('bounds'),
    none: 1 - found.length / times,
  };
}
