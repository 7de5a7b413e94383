import { mean } from '../../base/numbers.ts';
import type { Verdict } from '../answers/pair-verdict.ts';
import { spreadOf } from '../rewards/advantages.ts';
import { shareBounds } from '../metrics/bounds.ts';
import type { Attribution } from '../evaluation/error-causes.ts';
import type { Completion, RecordedPair, TracedPair } from './trace.ts';
import { relationOf, type Relation } from './relation.ts';
import { findJson } from '../../base/find-json.ts';
import { MIRROR, ORIGINAL, type ViewId } from '../../rows/view-list.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';
import type { RewardName } from '../rewards/rewards.ts';

/** Position of a traced pair in its source. */
export interface PairId {
  step: number;
  pair: number;
}

/**
 * Where pairs come from: a run's folder and a source in it. Without a source, the traces of its steps; else the id of
 * an evaluation (`eval/<id>`), in which the original and mirror rows of a sample form a pair.
 */
export interface TraceSource {
  run: string;
  source?: string | undefined;
}

/** What is known of a pair without opening it. */
export type TraceSummary = TrainedSummary | EvaluatedSummary;

interface Summary extends PairId {
  sample: string;
  /** The question in the first view. */
  question: string;
  /** The reference in the first view. */
  answer: string | null;
  relation: Relation | null;
  /** `pair` for original and mirror; else the partner that was drawn, or the single view. */
  views: 'pair' | ViewId;
  verdict: Verdict | null;
  /** Share of completions over all views that are surely right, 0–1; null if none was judged. */
  accuracy: number | null;
  /** The same with those that are not scored, which may be right, too. */
  accuracy_most: number | null;
  /** Share of first-stage texts that contained JSON, 0–1; null if there was no first stage. */
  graph: number | null;
  /** Mean length of completions in characters. */
  length: number;
  /** Share of completions that were truncated at the length limit, 0–1; null if it is not known how they ended. */
  truncated: number | null;
}

/** The summary of a pair of a training step. */
export interface TrainedSummary extends Summary, Pick<TracedPair, 'kept' | 'delta'> {
  kind: 'trained';
  /** Why it was kept or dropped; null if unknown. */
  why: string | null;
  /** Mean rewards of the groups of the original and of its mirror or other partner; null without that view. */
  reward: number | null;
  reward_mirror: number | null;
  /**
   * The larger standard deviation (n − 1) of a group's rewards; 0 if it is only rounding, null if no reward is known.
   */
  reward_std: number | null;
  /** Mean value of each reward part over all completions, before penalty and weight. */
  rewards: Record<string, number>;
  penalised: string | null;
  effect: string | null;
  /** Of an external run: an evaluation logged it; null: training, as far as is known. */
  logged_by: 'evaluation' | null;
}

/** The summary of rows of an evaluation that belong to one sample. */
export interface EvaluatedSummary extends Summary {
  kind: 'evaluated';
  set: string;
  /** The task by which the rows were scored; null if unknown. */
  task: string | null;
  /** Share of completions in the right format; null if unknown. */
  format: number | null;
  /** The cause of the first wrong answer; null if unknown. */
  error: Attribution['error'];
  /** Mean value of each of the user's own metrics over all completions. */
  metrics?: Record<string, number>;
}

/** The summary as lists have it: each field, also own rewards and metrics, by its name in filters. Null: it has none. */
export type ListedPair = Omit<TrainedSummary, 'kind' | 'rewards'> &
  Omit<EvaluatedSummary, 'kind' | 'metrics' | 'set'> &
  Record<Exclude<RewardName, 'accuracy'>, number | null> & { set: string | null };

export interface TraceQuery {
  /** A filter (core/query); empty for everything. */
  filter: string;
  /** Text to find in questions, answers and completions, ignoring case; empty for everything. */
  text: string;
  /** Null: in the order of steps. */
  sort: { field: string; descending: boolean } | null;
}

/** Summarises a pair of a training step for the list. */
export function summariseTrained(pair: TracedPair): TrainedSummary {
  const { kept, why, delta, penalised, effect, views } = pair;
  const all = views.flatMap(({ group }) => group);
  const names = [...new Set(all.flatMap(({ rewards }) => Object.keys(rewards)))];
  const part = (name: string) => mean(all.flatMap(({ rewards }) => rewards[name]?.value ?? []))!;
  const rewards = views.map(({ group }) => group.flatMap(({ reward }) => reward ?? []));
  const spreads = rewards.flatMap((group) => (group.length > 0 ? [spreadOf(group, 1)] : []));
  const placeOf = (view: ViewId) => views.findIndex((each) => each.view === view);
  const meanOf = (place: number) => mean(rewards[place] ?? []);
  return {
    kind: 'trained',
    ...summarise(pair),
    kept,
    why,
    delta,
    penalised,
    effect,
    logged_by: pair.logged_by ?? null,
    reward: meanOf(placeOf(ORIGINAL)),
    reward_mirror: meanOf(views.length > 1 ? 1 : placeOf(MIRROR)),
    reward_std: spreads.length > 0 ? Math.max(...spreads) : null,
    rewards: Object.fromEntries(names.map((name) => [name, part(name)])),
  };
}

/** Computes the part of a summary that all lists have in common. */
export function summarise({ step, pair, sample, verdict, views }: RecordedPair | TracedPair): Summary {
  const all: Completion[] = views.flatMap<Completion>(({ group }) => group);
  const bounds = all.every(({ right }) => right === null) ? null : shareBounds(all.map(({ right }) => right));
  const ends = all.flatMap(({ segments }) => {
    const reasons = segments.flatMap(({ stop_reason }) => stop_reason ?? []);
    return reasons.length > 0 ? [reasons.includes('length')] : [];
  });
  const graphs = all.flatMap(({ segments }) => segments.filter(({ stage }) => stage === 'graph'));
  return {
    step,
    pair,
    sample,
    verdict,
    question: views[0]!.question,
    answer: views[0]!.answer,
    relation: relationOf(views[0]!.question),
    views: views[1]?.view === MIRROR ? 'pair' : (views[1] ?? views[0]!).view,
    accuracy: all.length === 0 ? 0 : (bounds?.[0] ?? null),
    accuracy_most: all.length === 0 ? 0 : (bounds?.[1] ?? null),
    graph: mean(graphs.map(({ text }) => Number(findJson(text) !== null))),
    length: mean(all.map(({ segments }) => segments.reduce((sum, { text }) => sum + text.length, 0))) ?? 0,
    truncated: all.length === 0 ? 0 : mean(ends.map(Number)),
  };
}

/**
 * Returns the text in which a pair is searched, in lower case: its sample, questions, as they are and as they are shown,
 * references and completions.
 */
export function searchText({ sample, views }: RecordedPair | TracedPair): string {
  const texts = views.flatMap(({ question, answer, group }) => [
    ...new Set([question, inEnglish(question)]),
    answer ?? '',
    ...group.flatMap(({ segments }) => segments.map(({ text }) => text)),
  ]);
  // NUL as the separator, which nobody types, prevents matches across two texts.
  return [sample, ...texts].join('\0').toLowerCase();
}

/** A choice for `source`: the traces, or an evaluation that has rows. */
export interface TraceSourceInfo {
  source: string | undefined;
  label: string;
}
