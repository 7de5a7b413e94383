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

/** Results of the rows of one set besides its metrics. */
export interface SetDigest {
  /** Lengths of the originals' answers, and their extraction paths [B-51]. */
  style: Style;
  /** Originals against opposite questions, by kind of question; empty without that view. */
  shifts: Shift[];
  /** For each kind of row, a few pairs with exactly one view right. */
  examples: PairExample[];
  /** Pass@4 of CV-Bench, with the same names as its accuracies; {} without four answers per question. */
  cvPass4: Record<string, Metric>;
}

/** A question in both views, with its answers. */
export interface PairExample {
  /** Kinds of the row, by the names of ROW_FIELDS. */
  kinds: Record<string, string>;
  /** View that is compared with the original. */
  view: ViewId;
  views: [AnsweredText, AnsweredText];
  right: [boolean, boolean];
}

interface AnsweredText {
  question: string;
  reference: string;
  /** Null if the answer is unparsed. */
  answered: string | null;
}

/** Originals of one kind of question against their opposite questions. */
export interface Shift {
  /** CV-Bench's task or SAT's question type; empty if the rows have no kinds. */
  kind: string;
  metrics: Record<string, Metric>;
}

/** An evaluation, as stored in its folder. */
export interface Evaluation {
  /** Folder of the evaluation, which identifies it in the report. */
  key: string;
  /** Name of the run, or of the model behind an endpoint. */
  subject: string;
  /** Difference from other evaluations of the subject, such as "think, 4 answers at T 0.7". */
  variant: string;
  /** Other settings that determine the answers besides subject, strategy and step, in words: rows, sampling, … */
  details: Record<string, string>;
  /** Step of the checkpoint; null without a checkpoint. */
  step: number | null;
  model: string;
  /** Prompting strategy of the evaluation. */
  strategy: string;
  /** Version of the scoring rules; null if an external program scored the answers. */
  rules: number | null;
  figures: Figure[];
  /** Sets on which the rules score right and wrong answers at different rates. */
  uneven: Record<string, JudgedRates>;
  /** Accuracies under controls; empty without controls. */
  controls: NamedControl[];
  sets: Record<string, SetDigest>;
  /** Human ratings of its answers; null or absent without ratings. */
  audit?: Audit | null;
  /** Accuracies by reviewed labels of its sets. */
  reviewed?: ReviewedLabels[];
  /** Start of reward hacking in the run; null or absent without hacking. */
  hacking?: Hacking | null;
  /** Number of steps of the run that were recomputed from its folder; null or absent if none was. */
  verified?: number | null;
}

export interface ReportOptions {
  title: string;
  /** Published set that each own set corresponds to. */
  map: Record<string, PublishedSet>;
  /** Checkpoints of each run that tables show. */
  checkpoints: 'last' | 'best' | 'all';
  /** Metric by which checkpoints are compared. */
  metric: string;
  /** Subject of the evaluation that relative OOD changes refer to; null for none. */
  base: string | null;
  /** Whether the report also compares its two evaluations row by row, which tests which one is better. */
  isPaired?: boolean;
  /** True for all tables and claims of the papers; false for only those with own values. */
  published: boolean;
}

/**
 * Returns an error if some evaluations were scored by other rules, because the rules alone can cause a difference; null
 * if they are comparable. Scores by external programs are comparable with all.
 */
export function refusalToCompare(evaluations: readonly Pick<Evaluation, 'rules' | 'key'>[]): string | null {
  const versions = [...new Set(evaluations.flatMap(({ rules }) => rules ?? []))].sort((a, b) => a - b);
  if (versions.length < 2) return null;
  const old = evaluations.filter(({ rules }) => rules !== null && rules !== SCORING_RULES);
  const named = old.slice(0, 3).map(({ key }) => `\`chirality eval rescore ${key}\``);
  const more = old.length > named.length ? `, and ${old.length - named.length} more` : '';
  return `The evaluations use different scoring rules (versions ${versions.join(' and ')}). The rules alone can cause a difference. Rescore the older evaluations: ${named.join(', ')}${more}.`;
}

/** Whether the papers' tables are shown even without own values. */
export const showsPublished = (
  evaluations: readonly Evaluation[],
  { published }: Pick<ReportOptions, 'published'>,
): boolean => published || evaluations.length === 0;

/** Options that determine which checkpoints tables show. */
export type ShownCheckpoints = Pick<ReportOptions, 'checkpoints' | 'metric'>;

export const nameOf = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant, step === null ? '' : `step ${step}`].filter(Boolean).join(', ');

/** Returns the name for use within a sentence, without commas, such as `given at step 50`. */
export const nameInSentence = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant && `(${variant})`, step === null ? '' : `at step ${step}`].filter(Boolean).join(' ');

/**
 * Describes the image-free bounds of original and mirror: one line if all are equal, otherwise each with its
 * evaluations. Prompts without options have another bound.
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
 * Warns, once per set, if the rules score its right and wrong answers at different rates and some answer is not scored.
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

/** Returns the metric with these keys, by default of the originals; undefined if the evaluation does not contain it. */
export const figureOf = (
  { figures }: Pick<Evaluation, 'figures'>,
  set: string,
  { view = ORIGINAL, ...names }: Omit<FigureNames, 'view'> & Partial<Pick<FigureNames, 'view'>>,
): Figure | undefined => figureIn(figures, set, { ...names, view });

/**
 * Returns the metric of a set by which checkpoints are compared: over both views for metrics of pairs; otherwise on the
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
 * Removes evaluations whose every value another one with the same subject, strategy, step and plan repeats. So a
 * checkpoint that was evaluated again, in the same views and more, is one row.
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

/** Returns the folder of the evaluated run; null for an endpoint. */
const runOf = (key: string): string | null => /^(.*)[/\\]eval[/\\][^/\\]+$/.exec(key)?.[1] ?? null;

/**
 * Gives the evaluations distinct subjects and variants. Runs with the same name in different folders are named by their
 * paths. For evaluations that differ in more than the step (temperature, seed, rows), the names include the difference.
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
    // A checkpoint that was evaluated again in other views gets a name with its views.
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

/** Returns the most frequent views of some evaluations; the first ones on a tie. */
function usualViews(evaluations: readonly Evaluation[]): string {
  const [most] = [...groupBy(evaluations, viewsText)].sort(([, a], [, b]) => b.length - a.length);
  return most![0];
}

/** Groups evaluations by subject and variant, each group sorted by step. */
export function bySubject(evaluations: readonly Evaluation[]): Evaluation[][] {
  const groups = groupBy(evaluations, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return [...groups.values()].map((group) => group.sort((a, b) => (a.step ?? 0) - (b.step ?? 0)));
}

/** Whether checkpoints can be compared by a metric: not by answer distributions or slices. */
const isCompared = ({ slice, metric }: Figure): boolean => !slice && !isSpread(metric);

/**
 * Returns the metrics by which checkpoints can be compared, sorted by label; empty if no subject has several
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
 * the metric. If answers are not scored, the worst possible value counts.
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

/** Returns the sets, each with the evaluations in its tables. */
export const shownSets = (
  evaluations: readonly Evaluation[],
  options: ShownCheckpoints,
): { set: string; shown: Evaluation[] }[] =>
  setsOf(evaluations).map((set) => ({ set, shown: shownFor(evaluations, set, options) }));

/** Returns the evaluations in the tables of a set. */
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
