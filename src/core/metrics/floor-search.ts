import { referenceOf, scoreAnswer, taskOf } from '../answers/score-row.ts';
import type { Task } from '../answers/score.ts';
import { isRight } from '../answers/verdict.ts';
import { RecentMap } from '../../base/recent-map.ts';
import { letterOf } from '../../base/item-names.ts';
import { choiceIndex } from '../../rows/sample/choices.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { Floor } from './floor.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';

/** Fields of a row that do not depend on the row's image, and the right answer of the row. */
export type Asked = Pick<Sample, 'question' | 'answer' | 'choices' | 'task'> &
  // Whether the prompt lacks the choices of the row.
  Pick<ScoredRow, 'options_hidden'>;

/** Returns the fields of a scored row that do not depend on the row's image. */
export const askedOf = (row: ScoredRow): Asked => ({
  question: row.question ?? '',
  answer: referenceOf(row),
  task: row.score.task,
  ...(row.choices && { choices: row.choices }),
  ...(row.options_hidden && { options_hidden: true }),
});

/** Maximum number of assignments to try for texts that depend on each other. Beyond it, an upper bound is used. */
const TRIED = 20_000;
/** Maximum number of distinct answers to try for a text or a question template, starting with the most frequent. */
const CANDIDATES = 50;

/**
 * Computes the image-free bound of pairs, each the same row in two views; null without pairs. A pair is right if the
 * answers to both texts are right, so texts of one pair must be solved together. Pairs are the edges of a graph of
 * texts, whose components are solved separately by branch and bound. The result is exact unless a component needs more
 * than 20 000 assignments: then an upper bound is used, with half of each pair for each text. Only reference answers
 * and option letters ("always A") are tried; for lengths and boxes, other answers could be right more often.
 * @param samePictures whether both views have the same images in another order
 */
export function floorOf(pairs: readonly (readonly [Asked, Asked])[], samePictures = false): Floor | null {
  if (pairs.length === 0) return null;
  const constant = best(pairs, formOf);
  const words = best(pairs, textKey);
  // Without the order of images, two views with equal texts are indistinguishable, so both have the same answer.
  const order = () =>
    pairs.filter(([one, other]) => textKey(one) !== textKey(other) || isAnswer(answerOf(one), other));
  return {
    constant: constant.right / pairs.length,
    words: words.right / pairs.length,
    bounded: constant.bounded || words.bounded,
    ...(samePictures && { order: order().length / pairs.length }),
  };
}

const textKey = (row: Asked): string => JSON.stringify([row.question, shownChoices(row)]);

const shownChoices = ({ choices, options_hidden }: Asked): readonly string[] | undefined =>
  options_hidden ? undefined : choices;

const formOf = (row: Asked): string => `${taskOf(row)} ${shownChoices(row)?.length ?? ''}`;

/** Returns the right answers to a row: the reference answer, or, for a shown option, its letter and its text. */
function answersOf(row: Asked): string[] {
  const choices = shownChoices(row);
  const index = choices ? choiceIndex(row.answer, choices) : null;
  return index === null
    ? [answerOf(row)]
    : [choices![index]!.trim().toLowerCase(), letterOf(index).toLowerCase()];
}

/** A question text or template, with its candidate answers and its pairs. */
interface Node {
  answers: string[];
  pairs: Pair[];
}

interface Pair {
  nodes: [Node, Node];
  /** For each view, whether each candidate answer of the node is right. */
  right: [boolean[], boolean[]];
}

function best(
  rows: readonly (readonly [Asked, Asked])[],
  keyOf: (row: Asked) => string,
): { right: number; bounded: boolean } {
  const questions = new Map<string, Map<string, number>>();
  const keyed = rows.map((pair) => pair.map((row) => ({ row, key: keyOf(row) })));
  for (const { row, key } of keyed.flat()) {
    const answers = questions.get(key) ?? new Map<string, number>();
    questions.set(key, answers);
    for (const answer of answersOf(row)) answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  let bounded = false;
  const nodes = new Map(
    [...questions].map(([key, counts]) => {
      bounded ||= counts.size > CANDIDATES;
      const answers = [...counts].sort((a, b) => b[1] - a[1]).slice(0, CANDIDATES);
      return [key, { answers: answers.map(([answer]) => answer), pairs: [] } as Node];
    }),
  );
  for (const pair of keyed) {
    const both = pair.map(({ key }) => nodes.get(key)!) as [Node, Node];
    const right = pair.map(({ row }, v) => rightOf(both[v]!.answers, row));
    const joined: Pair = { nodes: both, right: right as Pair['right'] };
    for (const node of new Set(both)) node.pairs.push(joined);
  }
  let right = 0;
  for (const component of componentsOf(nodes.values())) {
    const solved = solve(component);
    right += solved.right;
    bounded ||= solved.bounded;
  }
  return { right, bounded };
}

/** Returns the reference answer, normalised for comparisons. */
const answerOf = ({ answer }: Asked): string => answer.trim().toLowerCase().replace(/[.!]$/, '');

/** Cache of right answers by row, because a set is searched as a whole, by kind, and repeatedly during a run. */
const answersTried = new RecentMap<string, Map<string, boolean>>(4096);

function rightOf(answers: readonly string[], row: Asked): boolean[] {
  const key = JSON.stringify(row);
  const seen = answersTried.get(key) ?? new Map<string, boolean>();
  answersTried.set(key, seen);
  let task: Task | undefined;
  return answers.map((answer) => {
    const right = seen.get(answer) ?? isAnswer(answer, row, (task ??= taskOf(row)));
    seen.set(answer, right);
    return right;
  });
}

const isAnswer = (answer: string, row: Asked, task = taskOf(row)): boolean =>
  answer === answerOf(row) || isRight(scoreAnswer(answer, { ...row, id: '', images: [] }, task)) === true;

function componentsOf(nodes: Iterable<Node>): Node[][] {
  const seen = new Set<Node>();
  const components: Node[][] = [];
  for (const start of nodes) {
    if (seen.has(start)) continue;
    seen.add(start);
    const component = [start];
    for (const node of component)
      for (const pair of node.pairs)
        for (const next of pair.nodes)
          if (!seen.has(next)) {
            seen.add(next);
            component.push(next);
          }
    components.push(component);
  }
  return components;
}

/** Returns the maximum number of right pairs in a component, by branch and bound over the answers to its texts. */
function solve(component: readonly Node[]): { right: number; bounded: boolean } {
  const place = new Map(component.map((node, i) => [node, i]));
  // The outcome of a pair is known when the second of its texts has an answer.
  const decided = component.map((node, i) =>
    node.pairs.filter(({ nodes }) => Math.max(...nodes.map((end) => place.get(end)!)) === i),
  );
  // Upper bound for each text: the maximum number of half pairs that one answer gets right.
  const most = component.map((node) =>
    Math.max(
      ...node.answers.map((_, a) => {
        let halves = 0;
        for (const { nodes, right } of node.pairs)
          nodes.forEach((end, v) => (halves += end === node && right[v]![a] ? 0.5 : 0));
        return halves;
      }),
    ),
  );
  const pairs = new Set(component.flatMap((node) => node.pairs)).size;
  const upper = Math.min(pairs, Math.floor(most.reduce((a, b) => a + b, 0)));
  // Upper bound for the texts from each position on: the number of pairs whose outcome these texts decide.
  const rest = [...decided.map((list) => list.length), 0];
  for (let i = rest.length - 2; i >= 0; i--) rest[i]! += rest[i + 1]!;
  const chosen = new Array<number>(component.length).fill(0);
  let [greatest, tried] = [0, 0];
  const search = (i: number, right: number): void => {
    if (right > greatest) greatest = right;
    if (i === component.length || right + rest[i]! <= greatest || greatest === upper || tried > TRIED) return;
    for (const a of component[i]!.answers.keys()) {
      tried += 1;
      chosen[i] = a;
      const more = decided[i]!.filter(({ nodes, right: rights }) =>
        nodes.every((node, v) => rights[v]![chosen[place.get(node)!]!]),
      ).length;
      search(i + 1, right + more);
    }
  };
  search(0, 0);
  return tried > TRIED && greatest < upper
    ? { right: upper, bounded: true }
    : { right: greatest, bounded: false };
}
