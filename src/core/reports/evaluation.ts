import { metricLabel } from '../labels.ts';
import { isSpread } from '../metrics/answer-spread.ts';
import type { NamedControl } from '../metrics/controls.ts';
import type { Style } from '../metrics/lengths.ts';
import type { Metric } from '../metrics/metric.ts';
import type { EvaluationResult } from '../metrics/results.ts';
import { groupBy } from '../metrics/scored-row.ts';
import type { PublishedSet } from './published/table.ts';

/** One figure of results.json. */
export type Figure = EvaluationResult;

/** What the rows of one set show beyond its figures. */
export interface SetDigest {
  /** Lengths of answers and how they were found [B-51], of the originals. */
  style: Style;
  /** Each original against its polarity flip, by the kind of question; empty where the set was not asked in that view. */
  shifts: Shift[];
  /** Pass@4 of CV-Bench by the names that its accuracies have; {} where questions were not answered four times. */
  cvPass4: Record<string, Metric>;
}

/** Originals of one kind of question against their polarity flips. */
export interface Shift {
  /** CV-Bench's task, SAT's question type; empty where the rows of the set have no kinds. */
  kind: string;
  metrics: Record<string, Metric>;
}

/** An evaluation, as its folder holds it. */
export interface Evaluation {
  /** Tells it from the others of the report: its folder. */
  key: string;
  /** The run's name, or the model's behind an endpoint. */
  subject: string;
  /** What else tells it from other evaluations of the subject: "think, 4 answers at T 0.7". */
  variant: string;
  /** All that decides its answers beside subject, strategy and step, in words: rows, sampling, views, … */
  details: Record<string, string>;
  /** Of the checkpoint; null where there is none. */
  step: number | null;
  model: string;
  /** How the model was asked. */
  strategy: string;
  figures: Figure[];
  /** The accuracies left when something is removed; empty if nothing was. */
  controls: NamedControl[];
  sets: Record<string, SetDigest>;
}

export interface ReportOptions {
  title: string;
  /** Which own sets are sets of the papers. */
  map: Record<string, PublishedSet>;
  /** Of every run's checkpoints, those which tables show. */
  checkpoints: 'last' | 'best' | 'all';
  /** By which metric checkpoints are compared. */
  metric: string;
  /** The subject of the evaluation that relative OOD changes are measured against; null for none. */
  base: string | null;
}

/** What decides which checkpoints tables show. */
export type ShownCheckpoints = Pick<ReportOptions, 'checkpoints' | 'metric'>;

/** The name of an evaluation in tables. */
export const nameOf = ({ subject, variant, step }: Evaluation): string =>
  [subject, variant, step === null ? '' : `step ${step}`].filter(Boolean).join(', ');

export const setsOf = (evaluations: readonly Evaluation[]): string[] => [
  ...new Set(evaluations.flatMap(({ figures }) => figures.map(({ set }) => set))),
];

/** A figure by its names, of all kinds of rows where none is given; undefined where the evaluation does not have it. */
export function figureOf(
  { figures }: Evaluation,
  set: string,
  { task = 'all', metric, view, slice, answer }: FigureNames,
): Figure | undefined {
  return figures.find(
    (figure) =>
      figure.set === set &&
      figure.task === task &&
      figure.metric === metric &&
      figure.view === view &&
      figure.answer === answer &&
      figure.slice?.field === slice?.field &&
      figure.slice?.value === slice?.value,
  );
}

type FigureNames = Pick<Figure, 'metric' | 'view' | 'slice' | 'answer'> & { task?: string };

/**
 * The metric by which checkpoints are compared, of one set: over both views where it is of pairs, else on the
 * originals, of all tasks where it has one figure for all.
 */
export function chosenFigure({ figures }: Evaluation, set: string, metric: string): Figure | undefined {
  const found = figures.filter((one) => !one.slice && one.set === set && one.metric === metric);
  const places = [
    (figure: Figure) => figure.view === null,
    (figure: Figure) => figure.view === 'original' && figure.task === 'all',
    (figure: Figure) => figure.view === 'original',
  ];
  return places.map((fits) => found.find(fits)).find((figure) => figure !== undefined);
}

/** Metrics of which less is better. */
const LOWER = ['smape', 'neither', 'only_original', 'only_mirror', 'inversion'];
export const isLowerBetter = (metric: string): boolean => LOWER.includes(metric);

/**
 * The evaluations, each with a variant of its own: those that differ in more than the step (the temperature, the seed,
 * the rows) are never taken for one another, and their names say what differs.
 */
export function withDistinctVariants(evaluations: readonly Evaluation[]): Evaluation[] {
  const alike = groupBy(evaluations, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return evaluations.map((one) => {
    const others = alike.get(JSON.stringify([one.subject, one.variant]))!;
    const differing = Object.keys(one.details).filter((name) =>
      others.some(({ details }) => details[name] !== one.details[name]),
    );
    const said = differing.map((name) => one.details[name]!);
    const plan = JSON.stringify(one.details);
    const twins = others.filter(
      ({ step, details, key }) => key !== one.key && step === one.step && JSON.stringify(details) === plan,
    );
    if (twins.length > 0) said.push(one.key.split(/[/\\]/).at(-1)!);
    return { ...one, variant: [one.variant, ...said].filter(Boolean).join(', ') };
  });
}

/** Evaluations of one kind and subject, step by step. */
export function bySubject(evaluations: readonly Evaluation[]): Evaluation[][] {
  const groups = groupBy(evaluations, ({ subject, variant }) => JSON.stringify([subject, variant]));
  return [...groups.values()].map((group) => group.sort((a, b) => (a.step ?? 0) - (b.step ?? 0)));
}

/** Shares of answers and accuracies of kinds of rows, by which checkpoints cannot be chosen. */
const isCompared = ({ slice, metric }: Figure): boolean => !slice && !isSpread(metric);

/** By which metrics checkpoints can be compared, by their labels; none where no subject has several checkpoints. */
export function comparableMetrics(evaluations: readonly Evaluation[]): string[] {
  const several = bySubject(evaluations).filter((group) => new Set(group.map(({ step }) => step)).size > 1);
  const figures = several.flat().flatMap((one) => one.figures);
  const metrics = figures.filter(isCompared).map(({ metric }) => metric);
  const byLabel = (a: string, b: string) => metricLabel(a).localeCompare(metricLabel(b), 'en');
  return [...new Set(metrics)].sort(byLabel);
}

/** The best of the evaluations of one subject by a metric on a set, the earliest of equals; undefined where none has it. */
export function bestOf(group: readonly Evaluation[], set: string, metric: string): Evaluation | undefined {
  const sign = isLowerBetter(metric) ? -1 : 1;
  let best: { one: Evaluation; value: number } | undefined;
  for (const one of group) {
    const value = chosenFigure(one, set, metric)?.value;
    if (value == null) continue;
    if (!best || sign * value > best.value) best = { one, value: sign * value };
  }
  return best?.one;
}

/** The evaluations that tables about a set show. */
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
