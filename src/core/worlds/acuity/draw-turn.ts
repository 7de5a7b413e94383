import type { Random } from '../../../base/random.ts';
import type { Size } from '../../../rows/sample/boxes.ts';
import { MIRROR, type PairView } from '../../../rows/view-list.ts';
import { compare } from '../margins.ts';
import type { Observation } from '../observation.ts';
import { ask } from '../questions/question-forms.ts';
import type { Question } from '../questions/question.ts';
import { RING, sampleWorld } from '../sample-worlds.ts';
import { imagined } from '../views/arrange.ts';
import { orbited, type RowScene } from '../views/scene.ts';
import { mirrorWorld, type World } from '../world.ts';
import { type AcuityMeta, placesOf, sign, stillRow } from './ask-block.ts';
import { ACUITY, type AcuityForm, stillAsks, english } from './axes.ts';
import { attempt, BOX_PX, isClear, seen, stand, type Stimulus } from './draw-stimulus.ts';

/** B is on the pivot, and A is at a distance from B, in metres. */
const [B, A] = [0, 1] as const;
const APART: [number, number] = [1, 1.6];
const PIVOT = { x: 0, z: RING.ring!.z };
const WORLD = english(RING);

/** Observations of a scene before and after the orbit of the camera around B. */
export interface Turned extends Pick<Stimulus, 'views'> {
  after: Record<PairView, Observation>;
  degrees: number;
}

/**
 * Draws a scene in which A is clearly on one side of B, both before and after the camera's orbit around B.
 * @param degrees angle to the camera's right; negative to its left
 * @throws RangeError if the scene cannot be shown at this size
 */
export function drawTurn(random: Random, degrees: number, size: Size): Turned {
  const what = `a scene of ${size.w} × ${size.h} pixels for a turn of ${degrees}°. Use larger images`;
  return attempt(what, () => {
    const drawn = sampleWorld(random, WORLD, size.w / size.h);
    const [from, angle] = [random.between(...APART), 2 * Math.PI * random.uniform()];
    const a = { ...drawn.objects[A]!, x: from * Math.sin(angle), z: PIVOT.z + from * Math.cos(angle) };
    const world = { ...drawn, objects: drawn.objects.map((solid, i) => (i === A ? a : solid)) };
    if (!stand(world.objects)) return null;
    const original = look(world, size);
    if (!isPlain(original.observation)) return null;
    const turned = look(goneAround(world, degrees), size).observation;
    if (!isPlain(turned)) return null;
    const mirrored = mirrorWorld(world);
    const mirror = look(mirrored, size);
    const after = { original: turned, mirror: look(goneAround(mirrored, -degrees), size).observation };
    return { views: { original, mirror }, after, degrees };
  });
}

/** Uses the margins of datasets, so that the test measures the imagined turn and not visual acuity. */
const look = (world: World, size: Size) => {
  const { observation, raster } = seen(world, size);
  return { observation: { ...observation, exact: false }, raster };
};

const isPlain = (o: Observation): boolean =>
  isClear(o, [A, B], BOX_PX) && compare(o, 'left-right', A, B) !== 0;

const goneAround = (world: World, degrees: number): World => orbited({ world, pivot: PIVOT }, degrees).world;

export function askTurn(
  { views, after, degrees }: Turned,
  about: { block: string; form: AcuityForm; quick?: true },
  images: Record<PairView, string>,
) {
  const [family, form] = ACUITY.side.forms.english![about.form]!;
  const isRight = (o: Observation) => compare(o, 'left-right', A, B) === 1;
  const changes = isRight(views.original.observation) !== isRight(after.original);
  return stillAsks({ ...about, axis: 'turn', style: 'english' }).map((stillAsk) => {
    const { observation } = views[stillAsk.view];
    const { id, objects, named, pole } = placesOf(stillAsk, about.block, [A, B], 1);
    const question: Question = { family, form, pole: stillAsk.pole, wording: 0, objects };
    const row: RowScene = { world: observation.world, pivot: PIVOT, question, style: 'english' };
    const turned = stillAsk.view === MIRROR ? -1 : 1;
    const words = degrees === 0 ? {} : wordsOf(row, turned * degrees, after[stillAsk.view]);
    const acuity: AcuityMeta = {
      axis: 'turn',
      ...stillAsk,
      x: degrees,
      level: degrees,
      block: about.block,
      word: pole === 1 ? 'right' : 'left',
      changes,
      claim: isRight(after.original) ? 1 : -1,
      signs:
        about.form === 'yesno'
          ? { yes: sign(turned * named * pole), 'first is right': sign(turned * named) }
          : { 'the first': sign(turned * named * pole) },
    };
    return stillRow(observation, { ...row, id, path: images[stillAsk.view] }, acuity, words);
  });
}

/** Returns question and answer about the scene after a turn, for a viewer who sees the scene before the turn. */
function wordsOf(row: RowScene, degrees: number, after: Observation) {
  const words = imagined(row, `orbit:${(degrees + 360) % 360}`, ask(after, row.question, row.style));
  if ('code' in words) throw new Error(words.reason);
  const { question, answer, choices } = words;
  return { question, answer, ...(choices && { choices }) };
}
