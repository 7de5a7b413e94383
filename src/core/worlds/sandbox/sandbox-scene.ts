import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import { MIRROR, type PairView } from '../../../rows/view-list.ts';
import { looksDown } from '../camera.ts';
import { compare } from '../margins.ts';
import { observe, type Observation } from '../observation.ts';
import { formOf } from '../questions/question-forms.ts';
import { other, type Question, type Style, type Wording } from '../questions/question.ts';
import { rasterise } from '../raster.ts';
import { shade, type Picture } from '../shade.ts';
import { ROOM, sampleWorld, TINY, type WorldOptions } from '../sample-worlds.ts';
import { mirrorWorld, type World } from '../world.ts';

/** A world whose objects the user can move, with a question and an image size. */
export interface SandboxScene {
  world: World;
  question: Question;
  style: Style;
  size: Size;
}

/** Form of a question about two objects: family, form, and for each pole a label for users, in English for every style. */
interface SandboxForm {
  family: 'side' | 'nearer';
  form: string;
  wording: number;
  labels: readonly [string, string];
}

const LABELS = {
  where: ['On which side of B is A?', 'On which side of B is A?'],
  side: ['Is A to the left of B?', 'Is A to the right of B?'],
  whichSide: ['Which is more to the left, A or B?', 'Which is more to the right, A or B?'],
  which: ['Which is closer, A or B?', 'Which is farther, A or B?'],
  nearer: ['Is A closer than B?', 'Is A farther than B?'],
} as const;

/** Forms of questions whose answers change when one object passes another object. */
const FORMS: Readonly<Record<Style, readonly SandboxForm[]>> = {
  english: [
    { family: 'side', form: 'where', wording: 1, labels: LABELS.where },
    { family: 'side', form: 'yesno', wording: 0, labels: LABELS.side },
    { family: 'side', form: 'which', wording: 0, labels: LABELS.whichSide },
    { family: 'nearer', form: 'which', wording: 0, labels: LABELS.which },
    { family: 'nearer', form: 'yesno', wording: 0, labels: LABELS.nearer },
  ],
  compact: [
    { family: 'side', form: 'where', wording: 0, labels: LABELS.where },
    { family: 'side', form: 'yesno', wording: 0, labels: LABELS.side },
    { family: 'nearer', form: 'which', wording: 0, labels: LABELS.which },
  ],
};

/** Returns the question forms for a scene. From straight above, no form is about closeness. */
export const sandboxForms = ({
  style,
  world,
}: Pick<SandboxScene, 'style' | 'world'>): readonly SandboxForm[] =>
  FORMS[style].filter(({ family }) => family === 'side' || !looksDown(world.camera.pitch));

/** Converts a row to a scene. Keeps the question if the sandbox supports its form; otherwise uses the first form. */
export function sandboxOf(row: SandboxScene): SandboxScene {
  const forms = sandboxForms(row);
  const { question } = row;
  const kept = forms.some(({ family, form }) => family === question.family && form === question.form);
  const first = forms[0]!;
  const objects = question.objects.length === 2 ? question.objects : [0, 1];
  return kept
    ? row
    : {
        ...row,
        question: { family: first.family, form: first.form, pole: 0, wording: first.wording, objects },
      };
}

/** Observes a scene exactly, so that even the smallest difference counts. */
export const seen = ({ world, size }: Pick<SandboxScene, 'world' | 'size'>): Observation => ({
  ...observe(world, rasterise(world, size)),
  exact: true,
});

/**
 * Draws the image of a scene, as for datasets, and observes the scene.
 * @param side longer side of the image in pixels
 * @param smooth whether edges are smooth
 */
export function drawScene(
  { world, size: { w, h } }: Pick<SandboxScene, 'world' | 'size'>,
  side: number,
  smooth = true,
): { picture: Picture; observation: Observation } {
  const scale = side / Math.max(w, h);
  const raster = rasterise(world, { w: Math.round(w * scale), h: Math.round(h * scale) });
  return { picture: shade(world, raster, smooth), observation: observe(world, raster) };
}

/** Returns the observation of the mirror image without drawing the image. */
export const seenInMirror = (o: Observation): Observation => ({
  ...o,
  world: mirrorWorld(o.world),
  solids: o.solids.map(({ box, right, ...solid }) => ({
    ...solid,
    right: -right,
    box: box && [o.size.w - box[2], box[1], o.size.w - box[0], box[3]],
  })),
});

const axisOf = ({ family }: Question) => (family === 'side' ? 'left-right' : 'near-far');

/**
 * Returns how far A is to the right of B, in shares of the width, or the factor by which A is closer than B, minus 1
 * (negative if A is farther). The right answer changes at 0.
 */
export function differenceOf({ solids }: Observation, { family, objects }: Question): number {
  const [a, b] = objects.map((i) => solids[i]!) as [Observation['solids'][0], Observation['solids'][0]];
  if (family === 'side') return a.right - b.right;
  return a.distance < b.distance ? b.distance / a.distance - 1 : 1 - a.distance / b.distance;
}

/** Whether the question is possible: both objects are visible, and image and world agree on the answer. */
export function isAskable(o: Observation, question: Question, style: Style): boolean {
  const [a, b] = question.objects as [number, number];
  const hasAnswer = formOf(question)
    .candidates(o, style, question.pole)
    .some(([first, second]) => first === a && second === b);
  if (!hasAnswer) return false;
  const order = compare(o, axisOf(question), a, b);
  const [p, q] = [o.solids[a]!.box!, o.solids[b]!.box!];
  const witness =
    question.family === 'side' ? p[0] + p[2] - q[0] - q[2] : o.world.objects[a]!.z - o.world.objects[b]!.z;
  return order * witness > 0;
}

/** Returns the question about a scene or its mirror, in the words of the mirror rules, with its right answer. */
export function wordsOf(scene: SandboxScene, view: PairView, o = seen(scene)): Wording {
  const { question, style } = scene;
  const isMirror = view === MIRROR;
  const turned = isMirror && question.family === 'side';
  const worded = turned ? { ...question, pole: other(question.pole) } : question;
  return formOf(worded).say(isMirror ? seenInMirror(o) : o, worded, style);
}

/** For each style: options of rooms with few objects and no faces, and the default image size. */
const NEW: Readonly<Record<Style, { options: WorldOptions; size: Size }>> = {
  english: { options: { ...ROOM, objects: [2, 3], stacked: 0, faces: 0 }, size: { w: 448, h: 448 } },
  compact: { options: TINY, size: { w: 64, h: 64 } },
};

const ATTEMPTS = 100;

/** Samples a random scene whose first question has a visible answer. */
export function newScene(random: Random, style: Style): SandboxScene {
  const { options, size } = NEW[style];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const world = sampleWorld(random, options);
    const { family, form, wording } = sandboxForms({ style, world })[0]!;
    const question = { family, form, pole: 0 as const, wording, objects: [0, 1] };
    const scene = { world, question, style, size };
    if (isAskable(seen(scene), question, style)) return scene;
  }
  throw new RangeError(
    `Cannot create a scene with two objects side by side in ${ATTEMPTS} attempts. Try again.`,
  );
}
