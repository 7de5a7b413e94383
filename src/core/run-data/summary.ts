import type { Verdict } from '../answers/pair-verdict.ts';
import { deviation } from '../grpo/advantages.ts';
import type { Attribution } from '../metrics/attribution.ts';
import type { TracedPair } from './trace.ts';
import { findJson } from '../spatial/text/json.ts';
import { PAIR, type ViewId } from '../spatial/views/list.ts';

/** Where a traced pair lies in its source. */
export interface PairId {
  step: number;
  pair: number;
}

/**
 * Where pairs come from: the run's folder, and what of it. Absent, the traces of its steps; else the id of an
 * evaluation (`eval/<id>`), whose original and mirror rows of one sample make a pair.
 */
export interface TraceSource {
  run: string;
  source?: string | undefined;
}

/** One row of the list: what can be filtered and sorted without opening the pair. */
export interface TraceSummary extends PairId {
  sample: string;
  /** As the first view asks it. */
  question: string;
  /** The reference of the first view. */
  answer: string;
  /** Original and mirror, or the only one that there is. */
  views: 'pair' | ViewId;
  /** The evaluation set, and the task as which the rows were scored; null in traces. */
  set: string | null;
  task: string | null;
  kept: boolean;
  /** Why it was kept or dropped; null in evaluations. */
  why: string | null;
  verdict: Verdict | null;
  /** Mean rewards of the original's and of the mirror's group; null without that view, and in evaluations. */
  reward: number | null;
  reward_mirror: number | null;
  /** The larger standard deviation (n − 1) of a group's rewards; null in evaluations. */
  reward_std: number | null;
  /** Share of right completions over all views, 0–1. */
  accuracy: number;
  /**
   * Mean values of reward parts over all completions, before penalty and weight; null where the run does not have the
   * part. Of an evaluation's rows `format` is the share that keeps to it.
   */
  format: number | null;
  semantic: number | null;
  exact_match: number | null;
  numeric: number | null;
  iou: number | null;
  /** Share of the first stages' texts that held JSON, 0–1; null where nothing had a first stage. */
  graph: number | null;
  /** Of an evaluation's rows, what the first wrong answer is due to; null where nothing is known of it. */
  error: Attribution['error'];
  /** Share of completions that were cut off at the length limit, 0–1. */
  truncated: number;
  /** Mean length of completions in characters. */
  length: number;
  delta: number | null;
  penalised: string | null;
  effect: string | null;
}

export interface TraceQuery {
  /** The filter language (core/query); empty: everything. */
  filter: string;
  /** Searched for in questions, answers and completions, without regard to case; empty: everything. */
  text: string;
  /** Null: in the order of steps. */
  sort: { field: string; descending: boolean } | null;
}

/** What the list shows of a pair of a run's traces. */
export function summarise(pair: TracedPair): TraceSummary {
  const { step, sample, kept, why, verdict, delta, penalised, effect, views } = pair;
  const all = views.flatMap(({ group }) => group);
  const share = (count: number) => (all.length > 0 ? count / all.length : 0);
  const graphs = all.flatMap(({ segments }) => segments.filter(({ stage }) => stage === 'graph'));
  const part = (name: string) => mean(all.flatMap(({ rewards }) => rewards[name]?.value ?? []));
  const rewards = views.map(({ group }) => group.map(({ reward }) => reward));
  const meanOf = (view: ViewId) => mean(rewards[views.findIndex((v) => v.view === view)] ?? []);
  return {
    step,
    pair: pair.pair,
    sample,
    question: views[0]!.question,
    answer: views[0]!.answer,
    views: views.length > 1 ? 'pair' : views[0]!.view,
    set: null,
    task: null,
    kept,
    why,
    verdict,
    reward: meanOf(PAIR[0]),
    reward_mirror: meanOf(PAIR[1]),
    reward_std: Math.max(...rewards.map((group) => deviation(group, 1))),
    accuracy: share(all.filter(({ right }) => right).length),
    format: part('format'),
    semantic: part('semantic'),
    exact_match: part('exact_match'),
    numeric: part('numeric'),
    iou: part('iou'),
    graph: mean(graphs.map(({ text }) => Number(findJson(text) !== null))),
    error: null,
    length: mean(all.map(({ segments }) => segments.reduce((sum, { text }) => sum + text.length, 0))) ?? 0,
    truncated: share(all.filter(({ segments }) => segments.some((s) => s.stop_reason === 'length')).length),
    delta,
    penalised,
    effect,
  };
}

const mean = (values: readonly number[]): number | null =>
  values.length > 0 ? values.reduce((a, b) => a + b) / values.length : null;

/** What is searched for in a pair, in lower case: its sample, questions, references and completions. */
export function searchText({ sample, views }: TracedPair): string {
  const texts = views.flatMap(({ question, answer, group }) => [
    question,
    answer,
    ...group.flatMap(({ segments }) => segments.map(({ text }) => text)),
  ]);
  // A text that nobody types keeps hits from reaching over two texts.
  return [sample, ...texts].join('\0').toLowerCase();
}
