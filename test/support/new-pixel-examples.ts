import type { ViewExample } from './view-examples.ts';

/** Worked examples of views with new pixels (docs/views.md, new pixels), by their number there. */

const CROP = 'crop:0.0625,0.0417,0.9375,0.9583';
const BOX = 'What is the box of the dog?';
const images = [{ w: 640, h: 480 }];

/** Things with their boxes in pixels of 640 × 480. */
const scene = (things: Record<string, number[]>, more: object = {}) => ({
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
});
const boxed = { images, box_format: 'xyxy_px', boxes: [[100, 50, 300, 200]] };
const same = (text: string, answer: string): { from: [string, string]; to: [string, string] } => ({
  from: [text, answer],
  to: [text, answer],
});
/** Two things of 40 × 40 pixels, the second so far to the right of and below the first. */
const apart = (right: number, down: number) =>
  scene({ cup: [240, 140, 280, 180], jug: [240 + right, 140 + down, 280 + right, 180 + down] });

export const NEW_PIXEL_EXAMPLES: readonly ViewExample[] = [
  {
    n: 39,
    view: CROP,
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[60, 30, 260, 180]'],
    row: boxed,
    boxes: [[60, 30, 260, 180]],
  },
  {
    n: 40,
    view: CROP,
    ...same('Is the lamp left of the sofa?', 'Yes'),
    row: scene({ lamp: [100, 100, 150, 200], sofa: [300, 200, 500, 300] }),
  },
  {
    n: 41,
    view: CROP,
    from: ['How many chairs are there?', '4'],
    to: null,
    code: 'cut',
    status: 'discard',
    row: scene({
      chair1: [10, 100, 60, 160],
      chair2: [100, 100, 160, 160],
      chair3: [200, 100, 260, 160],
      chair4: [300, 100, 360, 160],
    }),
  },
  {
    n: 42,
    view: 'crop:0,0,0.46875,1',
    from: ['Is the dog in the left half of the image?', 'Yes'],
    to: ['Is the dog in the left half of the image?', 'No'],
    row: scene({ dog: [170, 100, 230, 160] }),
  },
  {
    n: 43,
    view: CROP,
    ...same('How far is the chair from the camera?', '3.0 meters'),
    row: scene({ chair: [100, 100, 160, 160] }),
  },
  {
    n: 44,
    view: CROP,
    ...same('Which is closest to the camera?', 'the mug'),
    row: scene({ mug: [300, 300, 340, 350], plate: [0, 200, 100, 260] }),
  },
  {
    n: 45,
    view: 'scale:0.5',
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[50, 25, 150, 100]'],
    row: boxed,
    boxes: [[50, 25, 150, 100]],
  },
  { n: 46, view: 'roll:10', ...same('Is the cup left of the jug?', 'Yes'), row: apart(120, 10) },
  {
    n: 47,
    view: 'roll:10',
    from: ['Is the cup left of the jug?', 'Yes'],
    to: null,
    code: 'margin',
    status: 'discard',
    row: apart(30, 140),
  },
  {
    n: 48,
    view: 'pan:8',
    ...same('How far apart are the two poles?', '4 meters'),
    row: scene({ pole1: [250, 100, 262, 300], pole2: [380, 100, 392, 300] }, { meta: { focal_px: 640 } }),
  },
  {
    n: 48,
    view: 'pan:8',
    from: ['How far apart are the two poles?', '4 meters'],
    to: null,
    code: 'no_focal',
    status: 'needs_llm',
    row: scene({ pole1: [250, 100, 262, 300], pole2: [380, 100, 392, 300] }),
  },
  {
    n: 49,
    view: 'grey',
    from: ['Is the red cube left of the blue ball?', 'Yes'],
    to: null,
    code: 'colour',
    status: 'discard',
  },
  { n: 100, view: 'light:0.5', ...same('Is the red cube left of the blue ball?', 'Yes') },
];
