import type { Random } from '../../base/random.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { MARGINS } from './margins.ts';
import { MOTION_MARGINS } from './motion/motion-margins.ts';
import { drawMotionSample, motionOptions, MOTION_TOPICS } from './motion/motion-rows.ts';
import { MOTION_FAMILIES } from './motion/questions/motion-question.ts';
import { FAMILIES, type Style } from './questions/question.ts';
import type { Picture } from './shade.ts';
import { drawSample, rowOptions, TOPICS } from './world-rows.ts';

/** Requested rows about worlds, with the names of families, forms and biases. */
interface AskedRows {
  seed: string;
  style: Style;
  families?: string[];
  bias: Record<string, number>;
  size?: Size;
  objects?: [number, number];
  /** Whether rows contain their worlds, from which the images can be drawn again. */
  world?: boolean;
}

/** Object that draws the rows of a dataset, with its settings for the manifest of the dataset. */
export interface Drawer {
  options: object;
  margins: object;
  /**
   * Draws a row and its images, by path below the folder of the dataset.
   * @param i index of the row, from 0
   * @throws RangeError if the options make the question impossible
   */
  draw: (
    random: Random,
    i: number,
  ) => {
    sample: Sample;
    pictures: { path: string; picture: Picture }[];
    family: string;
    form: string;
  };
}

const numbered = (i: number, digits: number): string => String(i + 1).padStart(digits, '0');

/** Returns a drawer of still scenes. @throws RangeError for an unknown family, form or bias */
export function drawerOfScenes(asked: AskedRows & { layout?: 'ring'; camera?: 'top' }): Drawer {
  const options = rowOptions({
    ...asked,
    families: asked.families && topicsOf(asked.families, TOPICS, FAMILIES),
    bias: biasOf(asked.bias, ['side', 'depth', 'size', 'yes', 'pole', 'wrong']),
  });
  return {
    options,
    margins: MARGINS,
    draw(random, i) {
      const path = `images/${numbered(i, 6)}.png`;
      const id = `worlds-${asked.seed}-${i + 1}`;
      const { picture, ...row } = drawSample(random, options, { id, path, withWorld: asked.world ?? false });
      return { ...row, pictures: [{ path, picture }] };
    },
  };
}

/** Returns a drawer of clips. @throws RangeError for an unknown family, form or bias */
export function drawerOfClips(
  asked: AskedRows & { frames?: number; fps?: number; accelerate?: boolean },
): Drawer {
  const options = motionOptions({
    ...asked,
    families: asked.families && topicsOf(asked.families, MOTION_TOPICS, MOTION_FAMILIES),
    bias: biasOf(asked.bias, [...MOTION_FAMILIES, 'yes', 'pole', 'wrong']),
  });
  const digits = String(options.frames).length;
  return {
    options,
    margins: { ...MARGINS, motion: MOTION_MARGINS },
    draw(random, i) {
      const paths = Array.from(
        { length: options.frames },
        (_, frame) => `images/${numbered(i, 6)}-${numbered(frame, digits)}.png`,
      );
      const { pictures, ...row } = drawMotionSample(random, options, {
        id: `clips-${asked.seed}-${i + 1}`,
        paths,
        withWorld: asked.world ?? false,
      });
      return { ...row, pictures: pictures.map((picture, frame) => ({ path: paths[frame]!, picture })) };
    },
  };
}

function topicsOf<T extends string>(
  parts: readonly string[],
  topics: readonly T[],
  families: readonly string[],
): T[] {
  return parts.map((part) => {
    const topic = topics.find((known) => known === part);
    if (topic) return topic;
    const forms = topics.filter((known) => known.startsWith(`${part.split('.')[0]!.trim()}.`));
    throw new RangeError(
      `Question type "${part}" does not exist. Choose from ${(forms.length > 0 ? forms : families).join(', ')}.`,
    );
  });
}

function biasOf<K extends string>(
  given: Readonly<Record<string, number>>,
  names: readonly K[],
): Partial<Record<K, number>> {
  for (const name of Object.keys(given))
    if (!names.some((known) => known === name))
      throw new RangeError(
        `Bias "${name}" does not exist. Set ${names.join(', ')} to a share from 0 to 1, for example ${names[0]!}=0.95.`,
      );
  return given as Partial<Record<K, number>>;
}
