import type { Sample } from '../../../rows/sample/sample.ts';
import { MIRROR } from '../../../rows/view-list.ts';
import { compare, ownSide } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { ask } from '../questions/question-forms.ts';
import type { Pole, Question, Style } from '../questions/question.ts';
import { pivotOf, type RowScene, sceneForRow } from '../views/scene.ts';
import { ACUITY, type Ask, type ClipView, levelToX, stillAsks, type AcuityForm } from './axes.ts';
import { AXIS_WORDS, type SceneAxis, type StillAxis } from './acuity-axes.ts';
import type { Stimulus } from './draw-stimulus.ts';

/** Contents of `meta.acuity` in a row about a scene that measures acuity. */
export interface AcuityMeta extends Ask<ClipView> {
  axis: SceneAxis;
  /**
   * Signed difference between A and B in the original scene: % of the image, or 100 · ln of a ratio; degrees of a turn
   * to the right; ln of metres; frames.
   */
  x: number;
  /** Value of x in the unit in which the axis is displayed: percent, degrees, metres, or frames. */
  level: number;
  block: string;
  /** Word for the pole in the question: "closer", or "closer or farther" if the question has both poles. */
  word: string;
  /** Direction of the object whose own side the question refers to. */
  facing?: 'faces the viewer' | 'faces away';
  /** Whether the imagined turn changes the side. */
  changes?: boolean;
  /** Column and row of the map cell that contains object A. */
  cell?: [column: number, row: number];
  /** Sign of x according to the reference answer of the row. If x is 0, neither answer is right. */
  claim: 1 | -1;
  /** For each response bias, the sign of x according to the answer of an observer with only this bias. */
  signs: Record<string, 1 | -1>;
}

export const sign = (value: number): 1 | -1 => (value < 0 ? -1 : 1);

/** Returns the id of a row, the objects in the order of the question, and the signs of order and pole. */
export function placesOf<T>(asked: Ask<ClipView>, block: string, [A, B]: readonly [T, T], positive: Pole) {
  const isFirst = asked.order === 'A first';
  return {
    id: `${block}-${asked.view.replace('+', '-')}-${isFirst ? 'ab' : 'ba'}-${asked.pole}`,
    objects: isFirst ? [A, B] : [B, A],
    named: isFirst ? 1 : -1,
    pole: asked.pole === positive ? 1 : -1,
  };
}

/** Returns a row, without reasoning, about a still scene. */
export function stillRow(
  observation: Observation,
  about: Pick<RowScene, 'question' | 'style'> & { pivot?: RowScene['pivot']; id: string; path: string },
  acuity: AcuityMeta,
  words?: Partial<Sample>,
): AcuityRow {
  const { question, style, id, path } = about;
  const { world, size } = observation;
  const plain = ask(observation, question, style, { id, image: { path, ...size } });
  delete plain.reasoning;
  const scene = sceneForRow({ world, pivot: about.pivot ?? pivotOf(world, undefined), question, style });
  return { sample: { ...plain, ...words, meta: { ...plain.meta, world: scene, acuity } }, acuity };
}

export interface AcuityRow {
  sample: Sample;
  acuity: AcuityMeta;
}

/**
 * Returns all questions about a stimulus: original or mirrored, A or B named first, either pole. The design is
 * balanced: the signs of each response bias cancel over the questions (`core/psychophysics/leanings.ts`).
 */
export function askBlock(
  stimulus: Stimulus,
  about: { axis: StillAxis; level: number; block: string; form: AcuityForm; style: Style; quick?: true },
  images: Record<Ask['view'], string>,
): AcuityRow[] {
  const { axis, level, block, form, style } = about;
  const { pole: positive, compares } = ACUITY[axis];
  const { positive: toPositive, negative: toNegative } = AXIS_WORDS[axis];
  const [family, name] = ACUITY[axis].forms[style]![form]!;
  const [A, B] = stimulus.objects;
  const asks = stillAsks(about);
  const hasOrders = new Set(asks.map(({ order }) => order)).size > 1;
  return asks.map((asked) => {
    const { observation } = stimulus.views[asked.view];
    const { id, objects, named, pole } = placesOf(asked, block, stimulus.objects, positive);
    const question: Question = { family, form: name, pole: asked.pole, wording: 0, objects };
    // A mirror exchanges sides and preserves all other quantities.
    const turns = axis === 'side' || axis === 'own-side';
    const turned = turns && asked.view === MIRROR ? -1 : 1;
    // Sign that the reference answer claims for the first object in the question. If x is 0, rounding decides.
    const [first, second] = objects as [number, number];
    const isPositive = compares
      ? compare(observation, compares, first, second) === (positive === 0 ? -1 : 1)
      : axis === 'own-side'
        ? ownSide(observation, second, first) === 1
        : countOf(observation, first) > countOf(observation, second);
    const claim = sign(turned * named * (isPositive ? 1 : -1));
    const asPositive = sign(turned * named);
    const signs: AcuityMeta['signs'] =
      form === 'yesno'
        ? {
            yes: sign(turned * named * pole),
            // If neither mirror nor order changes this bias, the questions cannot separate it from perception.
            ...((turns || hasOrders) && { [`first is ${toPositive}`]: asPositive }),
          }
        : name === 'where'
          ? { [toPositive]: asPositive }
          : { 'the first': sign(turned * named * pole) };
    if (axis === 'nearer' || axis === 'size') {
      const hand = observation.solids[A]!.right > observation.solids[B]!.right ? 1 : -1;
      // An observer with a side bias calls the object on that side "closer", or always selects that object.
      signs['what is on the right'] = sign(form === 'yesno' ? hand : hand * pole);
    }
    const word = name === 'where' ? `${toPositive} or ${toNegative}` : pole === 1 ? toPositive : toNegative;
    const facing = observation.world.objects[B]!.front.z < 0 ? 'faces the viewer' : 'faces away';
    const acuity: AcuityMeta = {
      axis,
      ...asked,
      x: levelToX(axis, level),
      level,
      block,
      word,
      ...(axis === 'own-side' && { facing }),
      claim,
      signs,
    };
    return stillRow(observation, { question, style, id, path: images[asked.view] }, acuity);
  });
}

const countOf = (o: Observation, i: number): number =>
  o.world.objects.filter(({ shape }) => shape === o.world.objects[i]!.shape).length;
