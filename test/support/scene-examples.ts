import { ask } from '../../src/core/worlds/questions/question-forms.ts';
import { observe } from '../../src/core/worlds/observation.ts';
import type { Family, Pole, Question } from '../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../src/core/worlds/raster.ts';
import { sceneForRow, type Scene } from '../../src/core/worlds/views/scene.ts';
import type { Colour, Shape, Solid, World } from '../../src/core/worlds/world.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';

const solid = (colour: Colour, shape: Shape, size: number, x: number, z: number, face = false): Solid => ({
  shape,
  colour,
  size,
  x,
  y: 0,
  z,
  face,
  front: { x: face ? 1 : 0, z: face ? 0 : 1 },
});

/** Scene S. The white cube looks to the viewer's right. */
const WORLD: World = {
  camera: { height: 1.6, pitch: 0.25, focal: 1 },
  floor: { pattern: 'checker', tone: 0, tile: 0.5, heading: { x: 1, z: 0 }, origin: { x: 0, z: 0 } },
  light: { x: 0.48, y: 0.8, z: -0.36 },
  objects: [
    solid('red', 'cube', 0.5, -1, 4),
    solid('blue', 'ball', 0.5, 0.8, 3.9),
    solid('green', 'cone', 0.6, 0.5, 5.4),
    solid('yellow', 'cylinder', 0.5, -0.6, 5.3),
    solid('white', 'cube', 0.4, 0, 4.5, true),
  ],
};
export const SCENE_S: Scene = { world: WORLD, pivot: { x: 0, z: 4.5 } };
export const SIZE = { w: 512, h: 512 };
const [RED, BLUE, GREEN, YELLOW, WHITE] = [0, 1, 2, 3, 4] as const;

/** A worked example of a scene view. `to`: question and answer in the view; a text: why there is no pair. */
interface SceneExample {
  n: number;
  view: string;
  asks: [topic: `${Family}.${string}`, objects: number[], pole?: Pole, wording?: number];
  from: [question: string, answer: string] | null;
  to: [question: string, answer: string] | string;
  policy?: 'keep-answer';
}

const keeps = (question: string, before: string, after: string) => ({
  from: [question, before] as [string, string],
  to: [question, after] as [string, string],
});
const LEFT = 0;
const RIGHT = 1;
const BEHIND = 1;

export const SCENE_EXAMPLES: readonly SceneExample[] = [
  {
    n: 50,
    view: 'orbit:90',
    asks: ['side.yesno', [BLUE, YELLOW], RIGHT],
    ...keeps('Is the blue ball to the right of the yellow cylinder?', 'Yes', 'No'),
  },
  {
    n: 51,
    view: 'orbit:90',
    asks: ['side.yesno', [RED, GREEN], LEFT],
    ...keeps('Is the red cube to the left of the green cone?', 'Yes', 'Yes'),
  },
  {
    n: 52,
    view: 'orbit:90',
    asks: ['front.yesno', [GREEN, RED], BEHIND],
    ...keeps('Is the green cone behind the red cube?', 'Yes', 'No'),
  },
  {
    n: 53,
    view: 'orbit:90',
    asks: ['distance.between', [BLUE, YELLOW], 0, 1],
    ...keeps(
      'How far apart are the blue ball and the yellow cylinder, measured from center to center?',
      '2.0 meters',
      '2.0 meters',
    ),
  },
  {
    n: 54,
    view: 'orbit:90',
    asks: ['distance.camera', [GREEN]],
    ...keeps('How far is the green cone from the camera?', '5.6 meters', '4.3 meters'),
  },
  {
    n: 55,
    view: 'orbit:90',
    asks: ['side.yesno', [RED, BLUE], LEFT],
    from: ['Is the red cube to the left of the blue ball?', 'Yes'],
    to: 'margin',
  },
  {
    n: 56,
    view: 'orbit:90',
    asks: ['own-side.where', [GREEN, WHITE]],
    ...keeps(
      'From the point of view of the white cube, is the green cone on its left or on its right?',
      'left',
      'left',
    ),
  },
  {
    n: 57,
    view: 'orbit:180',
    asks: ['side.yesno', [RED, BLUE], LEFT],
    ...keeps('Is the red cube to the left of the blue ball?', 'Yes', 'No'),
  },
  {
    n: 58,
    view: 'orbit:180',
    asks: ['nearer.which', [WHITE, GREEN]],
    ...keeps(
      'Which object is closer to the camera, the white cube or the green cone?',
      'white cube',
      'green cone',
    ),
  },
  {
    n: 59,
    view: 'orbit:180',
    asks: ['side.yesno', [RED, YELLOW], LEFT],
    from: ['Is the red cube to the left of the yellow cylinder?', 'Yes'],
    to: 'margin',
  },
  {
    n: 60,
    view: 'orbit:180',
    policy: 'keep-answer',
    asks: ['front.yesno', [GREEN, RED], BEHIND],
    from: ['Is the green cone behind the red cube?', 'Yes'],
    to: ['Is the green cone in front of the red cube?', 'Yes'],
  },
  {
    n: 62,
    view: 'depth-mirror',
    asks: ['side.yesno', [GREEN, YELLOW], RIGHT],
    ...keeps('Is the green cone to the right of the yellow cylinder?', 'Yes', 'Yes'),
  },
  {
    n: 63,
    view: 'depth-mirror',
    asks: ['nearer.which', [WHITE, GREEN]],
    ...keeps(
      'Which object is closer to the camera, the white cube or the green cone?',
      'white cube',
      'green cone',
    ),
  },
  {
    n: 64,
    view: 'depth-mirror',
    asks: ['own-side.where', [GREEN, WHITE], LEFT, 1],
    ...keeps('On which side of itself does the white cube see the green cone?', 'left', 'right'),
  },
  {
    n: 65,
    view: 'dolly:1',
    asks: ['distance.camera', [GREEN]],
    ...keeps('How far is the green cone from the camera?', '5.6 meters', '4.6 meters'),
  },
  {
    n: 66,
    view: 'dolly:1',
    asks: ['distance.between', [RED, YELLOW], 0, 1],
    ...keeps(
      'How far apart are the red cube and the yellow cylinder, measured from center to center?',
      '1.4 meters',
      '1.4 meters',
    ),
  },
  { n: 67, view: 'dolly:1', asks: ['side.yesno', [BLUE, GREEN], RIGHT], from: null, to: 'margin' },
  {
    n: 68,
    view: 'take:white cube',
    asks: ['own-side.where', [BLUE, WHITE]],
    from: [
      'From the point of view of the white cube, is the blue ball on its left or on its right?',
      'right',
    ],
    to: ['Is the blue ball on the left or the right side of the picture?', 'right'],
  },
  {
    n: 69,
    view: 'take:white cube',
    asks: ['own-side.where', [GREEN, WHITE]],
    from: [
      'From the point of view of the white cube, is the green cone on its left or on its right?',
      'left',
    ],
    to: 'out_of_sight',
  },
  {
    n: 70,
    view: 'imagine:orbit:90',
    asks: ['side.yesno', [BLUE, YELLOW], RIGHT],
    from: ['Is the blue ball to the right of the yellow cylinder?', 'Yes'],
    to: [
      'Imagine that the camera moved a quarter circle to the right around the white cube, still facing it. ' +
        'Is the blue ball then to the right of the yellow cylinder?',
      'No',
    ],
  },
  {
    n: 71,
    view: 'swap:red cube,blue ball',
    asks: ['side.yesno', [RED, BLUE], LEFT],
    ...keeps('Is the red cube to the left of the blue ball?', 'Yes', 'No'),
  },
  {
    n: 72,
    view: 'without:yellow cylinder',
    asks: ['side.yesno', [RED, BLUE], LEFT],
    ...keeps('Is the red cube to the left of the blue ball?', 'Yes', 'Yes'),
  },
  {
    n: 73,
    view: 'without:white cube',
    asks: ['count.shape', [RED]],
    from: ['How many cubes are there?', '2'],
    to: 'counted',
  },
  {
    n: 74,
    view: 'zoom:1.2',
    asks: ['side.yesno', [RED, BLUE], LEFT],
    ...keeps('Is the red cube to the left of the blue ball?', 'Yes', 'Yes'),
  },
];

/** The row of an example, as `chirality worlds` writes them. A question that cannot be asked of scene S gets no answer. */
export function rowOfScene({ n, asks: [topic, objects, pole = 0, wording = 0], from }: SceneExample): Sample {
  const [family, form] = topic.split('.') as [Family, string];
  const question: Question = { family, form, pole, wording, objects };
  const o = observe(WORLD, rasterise(WORLD, SIZE));
  const sample: Sample = from
    ? ask(o, question, 'english', { id: `s${n}` })
    : { id: `s${n}`, question: 'Which side?', answer: 'left', images: [SIZE] };
  const world = sceneForRow({ ...SCENE_S, question, style: 'english' });
  return { ...sample, meta: { ...sample.meta, world } };
}
