import type { Random } from '../../base/random.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { compare, MARGINS, type Axis } from './margins.ts';
import type { Observation } from './observation.ts';
import { formOf } from './questions/question-forms.ts';
import type { Pole, Question, Style } from './questions/question.ts';

/**
 * Biases that real datasets have, as shares of the rows, 0–1. A model trained on such rows can learn the shortcut
 * instead of looking; the mirrored view shows whether it has.
 */
export interface Bias {
  /** The object named first is to the left of the one named second, or of the image's middle if it is the only one. */
  side?: number;
  /** The object named first is nearer to the camera than the one named second. */
  depth?: number;
  /** The object named first is larger than the one named second. */
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
  if (!rules.unnamed) {
    for (const { axis, order } of constraints.leanings) {
      const leaning = questions.filter(({ objects }) => leans(o, axis, objects) !== 0);
      if (leaning.length > 0) questions = leaning.filter(({ objects }) => leans(o, axis, objects) === order);
    }
  }
  if (rules.task === 'yesno' && constraints.yes !== undefined) {
    questions = questions.filter((q) => /^yes/i.test(rules.say(o, q, style).answer) === constraints.yes);
  }
  if (questions.length === 0) return null;
  const drawn = random.pick(questions);
  return rules.list ? { ...drawn, objects: random.shuffle(drawn.objects) } : drawn;
}

/** Direction along an axis of the first object from the second; 0 if it cannot be told. */
function leans(o: Observation, axis: Axis, [a, b]: number[]): number {
  if (b !== undefined) return compare(o, axis, a!, b);
  if (axis !== 'left-right') return 0;
  const { right } = o.solids[a!]!;
  return Math.abs(right) < MARGINS.side / 2 ? 0 : Math.sign(right);
}

/**
 * The row with the other of its two answers; its reasoning stays. A row whose answer is not one of two, or that says it
 * in a sentence, stays as it is.
 */
export function withWrongAnswer(sample: Sample): Sample {
  const { answer, choices, task } = sample;
  const two = choices?.length === 2 ? choices : task === 'yesno' ? ['yes', 'no'] : [];
  return two.includes(answer)
    ? { ...sample, answer: two.find((option) => option !== answer) ?? answer }
    : sample;
}
