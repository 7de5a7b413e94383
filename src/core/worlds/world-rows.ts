import { several } from '../../base/format.ts';
import type { Random } from '../../base/random.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { drawQuestion, drawConstraints, type Bias } from './bias.ts';
import { observe, type Observation } from './observation.ts';
import { looksDown } from './camera.ts';
import { isShown } from './margins.ts';
import { ask, FORMS, formOf } from './questions/question-forms.ts';
import { FAMILIES, type Family, type Form, type Question, type Style } from './questions/question.ts';
import { rasterise, type Raster } from './raster.ts';
import { RING, ROOM, sampleWorld, TINY, TOP, type WorldOptions } from './sample-worlds.ts';
import { shade, type Picture } from './shade.ts';
import { pivotOf, sceneForRow } from './views/scene.ts';
import type { World } from './world.ts';

/** A family of questions, or one form of a family, such as `side` or `side.where`. */
export type Topic = Family | `${Family}.${string}`;

export interface RowOptions {
  world: WorldOptions;
  size: Size;
  families: readonly Topic[];
  style: Style;
  bias: Bias;
}

/**
 * A world, and a question about it. The image is `shade(observation.world, raster)`, and the sample is
 * `ask(observation, question, …)`.
 */
export interface Row {
  observation: Observation;
  raster: Raster;
  question: Question;
}

/** Returns the settings of a dataset of worlds. By default, rooms are varied; in the compact style, images are tiny. */
export function rowOptions({
  style,
  bias,
  layout,
  camera,
  objects,
  size,
  families,
}: Pick<RowOptions, 'style' | 'bias'> &
  Partial<Pick<RowOptions, 'size' | 'families'>> & {
    objects?: [number, number] | undefined;
    layout?: 'ring' | undefined;
    camera?: 'top' | undefined;
  }): RowOptions {
  const preset = style === 'compact' ? TINY : camera ? TOP : layout ? RING : ROOM;
  const side = style === 'compact' ? 64 : 448;
  const seen = size ?? { w: side, h: side };
  return {
    world: { ...preset, objects: objects ?? preset.objects },
    size: seen,
    families: families ?? familiesFor(style, seen, preset.pitch[0]),
    style,
    bias,
  };
}

/**
 * Draws a row of a dataset: its image, and its sample with the computed answer, or the wrong answer at the rate of the
 * bias.
 * @param path path of the image
 * @param withWorld whether to store the world in `meta.world`
 * @throws RangeError if the options make the question impossible
 */
export function drawSample(
  random: Random,
  options: RowOptions,
  { id, path, withWorld }: { id: string; path: string; withWorld: boolean },
): { sample: Sample; picture: Picture; family: Family; form: string } {
  const { observation, raster, question } = drawRow(random, options);
  const { world } = observation;
  const { style, bias } = options;
  const isWrong = random.fork('wrong').chance(bias.wrong ?? 0);
  const sample = ask(observation, question, style, { id, image: { path, ...options.size }, isWrong });
  if (withWorld)
    sample.meta!.world = sceneForRow({ world, pivot: pivotOf(world, options.world.ring), question, style });
  return { sample, picture: shade(world, raster), family: question.family, form: question.form };
}

/** Minimum image height, in pixels, for recognising faces in most images. */
const FACES_FROM = 120;

/** All topics: each family, followed by the forms of the family. */
export const TOPICS: readonly Topic[] = FAMILIES.flatMap((family): Topic[] => [
  family,
  ...Object.keys(FORMS[family]).map((form): Topic => `${family}.${form}`),
]);

const canShow = ({ axis }: Form, pitch: number): boolean => !axis || isShown(axis, pitch);

/**
 * Returns the default families of rows: the families that images of this size and camera pitch can show in a style.
 * From straight above, these include the image's own axes.
 */
export function familiesFor(style: Style, size: Size, pitch = 0): Family[] {
  return FAMILIES.filter((family) =>
    style === 'compact'
      ? Object.values(FORMS[family]).some((form) => form.compact)
      : Object.values(FORMS[family]).some((form) => canShow(form, pitch)) &&
        (family !== 'plane' || looksDown(pitch)) &&
        (family !== 'own-side' || size.h >= FACES_FROM),
  );
}

/**
 * Samples a topic, then one of its forms, then worlds until one of them allows such a question under the bias. So every
 * topic and form is equally frequent, even if its worlds are rare.
 * @throws RangeError if the options make the question impossible.
 */
export function drawRow(random: Random, options: RowOptions): Row {
  const { size, style, bias } = options;
  const topic = random.pick(options.families);
  const [family, only] = topic.split('.') as [Family, string?];
  const most = options.world.objects[1];
  const [pitch] = options.world.pitch;
  const forms = Object.entries(FORMS[family]).flatMap(([name, form]) => {
    const { compact, least = 2 } = form;
    const has = (only ?? name) === name && (style === 'english' || compact) && least <= most;
    return has && canShow(form, pitch) ? [name] : [];
  });
  if (forms.length === 0) {
    const fromAbove = looksDown(pitch) ? ' from straight above' : '';
    const why =
      style === 'compact' ? 'in the compact style' : `with at most ${several(most, 'object')}${fromAbove}`;
    throw new RangeError(`"${topic}" questions do not exist ${why}. Choose other families.`);
  }
  const form = random.pick(forms);
  const furnished = furnish(options.world, family, formOf({ family, form }).least ?? 0);
  const constraints = drawConstraints(random, bias);
  for (let attempt = 0; attempt < 400; attempt++) {
    const room = scaled(random, furnished, { family, form });
    let drawn: World;
    try {
      drawn = sampleWorld(random, room, size.w / size.h);
    } catch (error) {
      // At one scale, the objects of a scene might not fit, but not ten times in a row.
      if (room === furnished || attempt >= 10) throw error;
      continue;
    }
    const raster = rasterise(drawn, size);
    const observation = observe(drawn, raster);
    const question = drawQuestion(random, observation, { family, form }, style, constraints);
    if (question) return { observation, raster, question };
  }
  throw new RangeError(
    `Cannot create a scene with a visible "${family}.${form}" question in 400 attempts at ${size.w} × ${size.h} ` +
      'pixels. Use larger images, other numbers of objects, or a smaller bias.',
  );
}

/** Adjusts world options so that worlds have candidates for the questions of a family. */
function furnish(options: WorldOptions, family: Family, least: number): WorldOptions {
  return {
    ...options,
    objects: [Math.max(options.objects[0], least), options.objects[1]],
    stacked: family === 'above' ? Math.max(0.6, options.stacked) : options.stacked,
    faces: family === 'own-side' ? Math.max(0.7, options.faces) : options.faces,
  };
}

/** Ranges of the scale of scenes for questions about metres. Scales are uniform in the logarithm. */
const SCALES: Readonly<Record<string, readonly [number, number]>> = {
  'distance.camera': [0.3, 9],
  'distance.between': [0.3, 14],
  'size.metric': [0.2, 4],
};

/**
 * Changes the scale of a varied room for questions about metres. Otherwise, a constant guess of the median would nearly
 * always be right within a factor of 2. For distances, the camera's height changes and objects keep their sizes; for
 * sizes, object sizes change instead. So the image determines the scale.
 */
function scaled(
  random: Random,
  world: WorldOptions,
  { family, form }: { family: Family; form: string },
): WorldOptions {
  const range = SCALES[`${family}.${form}`];
  if (!range || !world.varied || world.ring || looksDown(world.pitch[0])) return world;
  const [fewest, most] = world.objects;
  const count = fewest + random.below(Math.min(most, Math.max(fewest, 3)) - fewest + 1);
  // A scene of small scale has no space for many objects.
  const low = family === 'distance' ? Math.max(range[0], (count - 1) / 5) : range[0];
  const scale = Math.exp(random.between(Math.log(low), Math.log(range[1])));
  const times = (by: number, [from, to]: readonly [number, number]): [number, number] => [by * from, by * to];
  const room: WorldOptions = { ...world, objects: [count, count] };
  return family === 'size'
    ? { ...room, size: times(scale, world.size), reach: times(Math.max(1, scale), world.reach) }
    : { ...room, height: times(scale, world.height), reach: times(scale, world.reach) };
}
