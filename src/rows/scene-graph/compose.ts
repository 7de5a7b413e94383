import type { Random } from '../../base/random.ts';
import type { Meta } from '../sample/sample.ts';
import { withoutArticle } from '../read/names.ts';
import { factsOf, objectNamed, type Facts } from './facts.ts';
import type { SceneGraph, SceneObject } from './scene-graph.ts';

/** Combined relations: "second closest", "left of A but right of B", "the leftmost of …: is it behind D", "not". */
export const COMPOSE_KINDS = ['ordinal', 'conjunction', 'nested', 'negation'] as const;
export type ComposeKind = (typeof COMPOSE_KINDS)[number];

export interface Composed {
  question: string;
  answer: string;
  /** Options; undefined for yes/no questions. */
  choices?: string[];
  task: 'mcq' | 'yesno';
  meta: Meta & { composed: ComposeKind };
}

/**
 * Composes up to `count` different questions about a graph with coordinates or depths, alternating the kinds. Names
 * objects by label, or by an attribute and the label if the label is ambiguous. Every comparison that decides an answer
 * is strict and exceeds the tolerances of docs/scene-graphs.md. The same random stream gives the same questions.
 * Returns fewer questions if the graph allows no more.
 */
export function compose(
  graph: SceneGraph,
  random: Random,
  { count = 4, kinds = COMPOSE_KINDS }: { count?: number; kinds?: readonly ComposeKind[] } = {},
): Composed[] {
  const scene: Scene = { facts: factsOf(graph, undefined), names: namesOf(graph), random };
  const out = new Map<string, Composed>();
  let open = [...kinds];
  for (let turn = 0; out.size < count && open.length > 0; turn++) {
    const kind = open[turn % open.length]!;
    const composed = firstNew(() => MAKERS[kind](scene), out);
    if (composed) out.set(composed.question, composed);
    else open = open.filter((other) => other !== kind);
  }
  return [...out.values()];
}

/** Maximum number of consecutive attempts without a new question. After these, further attempts are hopeless. */
const TRIES = 100;

function firstNew(make: () => Composed | null, known: ReadonlyMap<string, Composed>): Composed | null {
  for (let i = 0; i < TRIES; i++) {
    const composed = make();
    if (composed && !known.has(composed.question)) return composed;
  }
  return null;
}

interface Scene {
  facts: Facts;
  names: string[];
  random: Random;
}

/** Returns one unambiguous name for each object that has one: the label, or an attribute's value and the label. */
function namesOf(graph: SceneGraph): string[] {
  return graph.objects.flatMap((object) => {
    const fits = (name: string) => objectNamed(graph, name)?.id === object.id;
    const name = [withoutArticle(object.label.trim()), ...qualified(object)].find(fits);
    return name === undefined ? [] : [name];
  });
}

function qualified({ label, attributes }: SceneObject): string[] {
  const values = Array.isArray(attributes) ? attributes : Object.values(attributes ?? {});
  return values.filter((value) => /^[\p{L}-]+$/u.test(value)).map((value) => `${value} ${label}`);
}

/** Direction of comparison, with its wordings. */
interface Direction {
  axis: 'near_far' | 'left_right' | 'above_below';
  pole: 0 | 1;
  extreme: string;
  /** Wording after an ordinal: "the second …". */
  nth: string;
  /** Wording before a reference: "… the cup". */
  than: string;
}

/** Returns both directions of an axis. @param words wordings per pole: extreme, after an ordinal, before a reference */
const along = (axis: Direction['axis'], ...words: readonly [string, string, string][]): Direction[] =>
  words.map(([extreme, nth, than], pole) => ({ axis, pole: pole as 0 | 1, extreme, nth, than }));

const DIRECTIONS: Direction[] = [
  ...along(
    'near_far',
    ['closest to the camera', 'closest to the camera', 'closer to the camera than'],
    ['farthest from the camera', 'farthest from the camera', 'farther from the camera than'],
  ),
  ...along(
    'left_right',
    ['farthest to the left', 'from the left', 'to the left of'],
    ['farthest to the right', 'from the right', 'to the right of'],
  ),
  ...along(
    'above_below',
    ['highest in the image', 'highest in the image', 'higher in the image than'],
    ['lowest in the image', 'lowest in the image', 'lower in the image than'],
  ),
];

/** Returns whether `a` is strictly farther in the direction than `b`. Undefined if this is unknown, or for a tie. */
function beyond({ facts }: Scene, { axis, pole }: Direction, a: string, b: string): boolean | undefined {
  const sign = facts.compare(axis, a, b, '');
  return sign === undefined || sign === 0 ? undefined : sign === (pole === 0 ? -1 : 1);
}

/** Sorts names of objects, farthest in the direction first. Null if any two objects are not strictly ordered. */
function inOrder(scene: Scene, direction: Direction, names: readonly string[]): string[] | null {
  const strict = names.every((a) =>
    names.every((b) => a === b || beyond(scene, direction, a, b) !== undefined),
  );
  return strict ? [...names].sort((a, b) => (beyond(scene, direction, a, b) ? -1 : 1)) : null;
}

const list = (names: readonly string[]) =>
  `${names
    .slice(0, -1)
    .map((name) => `the ${name}`)
    .join(', ')} and the ${names.at(-1)!}`;
const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'];
const ORDER_KEYS: Partial<Record<Direction['axis'], 'order_near_to_far' | 'order_left_to_right'>> = {
  near_far: 'order_near_to_far',
  left_right: 'order_left_to_right',
};

const MAKERS: Record<ComposeKind, (scene: Scene) => Composed | null> = {
  ordinal(scene) {
    const { random } = scene;
    const direction = random.pick(DIRECTIONS);
    const some = draw(scene, 3 + random.below(3), direction);
    const order = inOrder(scene, direction, some);
    if (!order || order.length < 3) return null;
    const rank = 2 + random.below(order.length - 1);
    const key = ORDER_KEYS[direction.axis];
    return choice(scene, some, {
      composed: 'ordinal',
      question: `Of ${list(some)}, which is the ${ORDINALS[rank - 1]!} ${direction.nth}?`,
      answer: order[rank - 1]!,
      meta: key ? { [key]: direction.pole === 0 ? order : [...order].reverse() } : {},
    });
  },

  conjunction(scene) {
    const { random } = scene;
    const [first, second] = random.shuffle(DIRECTIONS) as [Direction, Direction];
    const [a, b, ...others] = draw(scene, 4 + random.below(3), first, second);
    if (a === undefined || b === undefined || others.length < 2) return null;
    const meets = others.map((name) => {
      const [one, two] = [beyond(scene, first, name, a), beyond(scene, second, name, b)];
      return one === undefined || two === undefined ? undefined : one && two;
    });
    const [answer, another] = others.filter((_, i) => meets[i]);
    if (meets.includes(undefined) || answer === undefined || another !== undefined) return null;
    return choice(scene, others, {
      composed: 'conjunction',
      question: `Which of these is ${first.than} the ${a} but ${second.than} the ${b}?`,
      answer,
    });
  },

  nested(scene) {
    const { random } = scene;
    const [inner, outer] = random.shuffle(DIRECTIONS) as [Direction, Direction];
    const [reference, ...some] = draw(scene, 3 + random.below(3), inner, outer);
    const order = inOrder(scene, inner, some);
    if (reference === undefined || !order || order.length < 2) return null;
    const value = beyond(scene, outer, order[0]!, reference);
    if (value === undefined) return null;
    const question = `Of ${list(some)}, take the one ${inner.extreme}. Is it ${outer.than} the ${reference}?`;
    return verdict('nested', question, value);
  },

  negation(scene) {
    const { random } = scene;
    const direction = random.pick(DIRECTIONS);
    const [reference, ...some] = draw(scene, 3 + random.below(3), direction);
    if (reference === undefined || some.length < 2) return null;
    const values = some.map((name) => beyond(scene, direction, name, reference));
    if (values.includes(undefined)) return null;
    const [answer, another] = some.filter((_, i) => values[i] === false);
    if (answer !== undefined && another === undefined) {
      return choice(scene, some, {
        composed: 'negation',
        question: `Which of these is not ${direction.than} the ${reference}?`,
        answer,
      });
    }
    const i = random.below(some.length);
    return verdict(
      'negation',
      `Is it true that the ${some[i]!} is not ${direction.than} the ${reference}?`,
      !values[i]!,
    );
  },
};

/** Draws up to `n` names of objects that have positions in all given directions, in random order. */
function draw(scene: Scene, n: number, ...directions: Direction[]): string[] {
  const placed = scene.names.filter((name) =>
    directions.every((direction) =>
      scene.names.some((other) => beyond(scene, direction, name, other) !== undefined),
    ),
  );
  return scene.random.shuffle(placed).slice(0, n);
}

const choice = (
  { random }: Scene,
  names: readonly string[],
  {
    composed,
    meta,
    ...words
  }: Pick<Composed, 'question' | 'answer'> & { composed: ComposeKind; meta?: Meta },
): Composed => ({ ...words, choices: random.shuffle(names), task: 'mcq', meta: { ...meta, composed } });

const verdict = (composed: ComposeKind, question: string, value: boolean): Composed => ({
  question,
  answer: value ? 'yes' : 'no',
  task: 'yesno',
  meta: { composed },
});
