import { figureIn, type FigureNames } from '../metrics/view-gaps.ts';
import { metricLabel } from '../../base/labels.ts';
import { isSpread } from '../metrics/answer-spread.ts';
import type { Audit } from '../metrics/audit/audit.ts';
import type { ReviewedLabels } from '../metrics/reviewed-labels.ts';
import type { NamedControl } from '../metrics/control-metrics.ts';
import { floorLines } from '../metrics/floor.ts';
import { unevenText, type JudgedRates } from '../metrics/uneven.ts';
import type { Style } from '../metrics/answer-lengths.ts';
import { SCORING_RULES } from '../answers/score.ts';
import type { Hacking } from '../rewards/hacking.ts';
import { isLowerBetter, sureValue } from '../metrics/metric.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import { groupBy } from '../evaluation/scored-row.ts';
import { withDistinctNames } from '../run-data/run-name.ts';
import type { PublishedSet } from './published/table.ts';
import { MIRROR, ORIGINAL, sortedViews, viewLabel, type ViewId } from '../../rows/view-list.ts';

export type Figure = EvaluationResult;

/** What the rows of one set show beyond its figures. */
export interface SetDigest {
  /** Lengths of the originals' answers and how they were found [B-51]. */
  style: Style;
  /** Originals against their polarity flips, by kind of question; empty if the set was not asked in that view. */
  shifts: Shift[];
  /** For each kind of row a few pairs of which one view alone is right. */
  examples: PairExample[];
  /** Pass@4 of CV-Bench, with the same names as its accuracies; {} if questions were not answered four times. */
  cvPass4: Record<string, Metric>;
}

/** A question in both views, as it was answered. */
export interface PairExample {
  /** Its kinds, by the names of ROW_FIELDS. */
  kinds: Record<string, string>;
  /** The view next to the original. */
  view: ViewId;
  views: [AnsweredText, AnsweredText];
  right: [boolean, boolean];
}

interface AnsweredText {
  question: string;
  reference: string;
  /** Null if nothing could be read as an answer. */
  answered: string | null;
}

/** Originals of one kind of question against their polarity flips. */
export interface Shift {
  /** CV-Bench's task or SAT's question type; empty if the rows have no kinds. */
  kind: string;
  metrics: Record<string, Metric>;
}

/** An evaluation, as stored in its folder. */
export interface Evaluation {
  /** Its folder, which identifies it in the report. */
  key: string;
  /** Name of the run, or of the model behind an endpoint. */
  subject: string;
  /** Distinguishes it from other evaluations of the subject: "think, 4 answers at T 0.7". */
  variant: string;
  /**
   * Everything else that determines its answers besides subject, strategy and step, in words: rows, sampling, …
   */
  details: Record<string, string>;
  /** Step of the checkpoint; null if there is none. */
  step: number | null;
  model: string;
  /** The strategy with which the model was asked. */
  strategy: string;
  /** The version of the rules by which its answers are scored; null if another program says what is right. */
  rules: number | null;
  figures: Figure[];
  /** Sets on which the rules judge right and wrong answers at different rates. */
  uneven: Record<string, JudgedRates>;
  /** The accuracies with something removed; empty if there are no controls. */
  controls: NamedControl[];
  sets: Record<string, SetDigest>;
  /** What people judged of its answers; null, or absent, if nobody did. */
  audit?: Audit | null;
  /** Its accuracies where people reviewed labels of its sets. */
  reviewed?: ReviewedLabels[];
  /** Where the run's policy began to hack its reward; null, or absent, if it did not. */
  hacking?: Hacking | null;
  /** How many steps of its run were computed again from the run's folder; null, or absent, if none was. */
  verified?: number | null;
}

export interface ReportOptions {
  title: string;
  /** Which published set each own set corresponds to. */
  map: Record<string, PublishedSet>;
  /** Which of every run's checkpoints tables show. */
  checkpoints: 'last' | 'best' | 'all';
  /** The metric by which checkpoints are compared. */
  metric: string;
  /** The subject of the evaluation that relative OOD changes refer to; null for none. */
  base: string | null;
  /** Whether the report also compares its two evaluations row by row: that test says which is better. */
  isPaired?: boolean;
  /** True for every table and claim of the papers; false for those that have figures of the evaluations next to them. */
  published: boolean;
}

/**
 * Why evaluations are not compared: some were scored by other rules than the rest, so that a difference may be that of
 * the rules; null if they are comparable. The verdicts of other programs are compared with anybody's.
 */
export function refusalToCompare(evaluations: readonly Pick<Evaluation, 'rules' | 'key'>[]): string | null {
  const versions = [...new Set(evaluations.flatMap(({ rules }) => rules ?? []))].sort((a, b) => a - b);
  if (versions.length < 2) return null;
  const old = evaluations.filter(({ rules }) => rules !== null && rules !== SCORING_RULES);
  const named = old.slice(0, 3).map(({ key }) => `\`chirality eval rescore ${key}\``);
  const more = old.length > named.length ? `, and so on for ${old.length - named.length} more` : '';
  return `The evaluations use different scoring rules (versions ${versions.join(' and ')}), which alone can cause a difference. Rescore the older ones: ${named.join(', ')}${more}.`;
}

/** Whether the papers' tables are shown even without figures of the evaluations next to them. */
export const showsPublished = (
  evaluations: readonly Evaluation[],
  { published }: Pick<ReportOptions, 'published'>,
): boolean => published || evaluations.length === 0;

/** The options that determine which checkpoints tables show. */
export type ShownCheckpoints = Pick<ReportOptions, 'checkpoints' | 'metric'>;

export const nameOf = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant, step === null ? '' : `step ${step}`].filter(Boolean).join(', ');

/** The same within a sentence, without commas: `given at step 50`. */
export const nameInSentence = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant && `(${variant})`, step === null ? '' : `at step ${step}`].filter(Boolean).join(' ');

/**
 * The floors of original and mirror without the image, in words: one, if it is the same for all, else each with the
 * evaluations that it holds for, since a prompt that leaves the options out has another.
 */
export function floorsOf(evaluations: readonly Evaluation[], set: string): string[] {
  const byLine = groupBy(
    evaluations.flatMap((evaluation) =>
      floorLines(evaluation.figures, set, MIRROR).map((line) => ({ evaluation, line })),
    ),
    ({ line }) => line,
  );
  if (byLine.size < 2) return [...byLine.keys()];
  return [...byLine].map(
    ([line, alike]) => `${alike.map(({ evaluation }) => nameInSentence(evaluation)).join(', ')}: ${line}`,
  );
}

/**
 * Warns where the rules judge right and wrong answers of a set at different rates, and some answer to it is not scored;
 * once for each set.
 */
export function unevenWarnings(evaluations: readonly Evaluation[]): string[] {
  const open = evaluations.flatMap(({ figures, uneven }) =>
    Object.entries(uneven).filter(([set]) => figures.some((figure) => figure.set === set && figure.bounds)),
  );
  return [...new Map(open).entries()].map(([set, rates]) => unevenText(set, rates));
}

export const setsOf = (evaluations: readonly Evaluation[]): string[] => [
  ...new Set(evaluations.flatMap(({ figures }) => figures.map(({ set }) => set))),
];

/**
 * Returns the figure with these names, of the originals unless another view is given; undefined if the evaluation does
 * not have it.
 */
export const figureOf = (
  { figures }: Pick<Evaluation, 'figures'>,
  set: string,
  { view = ORIGINAL, ...names }: Omit<FigureNames, 'view'> & Partial<Pick<FigureNames, 'view'>>,
): Figure | undefined => figureIn(figures, set, { ...names, view });

/**
 * Returns the figure of a set by which checkpoints are compared: over both views if the metric is of pairs; else on the
 * originals, over all tasks if there is such a figure.
 */
export function chosenFigure({ figures }: Evaluation, set: string, metric: string): Figure | undefined {
  const candidates = figures.filter(
    (figure) => !figure.slice && figure.set === set && figure.metric === metric,
  );
  const places = [
    (figure: Figure) => figure.view === null,
    (figure: Figure) => figure.view === ORIGINAL && figure.task === 'all',
    (figure: Figure) => figure.view === ORIGINAL,
  ];
  return places.map((fits) => candidates.find(fits)).find((figure) => figure !== undefined);
}

/**
 * Returns the evaluations without those whose every figure another one of the same subject, strategy, step and plan has
 * with the same value: a checkpoint that was asked again, in the same views and more, is one row and not two.
 */
export function withoutRepeats(evaluations: readonly Evaluation[]): Evaluation[] {
  const alike = groupBy(evaluations, ({ key, subject, variant, step, details }) =>
    JSON.stringify([runOf(key), subject, variant, step, details]),
  );
  const repeated = new Set<Evaluation>();
  for (const group of alike.values()) {
    const figures = group.map((evaluation) => new Set(evaluation.figures.map(figureText)));
    figures.forEach((ofTable, i) => {
      const isHeldBy = (other: Set<string>) =>
        other.size > ofTable.size && [...ofTable].every((figure) => other.has(figure));
      if (ofTable.size > 0 && figures.some(isHeldBy)) repeated.add(group[i]!);
    });
  }
  return evaluations.filter((evaluation) => !repeated.has(evaluation));
}

const figureText = ({ set, task, metric, view, slice, answer, value, bounds, n }: Figure): string =>
  JSON.stringify([set, task, metric, view, slice, answer, value, bounds, n]);

/** The folder of the run that was evaluated; null for an endpoint. */
const runOf = (key: string): string | null => /^(.*)[/\\]eval[/\\][^/\\]+$/.exec(key)?.[1] ?? null;

/**
 * Returns the evaluations with distinct subjects and variants. Runs of the same name in different folders are named by
 * their paths. Evaluations that differ in more than the step (the temperature, the seed, the rows) are never confused,
 * and their names say what differs.
 */
export function underDistinctNames(evaluations: readonly Evaluation[]): Evaluation[] {
  const subjects = withDistinctNames(
    evaluations.map(({ key, subject: name }) => ({ name, dir: runOf(key) ?? name })),
  );
  const named = evaluations.map((evaluation, i) => ({ ...evaluation, subject: subjects[i]!.name }));
  const alike = groupBy(named, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return named.map((control) => {
    const others = alike.get(JSON.stringify([control.subject, control.variant]))!;
    const differing = Object.keys(control.details).filter((name) =>
      others.some(({ details }) => details[name] !== control.details[name]),
    );
    const words = differing.map((name) => control.details[name]!);
    const plan = JSON.stringify(control.details);
    const twins = others.filter(
      ({ step, details, key }) =>
        key !== control.key && step === control.step && JSON.stringify(details) === plan,
    );
    // A checkpoint that was asked again in other views leaves the name of those that are asked in the usual ones.
    if (twins.length > 0 && viewsText(control) !== usualViews(others))
      words.push(`asked in ${viewsText(control)}`);
    if (twins.some((twin) => viewsText(twin) === viewsText(control)))
      words.push(control.key.split(/[/\\]/).at(-1)!);
    return { ...control, variant: [control.variant, ...words].filter(Boolean).join(', ') };
  });
}

const viewsText = ({ figures }: Evaluation): string =>
  sortedViews(figures.flatMap(({ view }) => view ?? []))
    .map(viewLabel)
    .join(', ');

/** The views in which most of some evaluations were asked; those of the first one, if several are as frequent. */
function usualViews(evaluations: readonly Evaluation[]): string {
  const [most] = [...groupBy(evaluations, viewsText)].sort(([, a], [, b]) => b.length - a.length);
  return most![0];
}

/** Groups evaluations by subject and variant, each group in order of steps. */
export function bySubject(evaluations: readonly Evaluation[]): Evaluation[][] {
  const groups = groupBy(evaluations, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return [...groups.values()].map((group) => group.sort((a, b) => (a.step ?? 0) - (b.step ?? 0)));
}

/** False for shares of answers and accuracies by kind of row, by which checkpoints cannot be compared. */
const isCompared = ({ slice, metric }: Figure): boolean => !slice && !isSpread(metric);

/**
 * Returns the metrics by which checkpoints can be compared, ordered by their labels; empty if no subject has several
 * checkpoints.
 */
export function comparableMetrics(evaluations: readonly Evaluation[]): string[] {
  const several = bySubject(evaluations).filter((group) => new Set(group.map(({ step }) => step)).size > 1);
  const figures = several.flat().flatMap((evaluation) => evaluation.figures);
  const metrics = figures.filter(isCompared).map(({ metric }) => metric);
  const byLabel = (a: string, b: string) => metricLabel(a).localeCompare(metricLabel(b), 'en');
  return [...new Set(metrics)].sort(byLabel);
}

/**
 * Returns the best of one subject's evaluations by a metric on a set, the earliest among equals; undefined if none has
 * the metric. Where answers are not scored, what is surely reached decides.
 */
export function bestOf(group: readonly Evaluation[], set: string, metric: string): Evaluation | undefined {
  const isLower = isLowerBetter(metric);
  const sign = isLower ? -1 : 1;
  let best: { evaluation: Evaluation; value: number } | undefined;
  for (const evaluation of group) {
    const figure = chosenFigure(evaluation, set, metric);
    const value = figure && sureValue(figure, isLower);
    if (value == null) continue;
    if (!best || sign * value > best.value) best = { evaluation, value: sign * value };
  }
  return best?.evaluation;
}

/** The sets, each with the evaluations that tables about it show. */
export const shownSets = (
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): { set: string; shown: Evaluation[] }[] =>
  setsOf(evaluations).map((set) => ({ set, shown: shownFor(evaluations, set, options) }));

/** Returns the evaluations that tables about a set show. */
export function shownFor(
  evaluations: readonly Evaluation[],
  set: string,
  { checkpoints, metric }: ShownCheckpoints,
): Evaluation[] {
  const having = evaluations.filter(({ figures }) => figures.some((figure) => figure.set === set));
  return bySubject(having).flatMap((group) => {
    if (checkpoints === 'all') return group;
    const last = group.slice(-1);
    const best = checkpoints === 'best' ? bestOf(group, set, metric) : undefined;
    return best ? [best] : last;
  });
}
