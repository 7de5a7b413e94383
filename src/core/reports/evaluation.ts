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
import { sharedNames } from '../evaluation/shared-sets.ts';
import { withDistinctNames } from '../run-data/run-name.ts';
import type { PublishedSet } from './published/table.ts';
import { MIRROR, ORIGINAL, sortedViews, viewLabel, type ViewId } from '../../rows/view-list.ts';

export type Figure = EvaluationResult;

/** Results from the rows of one evaluation set, in addition to the metrics. */
export interface SetDigest {
  /** Lengths of the answers to originals, and their extraction paths [B-51]. */
  style: Style;
  /** Comparison of originals and opposite questions, by kind of question; empty if the set lacks the latter. */
  shifts: Shift[];
  /** For each kind of row, a few pairs with exactly one view right. */
  examples: PairExample[];
  /** Pass@4 of CV-Bench, with the same names as the accuracies; {} if questions have fewer than four answers. */
  cvPass4: Record<string, Metric>;
}

/** A question in two views, with the model's answer in each view. */
export interface PairExample {
  /** Kinds of the row, by the names of the fields in ROW_FIELDS. */
  kinds: Record<string, string>;
  /** View that is compared with the original. */
  view: ViewId;
  views: [AnsweredText, AnsweredText];
  right: [boolean, boolean];
}

interface AnsweredText {
  question: string;
  reference: string;
  /** Answer in this view; null if unparsed. */
  answered: string | null;
}

export interface Shift {
  /** Task of CV-Bench or question type of SAT; empty if the rows have no kinds. */
  kind: string;
  metrics: Record<string, Metric>;
}

export interface Evaluation {
  /** Folder of the evaluation, which identifies the evaluation in the report. */
  key: string;
  /** Name of the evaluated run, or name of the model behind an endpoint. */
  subject: string;
  /** Difference from other evaluations of the subject, such as "think, 4 answers at T 0.7". */
  variant: string;
  /** Descriptions of other settings that determine the answers: rows, sampling, … (not subject, strategy or step). */
  details: Record<string, string>;
  /** Step of the evaluated checkpoint; null if the model is not a checkpoint. */
  step: number | null;
  model: string;
  strategy: string;
  /** Version of the scoring rules; null if an external program scored the answers. */
  rules: number | null;
  figures: Figure[];
  /** Evaluation sets on which the rules can score right and wrong answers at different rates. */
  uneven: Record<string, JudgedRates>;
  /** Accuracies under controls; empty if no control was evaluated. */
  controls: NamedControl[];
  sets: Record<string, SetDigest>;
  /** SHA-256 of the file of each set; empty or absent for imported evaluations. */
  digests?: ReadonlyMap<string, string>;
  /** New names of sets, by the names in the evaluation's files (`sharedNames`); absent without new names. */
  renamed?: ReadonlyMap<string, string>;
  /** Human ratings of the answers; null or absent without ratings. */
  audit?: Audit | null;
  /** Accuracies by the reviewed labels, for each set with a review. */
  reviewed?: ReviewedLabels[];
  /** Start of reward hacking in the run; null or absent if no reward hacking was detected. */
  hacking?: Hacking | null;
  /** Number of steps of the run that were recomputed from the run folder; null or absent without recomputed steps. */
  verified?: number | null;
}

export interface ReportOptions {
  title: string;
  /** Published set that corresponds to each of the user's sets. */
  map: Record<string, PublishedSet>;
  /** Selection of the checkpoints of each run that the tables contain. */
  checkpoints: 'last' | 'best' | 'all';
  /** Metric by which the report compares checkpoints; null for pair accuracy, or accuracy for runs without pairs. */
  metric: string | null;
  /** Subject of the base evaluation for relative OOD changes; null without a base evaluation. */
  base: string | null;
  /** Whether the report also compares its two evaluations row by row, to test which evaluation is better. */
  isPaired?: boolean;
  /** True for all tables and claims of the papers; false for only the tables and claims for which own values exist. */
  published: boolean;
}

/**
 * Returns an error if evaluations were scored by different rules, because the rules alone can cause a difference; null
 * if the evaluations are comparable. Scores by external programs are comparable with all other scores.
 */
export function refusalToCompare(evaluations: readonly Pick<Evaluation, 'rules' | 'key'>[]): string | null {
  const versions = [...new Set(evaluations.flatMap(({ rules }) => rules ?? []))].sort((a, b) => a - b);
  if (versions.length < 2) return null;
  const old = evaluations.filter(({ rules }) => rules !== null && rules !== SCORING_RULES);
  const named = old.slice(0, 3).map(({ key }) => `\`chirality eval rescore ${key}\``);
  const more = old.length > named.length ? `, and ${old.length - named.length} more` : '';
  return `The evaluations use different scoring rules (versions ${versions.join(' and ')}). The rules alone can cause a difference. Rescore the older evaluations: ${named.join(', ')}${more}.`;
}

/** Whether the report contains the papers' tables even without own values. */
export const showsPublished = (
  evaluations: readonly Evaluation[],
  { published }: Pick<ReportOptions, 'published'>,
): boolean => published || evaluations.length === 0;

/** Options that determine which checkpoints the tables contain. */
export type ShownCheckpoints = Pick<ReportOptions, 'checkpoints' | 'metric'>;

export const nameOf = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant, step === null ? '' : `step ${step}`].filter(Boolean).join(', ');

/** Returns the name of an evaluation for use within a sentence, without commas, such as `given at step 50`. */
export const nameInSentence = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant && `(${variant})`, step === null ? '' : `at step ${step}`].filter(Boolean).join(' ');

/**
 * Describes the image-free bounds of original and mirror: one line if all bounds are equal, otherwise one line per
 * bound with its evaluations. Prompts without options have different bounds.
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

/** Returns one warning for each set with unscored answers, if the rules score right and wrong answers unevenly. */
export function unevenWarnings(evaluations: readonly Evaluation[]): string[] {
  const open = evaluations.flatMap(({ figures, uneven }) =>
    Object.entries(uneven).filter(([set]) => figures.some((figure) => figure.set === set && figure.bounds)),
  );
  return [...new Map(open).entries()].map(([set, rates]) => unevenText(set, rates));
}

export const setsOf = (evaluations: readonly Evaluation[]): string[] => [
  ...new Set(evaluations.flatMap(({ figures }) => figures.map(({ set }) => set))),
];

/** Returns the metric with these keys, by default in the original view; undefined if the evaluation lacks it. */
export const figureOf = (
  { figures }: Pick<Evaluation, 'figures'>,
  set: string,
  { view = ORIGINAL, ...names }: Omit<FigureNames, 'view'> & Partial<Pick<FigureNames, 'view'>>,
): Figure | undefined => figureIn(figures, set, { ...names, view });

/** Returns the name of the metric for comparing the checkpoints of one subject on a set. */
export const metricOf = (group: readonly Evaluation[], set: string, { metric }: ShownCheckpoints): string =>
  metric ??
  (group.some((evaluation) => chosenFigure(evaluation, set, 'consistent')) ? 'consistent' : 'accuracy');

/**
 * Returns the metric for comparing checkpoints on a set: over both views for metrics of pairs; otherwise on the
 * originals, over all tasks if available.
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
 * Removes evaluations if another evaluation with the same subject, strategy, step and plan has all their values. So a
 * checkpoint that was evaluated again, in the same views and more, appears once.
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

/** Returns the folder of the evaluated run; null for a model behind an endpoint. */
const runOf = (key: string): string | null => /^(.*)[/\\]eval[/\\][^/\\]+$/.exec(key)?.[1] ?? null;

/** Gives sets with equal files one name in all evaluations (`sharedNames`). */
function underSharedSets(evaluations: readonly Evaluation[]): Evaluation[] {
  const renamed = sharedNames(evaluations.map(({ digests = new Map() }) => digests));
  return evaluations.map((evaluation, i) =>
    renamed[i]!.size === 0 ? evaluation : inNames(evaluation, renamed[i]!),
  );
}

function inNames(evaluation: Evaluation, renamed: ReadonlyMap<string, string>): Evaluation {
  const { figures, uneven, controls, sets, reviewed = [], audit } = evaluation;
  const each = <T extends { set: string }>(list: readonly T[]): T[] =>
    list.map((item) => ({ ...item, set: renamed.get(item.set) ?? item.set }));
  const keyed = <T>(bySet: Record<string, T>): Record<string, T> =>
    Object.fromEntries(Object.entries(bySet).map(([set, value]) => [renamed.get(set) ?? set, value]));
  return {
    ...evaluation,
    figures: each(figures),
    uneven: keyed(uneven),
    controls: each(controls),
    sets: keyed(sets),
    reviewed: each(reviewed),
    audit: audit && { ...audit, figures: each(audit.figures), verdicts: each(audit.verdicts) },
    renamed,
  };
}

/**
 * Assigns distinct subjects and variants to evaluations, and one name to sets with equal files. Runs with the same name
 * in different folders are named by their paths. If evaluations differ in more than the step (temperature, seed, rows),
 * their names include the difference.
 */
export function underDistinctNames(given: readonly Evaluation[]): Evaluation[] {
  const evaluations = underSharedSets(given);
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
    // If a checkpoint was evaluated again in other views, the name of that evaluation includes the views.
    if (twins.length > 0 && viewsText(control) !== usualViews(others))
      words.push(`evaluated in ${viewsText(control)}`);
    if (twins.some((twin) => viewsText(twin) === viewsText(control)))
      words.push(control.key.split(/[/\\]/).at(-1)!);
    return { ...control, variant: [control.variant, ...words].filter(Boolean).join(', ') };
  });
}

const viewsText = ({ figures }: Evaluation): string =>
  sortedViews(figures.flatMap(({ view }) => view ?? []))
    .map(viewLabel)
    .join(', ');

/** Returns the most frequent views among evaluations; on a tie, the views that occur first. */
function usualViews(evaluations: readonly Evaluation[]): string {
  const [most] = [...groupBy(evaluations, viewsText)].sort(([, a], [, b]) => b.length - a.length);
  return most![0];
}

/** Groups evaluations by subject and variant. Sorts each group by step. */
export function bySubject(evaluations: readonly Evaluation[]): Evaluation[][] {
  const groups = groupBy(evaluations, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return [...groups.values()].map((group) => group.sort((a, b) => (a.step ?? 0) - (b.step ?? 0)));
}

/** Whether checkpoints can be compared by a metric; false for answer distributions and slices. */
const isCompared = ({ slice, metric }: Figure): boolean => !slice && !isSpread(metric);

/** Returns the metrics for comparing checkpoints, sorted by label; empty if no subject has several checkpoints. */
export function comparableMetrics(evaluations: readonly Evaluation[]): string[] {
  const several = bySubject(evaluations).filter((group) => new Set(group.map(({ step }) => step)).size > 1);
  const figures = several.flat().flatMap((evaluation) => evaluation.figures);
  const metrics = figures.filter(isCompared).map(({ metric }) => metric);
  const byLabel = (a: string, b: string) => metricLabel(a).localeCompare(metricLabel(b), 'en');
  return [...new Set(metrics)].sort(byLabel);
}

/**
 * Returns the best evaluation of one subject by a metric on a set, the earliest of several equal evaluations; undefined
 * if no evaluation has the metric. If answers are not scored, the worst possible value counts.
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

/** Returns the evaluation sets, each with the evaluations that its tables contain. */
export const shownSets = (
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): { set: string; shown: Evaluation[] }[] =>
  setsOf(evaluations).map((set) => ({ set, shown: shownFor(evaluations, set, options) }));

export function shownFor(
  evaluations: readonly Evaluation[],
  set: string,
  options: ShownCheckpoints,
): Evaluation[] {
  const having = evaluations.filter(({ figures }) => figures.some((figure) => figure.set === set));
  return bySubject(having).flatMap((group) => {
    if (options.checkpoints === 'all') return group;
    const last = group.slice(-1);
    const best =
      options.checkpoints === 'best' ? bestOf(group, set, metricOf(group, set, options)) : undefined;
    return best ? [best] : last;
  });
}
