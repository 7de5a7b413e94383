import { checkAnswer } from '../../rows/scene-graph/check-answer.ts';
import { graphOf, readGraph } from '../../rows/scene-graph/read-graph.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { Attribution } from '../evaluation/error-causes.ts';
import type { Metric } from '../evaluation/results.ts';
import { imageKey, type ScoredRow } from '../evaluation/scored-row.ts';
import { shareWithInterval } from './share.ts';

/**
 * Attributes a wrong answer to its cause. Null if the row's own scene graph does not decide its question, because the
 * model's graph then cannot be checked.
 * @param written text in which the model wrote its graph
 * @param outcome outcome of the answer; `unparsed`: the text has no readable answer
 */
export function attribute(
  { question, answer, choices, ...sample }: Pick<Sample, 'question' | 'answer' | 'choices' | 'scene_graph'>,
  written: string,
  outcome: 'right' | 'wrong' | 'unparsed',
): Attribution | null {
  // Uses only the scene graphs, because the model did not see the other facts in the row.
  const verdict = (graph: ReturnType<typeof graphOf>) =>
    checkAnswer(question, answer, choices, graph).verdict;
  const ownGraph = graphOf(sample);
  if (!ownGraph || verdict(ownGraph) !== 'consistent') return null;
  const drawn = readGraph(written).graph;
  const says = drawn && ({ consistent: 'right', contradicts: 'wrong', not_decidable: 'silent' } as const);
  const graph = says ? says[verdict(drawn)] : 'none';
  if (outcome === 'right') return { graph, error: null };
  if (outcome === 'unparsed' || graph === 'none') return { graph, error: 'format' };
  return { graph, error: graph === 'right' ? 'answer' : 'graph' };
}

/**
 * Computes the shares of wrong answers by cause, the share of scene graphs that lead to the right answer, and the share
 * of right answers without such a graph; {} if no row has an attribution.
 */
export function attributionMetrics(
  rows: readonly (ScoredRow & { attribution?: Attribution })[],
): Record<string, Metric> {
  const attributed = rows.flatMap((row) => (row.attribution ? [{ row, ...row.attribution }] : []));
  if (attributed.length === 0) return {};
  const share = (answers: typeof attributed, is: (answer: (typeof attributed)[number]) => boolean): Metric =>
    shareWithInterval(
      answers.map((answer) => ({ cluster: imageKey(answer.row), value: Number(is(answer)) })),
    );
  const wrong = attributed.filter(({ error }) => error !== null);
  const right = attributed.filter(({ error }) => error === null);
  return {
    graph_right: share(attributed, ({ graph }) => graph === 'right'),
    error_format: share(wrong, ({ error }) => error === 'format'),
    error_graph: share(wrong, ({ error }) => error === 'graph'),
    error_answer: share(wrong, ({ error }) => error === 'answer'),
    right_without_graph: share(right, ({ graph }) => graph !== 'right'),
  };
}
