import { fixed, percent, percentText, withInterval } from '../../base/format.ts';
import { oneLine } from '../../base/escape.ts';
import type { Checks } from './observer-checks.ts';
import {
  AXIS_WORDS,
  type AcuityAxis,
  digitsOf,
  inPrinted,
  TIME_HABITS,
  levelText,
  relationOf,
  signOf,
  unitText,
} from '../worlds/acuity/acuity-axes.ts';
import type { Estimate } from './fit.ts';
import type { Leaning } from './leanings.ts';
import { differenceOf, isTrusted } from './measure.ts';
import type { Difference } from './differences.ts';
import type { AcuityFigures, AcuityRecord, Curve } from './acuity-record.ts';

type Named = AcuityFigures & Pick<AcuityRecord, 'model' | 'axis' | 'whole' | 'unread_answers'>;
type OfAxis = Pick<AcuityRecord, 'axis' | 'whole'>;

/** Formats x with its absolute value, such as "3.1% of the width (14 of 448 px)". */
const amountOf = (units: OfAxis, x: number): string =>
  `${fixed(inPrinted(units.axis, x), digitsOf(units.axis))}${signOf(units.axis)} ${relationOf(units.axis)}${inWhole(units, x)}`;

/** Formats the absolute value of x in pixels or metres, " (14 of 448 px)", or in time, " (90 ms)"; "" if unknown. */
function inWhole({ axis, whole }: OfAxis, x: number): string {
  if (!whole) return '';
  const { value, unit } = whole;
  if (unit === 'ms') return ` (${fixed(x * value, 0)} ms)`;
  const part = (inPrinted(axis, x) / 100) * value;
  const digits = unit === 'm' ? 2 : part < 10 ? 1 : 0;
  return ` (${fixed(part, digits)} of ${fixed(value, unit === 'm' ? 1 : 0)} ${unit})`;
}

/** Formats 1% of x (or 1 frame) for chart axes, such as " (1% = 4.5 px)", " (1% = 3.0 cm)", " (1 frame = 40 ms)". */
export function onePercent({ whole }: Pick<AcuityRecord, 'whole'>): string {
  if (!whole) return '';
  const { value, unit } = whole;
  if (unit === 'ms') return ` (1 frame = ${fixed(value, 0)} ms)`;
  return ` (1% = ${unit === 'm' ? `${fixed(value, 1)} cm` : `${fixed(value / 100, 1)} px`})`;
}

/** Formats an estimate, such as "3.1% [2.6, 3.7]". @param estimate mean and interval in the unit of x */
function estimated(axis: AcuityAxis, { mean, interval }: Estimate): string {
  const text = (x: number) => fixed(inPrinted(axis, x), digitsOf(axis));
  return `${text(mean)}${signOf(axis)} [${interval.map(text).join(', ')}]`;
}

const falls = (band: Curve['band']): boolean => band.length > 0 && band.at(-1)!.value < band[0]!.value;

/** Descriptions of misfits of the curve, by the check that failed. */
const MISFITS: Readonly<Record<keyof Checks, string>> = {
  levels: 'accuracy deviates from the curve at some sizes of the difference',
  sides: 'accuracy differs between the two directions of the difference',
  halves: 'accuracy differs between the first and the second half of the scenes',
};

/** p value below which a goodness-of-fit check fails. */
const FAILS = 0.05;

/** Describes the failed goodness-of-fit checks; "" if none failed. */
export function misfitText({ checks }: Pick<Curve, 'checks'>): string {
  if (!checks) return '';
  const failed = (Object.keys(MISFITS) as (keyof Checks)[]).filter((key) => checks[key] < FAILS);
  const probability = (p: number) => (p < 0.001 ? 'p < 0.001' : `p = ${fixed(p, 3)}`);
  const parts = failed.map((key) => `${MISFITS[key]} (${probability(checks[key])})`);
  return parts.length === 0 ? '' : ` The curve does not fit all answers: ${parts.join('; ')}.`;
}

/** Describes the estimates of a curve on one line. */
export function curveText(
  units: OfAxis,
  { verdict, threshold, atLeast, lapse, lapses, habits, band }: Curve,
): string {
  const { axis } = units;
  const { positive, negative } = AXIS_WORDS[axis];
  if (verdict === 'constant') return 'always the same answer, so no threshold can be measured';
  if (verdict === 'out of range' && atLeast !== undefined)
    return `distinguishes ${positive} from ${negative}${falls(band) ? ', but answers the opposite, and' : ', but'} the threshold is above these levels: at least ${amountOf(units, atLeast)}`;
  if (!threshold || !lapse) return `cannot distinguish ${positive} from ${negative} at these levels`;
  return [
    `${verdict === 'inverted' ? 'INVERTED, ' : ''}threshold ${estimated(axis, threshold)} ${relationOf(axis)}${inWhole(units, threshold.mean)}`,
    ...decidedShifts(axis, habits),
    ...(lapses
      ? [
          `lapse rate ${lapsesText(lapses.low)} if clearly ${negative}, ${lapsesText(lapses.high)} if clearly ${positive}`,
        ]
      : [`lapse rate ${lapsesText(lapse)}`]),
  ].join(' · ');
}

/** Formats a lapse rate, such as "2.0% [0.5, 5.0]". */
const lapsesText = ({ mean, interval }: Estimate): string =>
  `${percentText(mean)} [${interval.map(percent).join(', ')}]`;

/** Lists significant response biases, largest first: "response bias to right (PSE shift 4.0% [3.1, 4.9])". */
function decidedShifts(axis: AcuityAxis, habits: Curve['habits']): string[] {
  return Object.entries(habits)
    .filter(([, { shift }]) => isDecided(shift.interval))
    .sort(([, a], [, b]) => Math.abs(b.shift.mean) - Math.abs(a.shift.mean))
    .map(
      ([name, { shift }]) =>
        `response bias to ${habitTo(axis, name, shift.mean)} (PSE shift ${estimated(axis, towards(shift.mean < 0 ? -1 : 1, shift))})`,
    );
}

/** Returns the name of a response bias, or the name of its opposite if the sign is negative. */
const habitTo = (axis: AcuityAxis, name: string, sign: number): string =>
  sign < 0 ? opposite(axis, name) : name;

/**
 * Describes each response bias on one line, named by the direction of its shift: "yes: PSE shift 0.4% [−0.2, 1.1],
 * replaces 3% [0, 7] of the answers".
 */
export function habitsText(axis: AcuityAxis, habits: Curve['habits']): string {
  return Object.entries(habits)
    .map(([name, { shift, share }]) => {
      const sign = shift.mean < 0 ? -1 : 1;
      const replaced = towards(sign, share);
      const percents = [replaced.mean, ...replaced.interval].map((value) => fixed(100 * value, 0));
      return `${habitTo(axis, name, sign)}: PSE shift ${estimated(axis, towards(sign, shift))}, replaces ${percents[0]}% [${percents[1]}, ${percents[2]}] of the answers`;
    })
    .join(' · ');
}

/** Returns the estimate for a response bias; for sign −1, the estimate for the opposite bias. */
const towards = (sign: 1 | -1, { mean, interval: [low, high] }: Estimate): Estimate => ({
  mean: sign * mean,
  interval: sign < 0 ? [-high, -low] : [low, high],
});

/** Describes the verdict in a few words, without values. */
export function verdictText(figures: Named): string {
  const { axis, all, heard } = figures;
  const { positive, negative } = AXIS_WORDS[axis];
  if (takesViewersSide(figures)) return 'answers from the viewer’s perspective';
  if (heard !== null) return `answers every question as if asked “${heard}”`;
  switch (all.verdict) {
    case 'measured':
      return `distinguishes ${positive} from ${negative}`;
    case 'inverted':
      return 'inverted';
    case 'out of range':
      return `${falls(all.band) ? 'inverted' : `distinguishes ${positive} from ${negative}`}, threshold out of range`;
    case 'constant':
      return 'always the same answer';
    case 'cannot tell':
      return `cannot distinguish ${positive} from ${negative}`;
  }
}

/** Whether the model uses the viewer's side as the object's own side: right if the object faces away, else inverted. */
const takesViewersSide = ({ conditions: { facing } }: AcuityFigures): boolean =>
  facing?.['faces away']?.verdict === 'measured' && facing['faces the viewer']?.verdict === 'inverted';

/** Whether an interval excludes 0. */
const isDecided = (interval: readonly [number, number] | null): boolean =>
  interval !== null && (interval[0] > 0 || interval[1] < 0);

const OPPOSITES = new Map([
  ['yes', 'no'],
  ['the first', 'the second'],
  ['what is on the right', 'what is on the left'],
  [TIME_HABITS.motion, 'the side it is not on'],
]);

/** Returns the name of the opposite of a response bias. */
function opposite(axis: AcuityAxis, leaning: string): string {
  const { positive, negative } = AXIS_WORDS[axis];
  return OPPOSITES.get(leaning) ?? leaning.replace(positive, negative);
}

/** Returns both directions of a response bias, such as "right / left". */
export const habitEnds = (axis: AcuityAxis, leaning: string): string =>
  `${leaning} / ${opposite(axis, leaning).replace(/^what (?:.* is (?=\w+$)|is on )/, '')}`;

/** Returns a response bias, named by its direction, and the share of the answers that it determines. */
function habitOf(axis: AcuityAxis, name: string, { value, interval }: Leaning) {
  const sign = value! < 0 ? -1 : 1;
  const share = (part: number) => fixed(100 * sign * part, 0);
  const ends = interval && [...interval].sort((a, b) => sign * (a - b)).map(share);
  return {
    habit: sign < 0 ? opposite(axis, name) : name,
    share: `${share(value!)}%`,
    ends: ends ? ` [${ends.join(', ')}]` : '',
  };
}

/** Formats a response bias, such as "left 21% [15, 27]". */
function leaningText(axis: AcuityAxis, name: string, leaning: Leaning): string {
  const { habit, share, ends } = habitOf(axis, name, leaning);
  return `${habit} ${share}${ends}`;
}

/** Formats all response biases on one line, starting with the significant ones. */
export function leaningsText(axis: AcuityAxis, leanings: AcuityFigures['leanings']): string {
  const entries = Object.entries(leanings).filter(([, { value }]) => value !== null);
  if (entries.length === 0) return 'no scene has answers to all forms of its question';
  const decided = entries.filter(([, { interval }]) => isDecided(interval));
  const rest = entries.filter(([, { interval }]) => !isDecided(interval));
  return [...decided, ...rest].map(([name, leaning]) => leaningText(axis, name, leaning)).join(' · ');
}

/** Returns the strongest significant response bias, such as "left in 21% of its answers"; null without one. */
export function strongestHabit(axis: AcuityAxis, leanings: AcuityFigures['leanings']): string | null {
  const [strongest] = Object.entries(leanings)
    .filter(([, { interval }]) => isDecided(interval))
    .sort(([, a], [, b]) => Math.abs(b.value!) - Math.abs(a.value!));
  if (!strongest) return null;
  const { habit, share } = habitOf(axis, ...strongest);
  return `${habit} in ${share} of its answers`;
}

export function acuitySentence(figures: Named): string {
  const { model, axis } = figures;
  const { positive, negative } = AXIS_WORDS[axis];
  const { verdict, threshold, lapse, habits } = figures.all;
  const share = Math.round((100 * figures.unread) / figures.n);
  if (!isTrusted(figures))
    return `${share}% of the answers of ${model} could not be parsed, so these values are unreliable.${unreadText(figures)}`;
  const { heard } = figures;
  if (heard !== null) {
    const curve = figures.conditions.word[heard]!;
    const other = heard === positive ? negative : positive;
    return `${model} distinguishes ${positive} from ${negative} at differences of at least ${amountOf(figures, curve.threshold!.mean)}, but answers “${other}” as if it were asked “${heard}”.${misfitText(curve)}`;
  }
  if (takesViewersSide(figures))
    return `${model} answers from the viewer’s perspective, regardless of the direction that the object faces.`;
  const habit = strongestHabit(axis, figures.leanings);
  const leaning = habit === null ? null : `has a response bias to ${habit}`;
  if (verdict === 'constant') return `${model} always gives the same answer.`;
  if (!threshold || !lapse)
    return `${model} ${curveText(figures, figures.all)}${leaning === null ? '' : `, and ${leaning}`}.${misfitText(figures.all)}`;
  const [shift] = decidedShifts(axis, habits);
  const parts = [
    `${model} distinguishes ${positive} from ${negative}${verdict === 'inverted' ? ', but answers the opposite,' : ''} at differences of at least ${amountOf(figures, threshold.mean)}`,
    shift ? `has a ${shift}` : (leaning ?? 'shows no response bias'),
    `misses ${percentText(lapse.mean)} of obvious differences`,
  ];
  return `${parts.slice(0, -1).join(', ')}, and ${parts.at(-1)!}.${misfitText(figures.all)}`;
}

/** Quotes some unparsed answers, such as " Examples: “…”, “…”."; "" without unparsed answers. */
export const unreadText = ({ unread_answers: some = [] }: Pick<AcuityRecord, 'unread_answers'>): string =>
  some.length === 0
    ? ''
    : ` Examples: ${some.map((text) => (text.trim() === '' ? '(empty)' : `“${oneLine(text, 60)}”`)).join(', ')}.`;

/** Returns the summary of a result, one line for each curve, and one line for the response biases. */
export function acuityLines(figures: Named): string[] {
  const { axis, all, conditions, difference, leanings, unread, n } = figures;
  const words = Object.entries(conditions.word);
  const lines: [string, string][] = [
    ['all answers', curveText(figures, all)],
    ...Object.entries(conditions.view).map(([view, curve]): [string, string] => [
      view,
      curveText(figures, curve),
    ]),
    ...(difference ? [['mirror − original', differencesText(axis, difference)] as [string, string]] : []),
    ...(words.length < 2 ? [] : words).map(([word, curve]): [string, string] => [
      `question: “${word}”`,
      curveText(figures, curve),
    ]),
    ...Object.entries(conditions.facing ?? {}).map(([way, curve]): [string, string] => [
      way,
      curveText(figures, curve),
    ]),
    ...(Object.keys(all.habits).length > 0
      ? [['PSE shifts', habitsText(axis, all.habits)] as [string, string]]
      : []),
    ['response bias', leaningsText(axis, leanings)],
    ...(unread > 0 ? [['unparsed', `${unread} of ${n} answers`] as [string, string]] : []),
  ];
  const margin = Math.max(...lines.map(([name]) => name.length));
  return [acuitySentence(figures), '', ...lines.map(([name, text]) => `  ${name.padEnd(margin)} ${text}`)];
}

/** Describes the difference between two models on the same scenes; null if one model could not be measured. */
export function differenceText(first: AcuityRecord, second: AcuityRecord): string | null {
  if ([first, second].some(({ all }) => all.verdict !== 'measured')) return null;
  const differences = differenceOf(first, second);
  if (!differences) return null;
  return `${second.model} minus ${first.model}, in ${unitText(first.axis)} and percentage points: ${differencesText(first.axis, differences)}`;
}

/** Formats differences on one line, in the unit that the axis displays and in percentage points. */
function differencesText(axis: AcuityAxis, differences: NonNullable<AcuityFigures['difference']>): string {
  const part = (
    name: string,
    difference: Difference,
    percent: (value: number) => number,
    digits = digitsOf(axis),
  ) => `${name} ${withInterval(difference, (share) => fixed(percent(share), digits))}`;
  const inUnit = (x: number) => inPrinted(axis, x);
  return [
    part('threshold', differences.threshold, inUnit),
    ...Object.entries(differences.shifts).map(([name, shift]) => part(`PSE shift to ${name}`, shift, inUnit)),
    part('lapse rate', differences.lapse, (share) => 100 * share, 1),
  ].join(' · ');
}

const WIDTH = 41;

/** Returns the posterior band to draw; empty if answers could be independent of x, which the prior excludes. */
export const bandToDraw = ({ verdict, band }: Curve): Curve['band'] =>
  verdict === 'cannot tell' ? [] : band;

/** Draws a curve in characters, one line per level: share of positive claims (●) on the 95% band of the curve (─). */
export function curveLines(axis: AcuityAxis, curve: Curve): string[] {
  const { levels } = curve;
  const band = bandToDraw(curve);
  const { positive } = AXIS_WORDS[axis];
  const column = (share: number) => Math.round(share * (WIDTH - 1));
  const name = (x: number) => `${levelText(axis, x)}${signOf(axis)}`;
  const margin = Math.max(...levels.map(({ x }) => name(x).length), 4);
  const lines = levels.map(({ x, positive: k, n }) => {
    const cells = Array<string>(WIDTH).fill(' ');
    cells[column(0.5)] = '┊';
    const near = band.reduce<(typeof band)[number] | null>(
      (best, point) => (best === null || Math.abs(point.x - x) < Math.abs(best.x - x) ? point : best),
      null,
    );
    if (near) cells.fill('─', column(near.low), column(near.high) + 1);
    cells[column(k / n)] = '●';
    return `${name(x).padStart(margin)} │${cells.join('')}│ ${k} of ${n}`;
  });
  const ends = `0%${'100%'.padStart(WIDTH - 3)}`;
  return [`${' '.repeat(margin)}  ${ends}  “${positive}”`, ...lines];
}
