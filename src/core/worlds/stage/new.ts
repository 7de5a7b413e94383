import type { Random } from '../../random.ts';
import type { Size } from '../../sample/boxes.ts';
import type { Style } from '../questions/question.ts';
import { ROOM, sampleWorld, TINY, type WorldOptions } from '../sampling.ts';
import { isAskable, seen, stageForms, type StagedScene } from './scene.ts';

/** Rooms of few solids, none with sides of its own, in the size that rows of a style have. */
const NEW: Readonly<Record<Style, { options: WorldOptions; size: Size }>> = {
  english: {
    options: { ...ROOM, objects: [2, 3], stacked: 0, faces: 0 },
    size: { w: 448, h: 448 },
  },
  compact: { options: TINY, size: { w: 64, h: 64 } },
};

const ATTEMPTS = 100;

/** Draws a scene whose first question has an answer that can be seen. */
export function newScene(random: Random, style: Style): StagedScene {
  const { options, size } = NEW[style];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const world = sampleWorld(random, options);
    const { family, form, wording } = stageForms({ style, world })[0]!;
    const question = { family, form, pole: 0 as const, wording, objects: [0, 1] };
    const scene = { world, question, style, size };
    if (isAskable(seen(scene), question, style)) return scene;
  }
  throw new RangeError(`No scene in ${ATTEMPTS} shows two solids side by side.`);
}
