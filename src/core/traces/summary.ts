import { deviation } from '../grpo/advantages.ts';
import type { TracedPair } from '../grpo/traced.ts';
import type { TraceSummary } from '../protocol/traces.ts';
import { findJson } from '../spatial/text/json.ts';

/** What the list shows of a pair of a run's traces. */
export function summarise(pair: TracedPair): TraceSummary {
  const { step, sample, kept, why, verdict, delta, penalised, effect, views } = pair;
  const all = views.flatMap(({ group }) => group);
  const share = (count: number) => (all.length > 0 ? count / all.length : 0);
  const graphs = all.flatMap(({ segments }) => segments.filter(({ stage }) => stage === 'graph'));
  const part = (name: string) => mean(all.flatMap(({ rewards }) => rewards[name]?.value ?? []));
  const rewards = views.map(({ group }) => group.map(({ reward }) => reward));
  const meanOf = (view: string) => mean(rewards[views.findIndex((v) => v.view === view)] ?? []);
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
    reward: meanOf('original'),
    reward_mirror: meanOf('mirror'),
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
