import type { Random } from '../../base/random.ts';
import { placeOf, isShown, type Axis } from './margins.ts';
import type { Observation } from './observation.ts';
import { formOf } from './questions/question-forms.ts';
import { name, type Pole, type Question, type Style } from './questions/question.ts';

/**
 * Biases that real datasets have, as shares of the rows, 0–1. A model trained on such rows can learn the shortcut
 * instead of looking; the mirrored view shows whether it has.
 */
export interface Bias {
  /**
   * Of the one or two objects that the question names, the first is to the left of the second, or of the image's middle
   * if it is alone. These three are about centres, also where nobody could see the difference.
   */
  side?: number;
  /** Of two named objects, the first is nearer to the camera. */
  depth?: number;
  /** Of two named objects, the first is larger. */
  size?: number;
  /** The answer to a yes/no question is yes. If absent, half of them, unless `pole` decides. */
  yes?: number;
  /** The question uses the first pole: left, above, in front, closer, larger, more. */
  pole?: number;
  /** The answer is the wrong one of two, as careless or malicious annotators write it. */
  wrong?: number;
}

/** Constraints on one row, drawn once per row so that the shares hold whatever the worlds offer. */
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

/** Draws the constraints on the next row according to the shares of the bias. */
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

/** Draws a question of one form about an observation; null if none fulfils the constraints. */
export function drawQuestion(
  random: Random,
  o: Observation,
  { family, form }: Pick<Question, 'family' | 'form'>,
  style: Style,
  constraints: RowConstraints,
): Question | null {
  const rules = formOf({ family, form });
  const wording = style === 'compact' ? 0 : random.below(rules.wordings);
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

/** The objects that a text names, in its order: the order in which a model that reads it meets them. */
function namedIn(o: Observation, text: string, style: Style): number[] {
  const at = o.solids.map((_, i) => text.toLowerCase().indexOf(name(o, i, style)));
  return [...at.keys()].filter((i) => at[i]! >= 0).sort((a, b) => at[a]! - at[b]!);
}

/** Direction along an axis of the first of one or two objects from the second, or from the middle; 0 if there is none. */
function leans(o: Observation, axis: Axis, [a, b, c]: readonly number[]): number {
  if (a === undefined || c !== undefined || !isShown(axis, o.world.camera.pitch)) return 0;
  if (b !== undefined) return Math.sign(placeOf(o, axis, a) - placeOf(o, axis, b));
  return axis === 'left-right' ? Math.sign(o.solids[a]!.right) : 0;
}
