import { ask } from '../../src/core/worlds/questions/question-forms.ts';
import { observe } from '../../src/core/worlds/observation.ts';
import type { Family, Pole, Question } from '../../src/core/worlds/questions/question.ts';
import { rasterise } from '../../src/core/worlds/raster.ts';
import { sceneForRow, type Scene } from '../../src/core/worlds/views/scene.ts';
import type { Colour, Shape, Solid, World } from '../../src/core/worlds/world.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { readExamples, type ViewExample } from './view-examples.ts';

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

const [LEFT, RIGHT, BEHIND] = [0, 1, 1] as const;
type Asked = [topic: `${Family}.${string}`, objects: number[], pole?: Pole, wording?: number];

/** What each example asks of scene S. */
const ASKS: Readonly<Record<number, Asked>> = {
  50: ['side.yesno', [BLUE, YELLOW], RIGHT],
  51: ['side.yesno', [RED, GREEN], LEFT],
  52: ['front.yesno', [GREEN, RED], BEHIND],
  53: ['distance.between', [BLUE, YELLOW], 0, 1],
  54: ['distance.camera', [GREEN]],
  55: ['side.yesno', [RED, BLUE], LEFT],
  56: ['own-side.where', [GREEN, WHITE]],
  57: ['side.yesno', [RED, BLUE], LEFT],
  58: ['nearer.which', [WHITE, GREEN]],
  59: ['side.yesno', [RED, YELLOW], LEFT],
  60: ['front.yesno', [GREEN, RED], BEHIND],
  62: ['side.yesno', [GREEN, YELLOW], RIGHT],
  63: ['nearer.which', [WHITE, GREEN]],
  64: ['own-side.where', [GREEN, WHITE], LEFT, 1],
  65: ['distance.camera', [GREEN]],
  66: ['distance.between', [RED, YELLOW], 0, 1],
  67: ['side.yesno', [BLUE, GREEN], RIGHT],
  68: ['own-side.where', [BLUE, WHITE]],
  69: ['own-side.where', [GREEN, WHITE]],
  70: ['side.yesno', [BLUE, YELLOW], RIGHT],
  71: ['side.yesno', [RED, BLUE], LEFT],
  72: ['side.yesno', [RED, BLUE], LEFT],
  73: ['count.shape', [RED]],
  74: ['side.yesno', [RED, BLUE], LEFT],
};
/** Question of a row whose own question cannot be asked of scene S. */
const UNASKED = 'Which side?';

/** The worked examples of docs/views.md about scenes, by their number there. */
export const SCENE_EXAMPLES = readExamples(`
50 orbit:90 | Is the blue ball to the right of the yellow cylinder? → Yes
  ⇒ Is the blue ball to the right of the yellow cylinder? → No
51 orbit:90 | Is the red cube to the left of the green cone? → Yes
  =
52 orbit:90 | Is the green cone behind the red cube? → Yes
  ⇒ Is the green cone behind the red cube? → No
53 orbit:90 | How far apart are the blue ball and the yellow cylinder, measured from center to center? → 2.0 meters
  =
54 orbit:90 | How far is the green cone from the camera? → 5.6 meters
  ⇒ How far is the green cone from the camera? → 4.3 meters
55 orbit:90 | Is the red cube to the left of the blue ball? → Yes
  × margin, discard
56 orbit:90 | From the point of view of the white cube, is the green cone on its left or on its right? → left
  =
57 orbit:180 | Is the red cube to the left of the blue ball? → Yes
  ⇒ Is the red cube to the left of the blue ball? → No
58 orbit:180 | Which object is closer to the camera, the white cube or the green cone? → white cube
  ⇒ Which object is closer to the camera, the white cube or the green cone? → green cone
59 orbit:180 | Is the red cube to the left of the yellow cylinder? → Yes
  × margin, discard
60 orbit:180 | Is the green cone behind the red cube? → Yes
  ⇒ Is the green cone in front of the red cube? → Yes
62 depth-mirror | Is the green cone to the right of the yellow cylinder? → Yes
  =
63 depth-mirror | Which object is closer to the camera, the white cube or the green cone? → white cube
  ⇒ Which object is closer to the camera, the white cube or the green cone? → green cone
64 depth-mirror | On which side of itself does the white cube see the green cone? → left
  ⇒ On which side of itself does the white cube see the green cone? → right
65 dolly:1 | How far is the green cone from the camera? → 5.6 meters
  ⇒ How far is the green cone from the camera? → 4.6 meters
66 dolly:1 | How far apart are the red cube and the yellow cylinder, measured from center to center? → 1.4 meters
  =
67 dolly:1 | ${UNASKED} → left
  × margin, discard
68 take:white cube | From the point of view of the white cube, is the blue ball on its left or on its right? → right
  ⇒ Is the blue ball on the left or the right side of the picture? → right
69 take:white cube | From the point of view of the white cube, is the green cone on its left or on its right? → left
  × out_of_sight, discard
70 imagine:orbit:90 | Is the blue ball to the right of the yellow cylinder? → Yes
  ⇒ Imagine that the camera moved a quarter circle to the right around the white cube, still facing it. Is the blue ball then to the right of the yellow cylinder? → No
71 swap:red cube,blue ball | Is the red cube to the left of the blue ball? → Yes
  ⇒ Is the red cube to the left of the blue ball? → No
72 without:yellow cylinder | Is the red cube to the left of the blue ball? → Yes
  =
73 without:white cube | How many cubes are there? → 2
  × counted, discard
74 zoom:1.2 | Is the red cube to the left of the blue ball? → Yes
  =
`).map((example) => ({ ...example, policy: example.n === 60 ? ('keep-answer' as const) : undefined }));

/** The row of an example, as `chirality worlds` writes them. A question that cannot be asked of scene S gets no answer. */
export function rowOfScene({ n, from: [asked] }: ViewExample): Sample {
  const [topic, objects, pole = 0, wording = 0] = ASKS[n]!;
  const [family, form] = topic.split('.') as [Family, string];
  const question: Question = { family, form, pole, wording, objects };
  const o = observe(WORLD, rasterise(WORLD, SIZE));
  const sample: Sample =
    asked === UNASKED
      ? { id: `s${n}`, question: UNASKED, answer: 'left', images: [SIZE] }
      : ask(o, question, 'english', { id: `s${n}` });
  const world = sceneForRow({ ...SCENE_S, question, style: 'english' });
  return { ...sample, meta: { ...sample.meta, world } };
}
