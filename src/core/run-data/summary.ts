import type { Verdict } from '../answers/pair-verdict.ts';
import { LATEST_RULES, spreadOf } from '../grpo/advantages.ts';
import type { Attribution } from '../metrics/attribution.ts';
import type { Completion, RecordedPair, SegmentArrays, TracedPair } from './trace.ts';
import { findJson } from '../json.ts';
import { PAIR, type ViewId } from '../spatial/views/list.ts';

/** Where a traced pair lies in its source. */
export interface PairId {
  step: number;
  pair: number;
}

/**
 * Where pairs come from: the run's folder, and a part of it. Absent, the traces of its steps; else the id of an
 * evaluation (`eval/<id>`), whose original and mirror rows of one sample make a pair.
 */
export interface TraceSource {
  run: string;
  source?: string | undefined;
}

/** One row of the list: what can be filtered and sorted without opening the pair. */
export type TraceSummary = TrainedSummary | EvaluatedSummary;

interface Summary extends PairId {
  sample: string;
  /** As the first view asks it. */
  question: string;
  /** The reference of the first view. */
  answer: string;
  /** Original and mirror, or the only one that there is. */
  views: 'pair' | ViewId;
  verdict: Verdict | null;
  /** Share of right completions over all views, 0–1. */
  accuracy: number;
  /** Share of the first stages' texts that held JSON, 0–1; null where nothing had a first stage. */
  graph: number | null;
  /** Mean length of completions in characters. */
  length: number;
  /** Share of completions that were cut off at the length limit, 0–1. */
  truncated: number;
}

/** Of a pair of a training step. */
export interface TrainedSummary extends Summary, Pick<TracedPair, 'kept' | 'delta'> {
  kind: 'trained';
  /** Why it was kept or dropped. */
  why: string;
  /** Mean rewards of the original's and of the mirror's group; null without that view. */
  reward: number | null;
  reward_mirror: number | null;
  /** The larger standard deviation (n − 1) of a group's rewards; 0 where there is only rounding. */
  reward_std: number;
  /** Mean value of each reward part over all completions, before penalty and weight. */
  rewards: Record<string, number>;
  penalised: string | null;
  effect: string | null;
}

/** Of the rows of an evaluation that belong together. */
export interface EvaluatedSummary extends Summary {
  kind: 'evaluated';
  set: string;
  /** The task the rows were scored as; null if they do not say. */
  task: string | null;
  /** Share of completions that keep to the format; null where that is not known. */
  format: number | null;
  /** The cause of the first wrong answer; null if unknown. */
  error: Attribution['error'];
}

export interface TraceQuery {
  /** The filter language (core/query); empty: everything. */
  filter: string;
  /** Searched for in questions, answers and completions, without regard to case; empty: everything. */
  text: string;
  /** Null: in the order of steps. */
  sort: { field: string; descending: boolean } | null;
}

/** What the list shows of a pair of a training step. */
export function summariseTrained(pair: TracedPair): TrainedSummary {
  const { kept, why, delta, penalised, effect, views } = pair;
  const all = views.flatMap(({ group }) => group);
  const names = [...new Set(all.flatMap(({ rewards }) => Object.keys(rewards)))];
  const part = (name: string) => mean(all.flatMap(({ rewards }) => rewards[name]?.value ?? []))!;
  const rewards = views.map(({ group }) => group.map(({ reward }) => reward));
  const meanOf = (view: ViewId) => mean(rewards[views.findIndex((v) => v.view === view)] ?? []);
  return {
    kind: 'trained',
    ...summarise(pair),
    ...{ kept, why, delta, penalised, effect },
    reward: meanOf(PAIR[0]),
    reward_mirror: meanOf(PAIR[1]),
    reward_std: Math.max(...rewards.map((group) => spreadOf(group, 1, LATEST_RULES))),
    rewards: Object.fromEntries(names.map((name) => [name, part(name)])),
  };
}

/** What every list shows of a pair. */
export function summarise({ step, pair, sample, verdict, views }: RecordedPair | TracedPair): Summary {
  const all: Completion[] = views.flatMap<Completion>(({ group }) => group);
  const share = (count: number) => (all.length > 0 ? count / all.length : 0);
  const graphs = all.flatMap(({ segments }) => segments.filter(({ stage }) => stage === 'graph'));
  return {
    ...{ step, pair, sample, verdict },
    question: views[0]!.question,
    answer: views[0]!.answer,
    views: views.length > 1 ? 'pair' : views[0]!.view,
    accuracy: share(all.filter(({ right }) => right).length),
    graph: mean(graphs.map(({ text }) => Number(findJson(text) !== null))),
    length: mean(all.map(({ segments }) => segments.reduce((sum, { text }) => sum + text.length, 0))) ?? 0,
    truncated: share(all.filter(({ segments }) => segments.some((s) => s.stop_reason === 'length')).length),
  };
}

const mean = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((a, b) => a + b) / values.length : null;

/** What is searched for in a pair, in lower case: its sample, questions, references and completions. */
export function searchText({ sample, views }: RecordedPair | TracedPair): string {
  const texts = views.flatMap(({ question, answer, group }) => [
    question,
    answer,
    ...group.flatMap(({ segments }) => segments.map(({ text }) => text)),
  ]);
  // A separator that nobody types keeps matches from spanning two texts.
  return [sample, ...texts].join('\0').toLowerCase();
}

/** What can be chosen as `source`: the traces, and every evaluation that has rows. */
export interface TraceSourceInfo {
  /** Undefined for the traces. */
  source: string | undefined;
  label: string;
}

export interface OpenedPair {
  summary: TraceSummary;
  traced: RecordedPair;
  /** `[view][completion][segment]`; null where the arrays were not kept. */
  arrays: (SegmentArrays | null)[][][];
  /** Why arrays that were kept cannot be read; else null. */
  arraysProblem: string | null;
}
