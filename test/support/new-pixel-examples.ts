import { readExamples, type ViewExample } from './view-examples.ts';

/** Worked examples of views with new pixels (docs/views.md, new pixels), by their number there. */

const CROP = 'crop:0.0625,0.0417,0.9375,0.9583';
const images = [{ w: 640, h: 480 }];

/** Things with their boxes in pixels of 640 × 480. */
const scene = (things: Record<string, number[]>, more: object = {}) => ({
  row: {
    images,
    scene_graph: {
      version: 1,
      complete: true,
      image: { w: 640, h: 480 },
      objects: Object.entries(things).map(([name, box], i) => ({
        id: `o${i}`,
        label: name.replace(/\d/, ''),
        box,
      })),
      relations: [],
    },
    ...more,
  },
});
const boxed = (box: number[]) => ({
  row: { images, box_format: 'xyxy_px', boxes: [[100, 50, 300, 200]] },
  boxes: [box],
});
/** Two things of 40 × 40 pixels, the second so far to the right of and below the first. */
const apart = (right: number, down: number) =>
  scene({ cup: [240, 140, 280, 180], jug: [240 + right, 140 + down, 280 + right, 180 + down] });
const chair = (x: number, right = x + 60) => [x, 100, right, 160];
const POLES = { pole1: [250, 100, 262, 300], pole2: [380, 100, 392, 300] };

export const NEW_PIXEL_EXAMPLES: readonly ViewExample[] = readExamples(
  `
39 ${CROP} | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [60, 30, 260, 180]
40 ${CROP} | Is the lamp left of the sofa? → Yes
  =
41 ${CROP} | How many chairs are there? → 4
  × cut, discard
42 crop:0,0,0.46875,1 | Is the dog in the left half of the image? → Yes
  ⇒ Is the dog in the left half of the image? → No
43 ${CROP} | How far is the chair from the camera? → 3.0 meters
  =
44 ${CROP} | Which is closest to the camera? → the mug
  =
45 scale:0.5 | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [50, 25, 150, 100]
46 roll:10 | Is the cup left of the jug? → Yes
  =
47 roll:10 | Is the cup left of the jug? → Yes
  × margin, discard
48 pan:8 | How far apart are the two poles? → 4 meters
  =
48b pan:8 | How far apart are the two poles? → 4 meters
  × no_focal, needs_llm
49 grey | Is the red cube left of the blue ball? → Yes
  × colour, discard
100 light:0.5 | Is the red cube left of the blue ball? → Yes
  =
`,
  {
    [`39 ${CROP}`]: boxed([60, 30, 260, 180]),
    [`40 ${CROP}`]: scene({ lamp: [100, 100, 150, 200], sofa: [300, 200, 500, 300] }),
    [`41 ${CROP}`]: scene({
      chair1: chair(10, 60),
      chair2: chair(100),
      chair3: chair(200),
      chair4: chair(300),
    }),
    '42 crop:0,0,0.46875,1': scene({ dog: [170, 100, 230, 160] }),
    [`43 ${CROP}`]: scene({ chair: chair(100) }),
    [`44 ${CROP}`]: scene({ mug: [300, 300, 340, 350], plate: [0, 200, 100, 260] }),
    '45 scale:0.5': boxed([50, 25, 150, 100]),
    '46 roll:10': apart(120, 10),
    '47 roll:10': apart(30, 140),
    '48 pan:8': scene(POLES, { meta: { focal_px: 640 } }),
    '48b pan:8': scene(POLES),
  },
);
