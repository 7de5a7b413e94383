import type { Problem } from '../../base/problem.ts';
import type { Size } from '../sample/boxes.ts';
import { declaredSize, type Sample, type Variant } from '../sample/sample.ts';
import { nameKey, singular } from '../read/names.ts';
import { readQuestion } from '../read/asked.ts';
import { trustedVariant } from '../sample/variant.ts';
import { checkAnswer } from '../scene-graph/check-answer.ts';
import { checkGeometry, checkMirroredGraph, transitivityHints } from '../scene-graph/check-graph.ts';
import { isCamera } from '../scene-graph/facts.ts';
import { graphOf, readGraph } from '../scene-graph/read-graph.ts';
import type { SceneGraph } from '../scene-graph/scene-graph.ts';
import { validateGraph, type GraphProblem } from '../scene-graph/validate.ts';
import { MIRROR, POLARITY, viewOf, type ViewId } from '../view-list.ts';
import { turnGraph, withOwnGraph } from './map-places.ts';

/**
 * Checks nodes, edges and coordinates of a graph. These checks require no question.
 * @param hints whether to also list missing edges that follow from other edges
 */
export function checkGraph(graph: SceneGraph, size?: Size, { hints = false } = {}): GraphProblem[] {
  return [...validateGraph(graph), ...checkGeometry(graph, size), ...(hints ? transitivityHints(graph) : [])];
}

/** Checks only the scene graph of a row: repairs to it, nodes, edges and coordinates. */
export function checkGraphOf({ scene_graph, images }: Sample): Problem[] {
  if (!scene_graph) return [];
  const { graph, repairs } = readGraph(scene_graph);
  const problems: Problem[] = [...repairs];
  if (graph) problems.push(...checkGraph(graph, declaredSize(images[0])));
  return problems.map((problem) => under('scene_graph', problem));
}

/** Returns a problem in a graph with the graph's path in the row, without the problem's edits. */
const under = (graph: string, { severity, code, message, path, fix }: Problem): Problem => ({
  severity,
  code,
  message,
  path: path ? `${graph}.${path}` : graph,
  ...(fix && { fix }),
});

/**
 * Describes an answer that is false in its own image, in the row or in its view. Null if all answers are consistent.
 * @param meta known facts about the view's image
 */
export function contradictionIn(sample: Sample, view: ViewId, seen: Sample, meta = seen.meta): string | null {
  const check = ({ question, answer, choices, ...row }: Sample, known: Sample['meta']) => {
    const { verdict, reason } = checkAnswer(question, answer, choices, graphOf(row), known);
    return verdict === 'contradicts' ? reason : null;
  };
  const fault = check(sample, sample.meta);
  if (fault) return fault;
  const there = check(withOwnGraph(seen, sample, viewOf(view).pixels), meta);
  return there && `In the ${view}: ${there}`;
}

/**
 * Checks a graph against the question: the graph contains the question's objects, and agrees with the answer and the
 * stored variants. `size`: image size, if the graph lacks it.
 */
export function checkAsked(asked: Sample, graph: SceneGraph, size?: Size): Problem[] {
  const { question, answer, choices, meta } = asked;
  const problems: Problem[] = missingObjects(asked, graph);
  const against = (found: ReturnType<typeof checkAnswer>, code: string, path: string) => {
    if (found.verdict !== 'contradicts') return;
    const message = `The answer contradicts the graph. ${found.reason}`;
    problems.push({ severity: 'error', code, message, path, fix: 'Correct the answer or the graph.' });
  };
  against(checkAnswer(question, answer, choices, graph, meta), 'answer-against-graph', 'answer');
  const [polarity, mirror] = [trustedVariant(asked, POLARITY), trustedVariant(asked, MIRROR)];
  if (polarity) {
    const check = checkAnswer(polarity.question, polarity.answer, polarity.choices ?? choices, graph, meta);
    against(check, 'polarity-against-graph', 'variants.polarity.answer');
  }
  if (mirror) {
    const mirrored = tryMirror(graph, size);
    if (mirrored) {
      const check = checkAnswer(mirror.question, mirror.answer, mirror.choices ?? choices, mirrored);
      against(check, 'mirror-against-graph', 'variants.mirror.answer');
      if (mirror.scene_graph) problems.push(...storedMirror(mirror.scene_graph, mirrored));
    }
    problems.push(...changedAnswer(asked, mirror));
  }
  return problems;
}

/** Returns the mirrored graph. Null if coordinates are in pixels and the width is unknown. */
function tryMirror(graph: SceneGraph, size?: Size): SceneGraph | null {
  try {
    return turnGraph(graph, MIRROR, size).graph;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function storedMirror(stored: unknown, expected: SceneGraph): Problem[] {
  const { graph } = readGraph(stored);
  if (!graph) return [];
  return checkMirroredGraph(graph, expected).map((found) => under('variants.mirror.scene_graph', found));
}

/**
 * If the mirror leaves the question unchanged and the question is not about left and right, checks that the answer is
 * the same in both views.
 */
function changedAnswer({ question, answer, choices }: Sample, mirror: Variant): Problem[] {
  const read = readQuestion(question, choices, answer);
  const same = mirror.question === question && (mirror.choices ?? choices) === choices;
  if (!same || mirror.answer === answer || !('main' in read) || read.main.axis === 'left_right') return [];
  return [
    {
      severity: 'error',
      code: 'answer-changed',
      message: 'The answer changes between the views, but the question does not depend on left and right.',
      path: 'variants.mirror.answer',
      fix: 'Give both views the same answer.',
    },
  ];
}

const NO_THING =
  /^(?:it|they|them|he|she|him|her|this|that|these|there|other|others|one|ones|image|picture|photo)?$/;

function missingObjects({ question, answer, choices }: Sample, graph: SceneGraph): Problem[] {
  const read = readQuestion(question, choices, answer);
  const named: string[] =
    read.kind === 'verdict'
      ? [read.clause.subject, read.clause.other, read.clause.anchor]
      : read.kind === 'choice'
        ? [...read.candidates.map(({ text }) => text), read.anchor]
        : [];
  const labels = graph.objects.flatMap(({ id, label }) => [nameKey(label), nameKey(id)]).filter(Boolean);
  const isNamed = (name: string) => {
    const spaced = (text: string) => ` ${text.split(' ').map(singular).join(' ')} `;
    const key = spaced(nameKey(name));
    return labels.some((label) => key.includes(spaced(label)) || spaced(label).endsWith(key));
  };
  return [...new Set(named)]
    .filter((name) => !NO_THING.test(nameKey(name)) && !isCamera(name) && !isNamed(name))
    .map((name) => ({
      severity: 'warning',
      code: 'missing-object',
      message: `The question names "${name}", but no object of the graph is called so.`,
      path: 'scene_graph.objects',
      fix: `Add an object "${nameKey(name)}".`,
    }));
}
