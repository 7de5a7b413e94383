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
 * Source of pairs in a run's folder. If `source` is absent, the pairs are in the traces of the steps; otherwise
 * `source` is the id of an evaluation (`eval/<id>`), in which the original and mirror rows of a sample form a pair.
 */
export interface TraceSource {
  run: string;
  source?: string | undefined;
}

export type TraceSummary = TrainedSummary | EvaluatedSummary;

interface Summary extends PairId {
  sample: string;
  question: string;
  /** Reference answer in the first view of the pair; null if unknown. */
  answer: string | null;
  relation: Relation | null;
  /** `pair` for original and mirror; otherwise the id of the selected partner view, or of the single view. */
  views: 'pair' | ViewId;
  verdict: Verdict | null;
  /** Share of completions in all views that are certainly right, 0–1; null if no completion was scored. */
  accuracy: number | null;
  /** Share of right completions if all unscored completions are right. */
  accuracy_most: number | null;
  /** Share of texts of the first stage that contain JSON, 0–1; null without a first stage. */
  graph: number | null;
  /** Mean length of the completions, in characters. */
  length: number;
  /** Share of completions truncated at the length limit, 0–1; null if unknown. */
  truncated: number | null;
}

export interface TrainedSummary extends Summary, Pick<TracedPair, 'kept' | 'delta'> {
  kind: 'trained';
  /** Reason why the pair was kept or dropped; null if unknown. */
  why: string | null;
  /** Mean reward of the original's group; `reward_mirror` is that of the partner view. Null if the view is absent. */
  reward: number | null;
  reward_mirror: number | null;
  /** Largest std (n − 1) of rewards within a group; 0 if only rounding causes it, null if no reward is known. */
  reward_std: number | null;
  /** Mean value of each reward part over all completions, before penalty and weighting. */
  rewards: Record<string, number>;
  penalised: string | null;
  effect: string | null;
  /** Source of the pair: `evaluation` if an evaluation of an external run logged it; null for training or unknown. */
  logged_by: 'evaluation' | null;
}

export interface EvaluatedSummary extends Summary {
  kind: 'evaluated';
  set: string;
  /** Task by which the answer was scored; null if unknown. */
  task: string | null;
  /** Share of completions with the right format, 0–1; null if unknown. */
  format: number | null;
  /** Cause of the first wrong answer; null if unknown or if all answers are right. */
  error: Attribution['error'];
  /** Mean value of each custom metric over all completions. */
  metrics?: Record<string, number>;
}

/** Summary in lists: every field, including custom rewards and metrics, by its name in filters; null if absent. */
export type ListedPair = Omit<TrainedSummary, 'kind' | 'rewards'> &
  Omit<EvaluatedSummary, 'kind' | 'metrics' | 'set'> &
  Record<Exclude<RewardName, 'accuracy'>, number | null> & { set: string | null };

export interface TraceQuery {
  /** Filter of the query (core/query); the empty filter matches all pairs. */
  filter: string;
  /** Text to search for in questions, answers and completions, ignoring case; an empty text matches all pairs. */
  text: string;
  /** Field and direction for sorting; null for the order of steps. */
  sort: { field: string; descending: boolean } | null;
}

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
 * Returns the text of a pair that searches use, in lower case: id of the row, questions (stored and displayed),
 * reference answers and completions.
 */
export function searchText({ sample, views }: RecordedPair | TracedPair): string {
  const texts = views.flatMap(({ question, answer, group }) => [
    ...new Set([question, inEnglish(question)]),
    answer ?? '',
    ...group.flatMap(({ segments }) => segments.map(({ text }) => text)),
  ]);
  // The separator NUL, which users cannot type, prevents matches across two texts.
  return [sample, ...texts].join('\0').toLowerCase();
}

/** A possible source of pairs: the traces, or an evaluation with rows. */
export interface TraceSourceInfo {
  source: string | undefined;
  label: string;
}
