import { fixed, several } from '../../../base/format.ts';
import { metricLabel, PAIRED_TEST } from '../../../base/labels.ts';
import { floorShares, type Floor } from '../../metrics/floor.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import { ORIGINAL, PAIR, viewLabel, type PairView } from '../../../rows/view-list.ts';
import { figureCell } from '../cells.ts';
import { auditFigure, auditSentences } from './audit-section.ts';
import { findingOf, kindChart } from './finding.ts';
import {
  chartOf,
  pointOf,
  section,
  type Cell,
  type Chart,
  type Point,
  type Section,
  type Series,
} from '../document.ts';
import { kindsWithinBound } from '../../metrics/view-gaps.ts';
import { sureValue } from '../../metrics/metric.ts';
import {
  figureOf,
  floorsOf,
  nameInSentence,
  nameOf,
  refusalToCompare,
  shownSets,
  type Evaluation,
  type ReportOptions,
} from '../evaluation.ts';

const DRAWN = 6;

/** Main result of a report, as sentences and a chart. */
export interface Outcome {
  /** Sentences on the largest significant view gap, if any, and on the best evaluation. */
  sentences: string[];
  section: Section;
  /** Two evaluations to compare row by row; null if the report has only one evaluation. */
  compared: [Evaluation, Evaluation] | null;
}

/**
 * Determines the best evaluation on the set that most evaluations share: by pair accuracy, or by accuracy if no set has
 * both views. Null without evaluations.
 */
export function outcomeOf(evaluations: readonly Evaluation[], options: ReportOptions): Outcome | null {
  const candidates = shownSets(evaluations, options).flatMap(({ set, shown }) =>
    (['consistent', 'accuracy'] as const).flatMap((metric) => {
      const having = shown.filter((evaluation) => sureFor(evaluation, set, metric) !== null);
      return having.length > 0 ? [{ set, metric, having }] : [];
    }),
  );
  const pairs = candidates.filter(({ metric }) => metric === 'consistent');
  const [most] = (pairs.length > 0 ? pairs : candidates).sort((a, b) => b.having.length - a.having.length);
  if (!most) return null;
  const { set, metric, having } = most;
  const ranked = [...having].sort((a, b) => sureFor(b, set, metric)! - sureFor(a, set, metric)!);
  const named = (evaluation: Evaluation) => {
    const figure = figureFor(evaluation, set, 'consistent')!;
    return {
      name: nameInSentence(evaluation),
      low: figure.interval?.[0] ?? sureValue(figure)!,
      floor: figure.floor,
    };
  };
  const finding = findingOf(ranked, set);
  const kinds = kindChart(ranked, set);
  const [best, next] = ranked;
  // Compares the evaluation with the largest gap with the best one, or the best evaluation with the next one.
  const other = finding && finding.evaluation !== best ? finding.evaluation : next;
  const refusal = other ? refusalToCompare([other, best!]) : null;
  return {
    sentences: [
      ...(finding?.isMain ? [finding.sentence] : []),
      // The test below can compare another pair.
      sentenceOf(ranked, set, metric, options.isPaired && other === next),
      ...(finding && !finding.isMain ? [finding.sentence] : []),
      ...paragraph(auditSentences(ranked.slice(0, 2), set, aboutFigure(metric))),
      ...paragraph(
        metric === 'consistent'
          ? [...floorSentences(ranked.slice(0, 2).map(named)), ...kindSentences(best!, set, named(best!))]
          : [],
      ),
      ...(refusal === null ? [] : [refusal]),
    ],
    section: section('outcome', 'Outcome', [], finding?.examples ? [finding.examples] : [], [
      ...(kinds ? [kinds] : []),
      outcomeChart(ranked, set, metric),
    ]),
    compared: other && refusal === null ? [other, best!] : null,
  };
}

const paragraph = (sentences: readonly string[]): string[] =>
  sentences.length > 0 ? [sentences.join(' ')] : [];

type OutcomeMetric = 'consistent' | 'accuracy';

const aboutFigure = (metric: OutcomeMetric) => ({ metric, view: metric === 'consistent' ? null : ORIGINAL });

/** Returns the estimate of a metric from human ratings, if available; otherwise the value by the rules. */
const figureFor = (evaluation: Evaluation, set: string, metric: OutcomeMetric) =>
  auditFigure(evaluation, set, aboutFigure(metric)) ?? figureOf(evaluation, set, aboutFigure(metric));

/**
 * Returns the accuracy of a view on questions with both views, estimated from human ratings if these cover the same
 * questions. The accuracy on all originals could be lower than pair accuracy on a subset.
 */
function viewFigure(evaluation: Evaluation, set: string, view: PairView) {
  const byRules = figureOf(evaluation, set, { metric: view, view: null });
  const judged = auditFigure(evaluation, set, { metric: 'accuracy', view });
  return judged && judged.n === byRules?.n ? judged : byRules;
}

/** Returns the worst possible value of a metric; null if the evaluation lacks the metric. */
function sureFor(evaluation: Evaluation, set: string, metric: OutcomeMetric): number | null {
  const figure = figureFor(evaluation, set, metric);
  return figure ? sureValue(figure) : null;
}

function sentenceOf(
  ranked: readonly Evaluation[],
  set: string,
  metric: OutcomeMetric,
  isPaired = false,
): string {
  const [best, next] = ranked;
  const what = metric === 'consistent' ? 'answers both views correctly' : 'is correct';
  const cellOf = (evaluation: Evaluation) => figureCell(figureFor(evaluation, set, metric));
  const first = `On ${set}, ${nameInSentence(best!)} ${what}`;
  const rows = asked(best!, set, metric);
  const { bounds } = cellOf(best!);
  if (!next && bounds?.[0] === 0 && bounds[1] === 100)
    return `On ${set}, no answer of ${nameInSentence(best!)} is scored yet. The accuracy is unknown on ${rows}.`;
  if (!next) return `${first} for ${withEnds(cellOf(best!))} of ${rows}.`;
  const [a, b] = [cellOf(best!), cellOf(next)];
  // With different scoring rules, the report does not call an evaluation better.
  if (refusalToCompare([best!, next]) !== null)
    return `${first} for ${withEnds(a)} of ${rows}; ${nameInSentence(next)} for ${withEnds(b)} of ${asked(next, set, metric)}.`;
  const other = asked(next, set, metric);
  if (a.bounds ?? b.bounds) {
    const ahead = endOf(a, 0) > endOf(b, 1);
    const doubt = ahead ? '' : ' The order depends on answers that are not scored.';
    return other === rows
      ? `${first} for ${withEnds(a)} of ${rows}, against ${withEnds(b)} for ${nameInSentence(next)}.${doubt}`
      : `${first} for ${withEnds(a)} of ${rows}; ${nameInSentence(next)} for ${withEnds(b)} of ${other}.${doubt}`;
  }
  if (a.value === b.value) return `${first} for ${withEnds(a)} of ${rows}, like ${nameInSentence(next)}.`;
  const isSure = a.interval && b.interval && a.interval[0] > b.interval[1];
  const [m, n] = [best!, next].map((evaluation) => figureFor(evaluation, set, metric)!.n);
  const doubt = isPaired
    ? ` To rank the evaluations, use the ${PAIRED_TEST} below.`
    : m !== n
      ? ' The rows differ, so the order is uncertain.'
      : isSure
        ? ''
        : ' Compare the evaluations row by row before you trust the order.';
  const against = `${withEnds(b)}${m === n ? '' : ` of ${n}`}`;
  return `${first} most often: for ${withEnds(a)} of ${rows}, against ${against} for ${nameInSentence(next)}.${doubt}`;
}

const endOf = ({ value, bounds }: Cell, end: 0 | 1): number => bounds?.[end] ?? value!;

/** Returns sentences on the kinds within their bound, if all questions together are above theirs; otherwise []. */
function kindSentences(evaluation: Evaluation, set: string, { low, floor }: Named): string[] {
  const { within, blind } = kindsWithinBound(evaluation.figures, set);
  if (!floor || low <= floor.words) return [];
  return [
    ...(within
      ? [
          `Pair accuracy of ${nameInSentence(evaluation)} is not above the image-free bounds of these kinds of questions: ${within}.`,
        ]
      : []),
    ...(blind
      ? [
          `These kinds of questions cannot show whether a model uses the image, because all of their pairs can be answered without it: ${blind}.`,
        ]
      : []),
  ];
}

/** Describes the evaluated questions, such as `the 11 of its 43 rows that were evaluated in both views`. */
function asked(evaluation: Evaluation, set: string, metric: OutcomeMetric): string {
  const { n, answers, not_judged: lacking, by_judge } = figureFor(evaluation, set, metric)!;
  const open =
    lacking === undefined
      ? by_judge === undefined
        ? ''
        : `, ${by_judge} of them scored by an LLM judge`
      : metric === 'accuracy'
        ? `, ${lacking} of them not scored`
        : `, ${lacking} of them with an answer that is not scored`;
  if (metric === 'accuracy') return `${several(n, 'row')}${open}`;
  const all = figureFor(evaluation, set, 'accuracy')?.n ?? n;
  const pairs = answers
    ? `${several(n, 'question')} evaluated in both views (${several(answers, 'answer')})`
    : all > n
      ? `the ${n} of its ${several(all, 'row')} that were evaluated in both views`
      : `${several(n, 'question')} evaluated in both views`;
  return `${pairs}${open}`;
}

const OPEN_BARS =
  'Dashed ends mark answers that are not scored. The value is between the end of the solid bar and the end of the dashed bar. The whisker adds the 95% interval to both ends.';

function estimatedNote(drawn: readonly Evaluation[], set: string, metric: OutcomeMetric): string[] {
  const names = drawn.filter((evaluation) => auditFigure(evaluation, set, aboutFigure(metric))).map(nameOf);
  return names.length > 0 ? [`Estimated from human ratings: ${names.join('; ')}.`] : [];
}

function withEnds({ text, interval }: Cell): string {
  const ends = interval ? ` (${interval.map((end) => fixed(end, 1)).join(' – ')})` : '';
  return `${text}%${ends}`;
}

function outcomeChart(ranked: readonly Evaluation[], set: string, metric: OutcomeMetric): Chart {
  const drawn = ranked.slice(0, DRAWN);
  const counts = new Set(drawn.map((evaluation) => figureFor(evaluation, set, metric)!.n));
  const sameRows = counts.size === 1;
  const things = metric === 'accuracy' ? 'row' : 'question';
  const rows = sameRows ? several([...counts][0]!, things) : `${things}s`;
  type Bar = readonly [name: string, of: (evaluation: Evaluation) => Cell];
  const main: Bar = [metricLabel(metric), (evaluation) => figureCell(figureFor(evaluation, set, metric))];
  const views = PAIR.map((view): Bar => [
    viewLabel(view),
    (evaluation) => figureCell(viewFigure(evaluation, set, view)),
  ]);
  const series = [...(metric === 'accuracy' ? [] : views), main].map(([name, cellOf]): Series => ({
    name,
    origin: 'own',
    points: drawn.flatMap((evaluation, x): Point[] => {
      const label = sameRows
        ? nameOf(evaluation)
        : `${nameOf(evaluation)} (${several(figureFor(evaluation, set, metric)!.n, 'row')})`;
      return pointOf(cellOf(evaluation), { x, label });
    }),
  }));
  const notes = [
    ...(ranked.length > DRAWN
      ? [`First ${DRAWN} of ${ranked.length} evaluations. The tables contain all evaluations.`]
      : []),
    ...(series.some(({ points }) => points.some(({ bounds }) => bounds)) ? [OPEN_BARS] : []),
    ...estimatedNote(drawn, set, metric),
    ...(metric === 'consistent' ? floorsOf(drawn, set) : []),
  ];
  return chartOf(
    'bars',
    'outcome-chart',
    `Correct answers on ${set}: ${rows}${metric === 'accuracy' ? '' : ' evaluated in both views'}`,
    'evaluation',
    { label: '%', range: [0, 100] },
    series.filter(({ points }) => points.length > 0),
    { inTables: true, notes },
  );
}

/** An evaluation in the sentence on pair accuracy, with the lower end of its interval and its image-free bound. */
interface Named {
  name: string;
  low: number;
  floor?: Floor | undefined;
}

/**
 * Describes the image-free bound of a set, and lists the given evaluations that are not significantly above the bound;
 * [] if the bound is unknown.
 */
export function floorSentences(named: readonly Named[]): string[] {
  const floors = [...groupBy(named, ({ floor }) => (floor ? floorShares(floor) : ''))].filter(
    ([text]) => text,
  );
  if (floors.length === 0) return [];
  const constant = named.filter((row) => row.floor && row.low <= row.floor.constant);
  const words = named.filter((row) => !constant.includes(row) && row.floor && row.low <= row.floor.words);
  const told = (some: readonly Named[], mark: string) =>
    `${some.map(({ name }) => name).join(' and ')} ${some.length > 1 ? 'are' : 'is'} not clearly above ${mark}, so there is no evidence that the model used the images.`;
  return [
    ...floors.map(
      ([text, below]) =>
        `The image-free bound of all questions${floors.length > 1 ? ` for ${below[0]!.name}` : ''}, which a model can reach without the image, is${text}.`,
    ),
    ...(constant.length > 0 ? [told(constant, 'the score of one answer to each form of question')] : []),
    ...(words.length > 0 ? [told(words, `the image-free bound of all questions`)] : []),
  ];
}
