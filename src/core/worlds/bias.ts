import type { Random } from '../../base/random.ts';
import { placeOf, isShown, type Axis } from './margins.ts';
import type { Observation } from './observation.ts';
import { formOf } from './questions/question-forms.ts';
import { name, type Pole, type Question, type Style } from './questions/question.ts';

/**
 * Biases of real datasets, as shares of the rows, 0–1. A model trained on such rows can learn the shortcut and ignore
 * the image. The mirrored view reveals this.
 */
export interface Bias {
  /**
   * Share of rows whose first named object is to the left of the second named object, or of the image's middle if the
   * question names one object. `side`, `depth` and `size` use centres, even for invisible differences.
   */
  side?: number;
  /** Share of rows whose first of two named objects is nearer to the camera. */
  depth?: number;
  /** Share of rows whose first of two named objects is larger. */
  size?: number;
  /** Share of yes/no questions with the answer yes; by default one half, unless `pole` determines it. */
  yes?: number;
  /** Share of questions that use the first pole: left, above, in front, closer, larger, more. */
  pole?: number;
  /** Share of wrong answers, out of two possible ones, as by careless or malicious annotators. */
  wrong?: number;
}

/** Constraints on one row, sampled once per row, so that the shares hold for any worlds. */
interface RowConstraints {
  leanings: { axis: Axis; order: -1 | 1 }[];
  yes?: boolean;
  pole?: Pole;
}

const AXES = [
  ['side', 'left-right'],
  ['depth', 'near-far'],
  ['size', 'large-small'],
] as const;

/** Samples the constraints on the next row according to the shares of the bias. */
export function drawConstraints(random: Random, bias: Bias): RowConstraints {
  const leanings = AXES.flatMap(([key, axis]) => {
    const share = bias[key];
    return share === undefined ? [] : [{ axis, order: random.chance(share) ? (-1 as const) : (1 as const) }];
  });
  return {
    leanings,
    ...((bias.yes !== undefined || bias.pole === undefined) && { yes: random.chance(bias.yes ?? 0.5) }),
    ...(bias.pole !== undefined && { pole: random.chance(bias.pole) ? 0 : 1 }),
  };
}

/** Samples a question of one form about an observation; null if no question satisfies the constraints. */
export function drawQuestion(
  random: Random,
  o: Observation,
  { family, form }: Pick<Question, 'family' | 'form'>,
  style: Style,
  constraints: RowConstraints,
): Question | null {
  const rules = formOf({ family, form });
  const wording = style === 'compact' ? 0 : random.below(rules.wordings ?? 1);
  const poles: Pole[] = constraints.pole === undefined ? [0, 1] : [constraints.pole];
  let questions = poles.flatMap((pole) =>
    rules.candidates(o, style, pole).map((objects): Question => ({ family, form, pole, wording, objects })),
  );
  if (constraints.leanings.length > 0) {
    questions = questions.filter((q) => {
      const named = namedIn(o, rules.say(o, q, style).question, style);
      return constraints.leanings.every(({ axis, order }) => leans(o, axis, named) !== -order);
    });
  }
  if (rules.task === 'yesno' && constraints.yes !== undefined) {
    questions = questions.filter((q) => /^yes/i.test(rules.say(o, q, style).answer) === constraints.yes);
  }
  if (questions.length === 0) return null;
  const drawn = random.pick(questions);
  return rules.list ? { ...drawn, objects: random.shuffle(drawn.objects) } : drawn;
}

/** Returns the objects that a text names, in the order of the text. */
function namedIn(o: Observation, text: string, style: Style): number[] {
  const at = o.solids.map((_, i) => text.toLowerCase().indexOf(name(o, i, style)));
  return [...at.keys()].filter((i) => at[i]! >= 0).sort((a, b) => at[a]! - at[b]!);
}

/** Returns the side of the first object along an axis, relative to the second object or the middle: −1, 1, or 0. */
function leans(o: Observation, axis: Axis, [a, b, c]: readonly number[]): number {
  if (a === undefined || c !== undefined || !isShown(axis, o.world.camera.pitch)) return 0;
  if (b !== undefined) return Math.sign(placeOf(o, axis, a) - placeOf(o, axis, b));
  return axis === 'left-right' ? Math.sign(o.solids[a]!.right) : 0;
}
