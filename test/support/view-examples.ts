/**
 * The worked examples of docs/views.md that need no world and no sequence, by their number there. `to`: question and
 * answer in the view, null where the row has none; `code` says why.
 */
export interface ViewExample {
  n: number;
  view: string;
  from: [question: string, answer: string];
  to: [question: string, answer: string] | null;
  row?: Record<string, unknown>;
  boxes?: number[][];
  code?: string;
  status?: string;
  anchor?: true;
}

const size = [{ w: 640, h: 480 }];
const TOP = { meta: { viewpoint: 'top_down' } };
const BOX = 'What is the box of the dog?';
const box = (text: string, more: object = {}) => ({
  row: { images: size, box_format: 'xyxy_px', boxes: [JSON.parse(text) as number[]], ...more },
});
const same = (text: string, answer: string): { from: [string, string]; to: [string, string] } => ({
  from: [text, answer],
  to: [text, answer],
});

export const EXAMPLES: readonly ViewExample[] = [
  {
    n: 1,
    view: 'mirror',
    from: ['Is the red cube to the left of the blue ball?', 'Yes'],
    to: ['Is the red cube to the right of the blue ball?', 'Yes'],
  },
  {
    n: 2,
    view: 'mirror',
    from: ['On which side of the blue ball is the red cube, left or right?', 'left'],
    to: ['On which side of the blue ball is the red cube, right or left?', 'right'],
  },
  {
    n: 1,
    view: 'mirror/keep',
    from: ['Is the red cube to the left of the blue ball?', 'Yes'],
    to: ['Is the red cube to the left of the blue ball?', 'No'],
  },
  {
    n: 1,
    view: 'mirror/keep',
    from: ['Is the cube to the left of the ball?', 'No, it is to the right.'],
    to: ['Is the cube to the left of the ball?', 'Yes, it is to the left.'],
    row: { meta: { no_tie: true } },
  },
  {
    n: 1,
    view: 'mirror/keep',
    from: ['Is the red cube to the left of the blue ball?', 'No'],
    to: null,
    code: 'not_turned',
  },
  {
    n: 2,
    view: 'mirror/keep',
    from: ['On which side of the blue ball is the red cube, left or right?', 'left'],
    to: ['On which side of the blue ball is the red cube, left or right?', 'right'],
  },
  {
    n: 7,
    view: 'mirror/keep',
    from: ['How far is the chair from the table?', '2.1 meters'],
    to: null,
    code: 'not_turned',
  },
  {
    n: 4,
    view: 'rotate:180',
    from: ['In the image, is the mug to the left of the plate?', 'Yes'],
    to: ['In the image, is the mug to the right of the plate?', 'Yes'],
  },
  {
    n: 5,
    view: 'rotate:180',
    from: ['Which is higher in the image, the lamp or the clock?', 'the lamp'],
    to: ['Which is lower in the image, the lamp or the clock?', 'the lamp'],
  },
  {
    n: 6,
    view: 'rotate:180',
    from: ['What is in the top-left corner of the image?', 'a window'],
    to: ['What is in the bottom-right corner of the image?', 'a window'],
  },
  { n: 7, view: 'rotate:180', ...same('How far is the chair from the table?', '2.1 meters') },
  { n: 8, view: 'rotate:180', ...same('How many cups are there?', '3') },
  {
    n: 9,
    view: 'rotate:180',
    from: ['Is the cat on top of the box?', 'Yes'],
    to: null,
    code: 'gravity',
    status: 'needs_llm',
  },
  {
    n: 10,
    view: 'rotate:180',
    from: ['Is the chair to the left of the table?', 'Yes'],
    to: null,
    code: 'no_anchor',
    status: 'needs_llm',
  },
  {
    n: 11,
    view: 'rotate:180',
    anchor: true,
    from: ['Is the chair to the left of the table?', 'Yes'],
    to: ['In the image as shown, is the chair to the right of the table?', 'Yes'],
  },
  {
    n: 12,
    view: 'rotate:180',
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[340, 280, 540, 430]'],
    ...box('[100,50,300,200]'),
    boxes: [[340, 280, 540, 430]],
  },
  { n: 13, view: 'rotate:180', ...same('Which hand holds the cup?', 'her left hand') },
  {
    n: 14,
    view: 'rotate:180',
    from: ['What does the sign say?', 'STOP'],
    to: null,
    code: 'writing',
    status: 'discard',
  },
  { n: 15, view: 'rotate:180', ...same('Is the plate in front of the glass?', 'Yes') },
  {
    n: 21,
    view: 'rotate:90',
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[280, 100, 430, 300]'],
    ...box('[100,50,300,200]'),
    boxes: [[280, 100, 430, 300]],
  },
  {
    n: 22,
    view: 'rotate:90',
    from: [BOX, '[100, 200, 300, 400]'],
    to: [BOX, '[600, 100, 800, 300]'],
    ...box('[100,200,300,400]', { box_format: 'xyxy_1000' }),
    boxes: [[600, 100, 800, 300]],
  },
  {
    n: 23,
    view: 'rotate:270',
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[50, 340, 200, 540]'],
    ...box('[100,50,300,200]'),
    boxes: [[50, 340, 200, 540]],
  },
  {
    n: 24,
    view: 'rotate:90',
    from: ['Does the roundabout traffic run clockwise?', 'Yes'],
    to: null,
    status: 'needs_llm',
  },
  {
    n: 26,
    view: 'rotate:90',
    from: ['Is the lot north of the church?', 'Yes'],
    to: null,
    status: 'needs_llm',
  },
  {
    n: 27,
    view: 'rotate:90',
    from: ['Is this picture landscape or portrait?', 'landscape'],
    to: null,
    code: 'about_picture',
    status: 'discard',
  },
  {
    n: 29,
    view: 'flip',
    from: ['Is the kite higher in the image than the tree?', 'Yes'],
    to: ['Is the kite lower in the image than the tree?', 'Yes'],
  },
  { n: 30, view: 'flip', ...same('In the image, is the cup left of the jug?', 'Yes') },
  {
    n: 31,
    view: 'flip',
    from: ['Does the wheel turn clockwise?', 'Yes'],
    to: ['Does the wheel turn counterclockwise?', 'Yes'],
  },
  {
    n: 32,
    view: 'flip',
    from: ["Which of the man's hands is raised?", 'the left hand'],
    to: ["Which of the man's hands is raised?", 'the right hand'],
  },
  {
    n: 33,
    view: 'flip',
    from: ['Towards which hour does the arrow in the image point?', '2'],
    to: ['Towards which hour does the arrow in the image point?', '4'],
  },
  {
    n: 34,
    view: 'flip',
    from: ['Is the ball under the table?', 'Yes'],
    to: null,
    code: 'gravity',
    status: 'needs_llm',
  },
  {
    n: 36,
    view: 'antitranspose',
    from: [BOX, '[100, 50, 300, 200]'],
    to: [BOX, '[280, 340, 430, 540]'],
    ...box('[100,50,300,200]'),
    boxes: [[280, 340, 430, 540]],
  },
  {
    n: 37,
    view: 'mirror',
    from: ["The bus is at your 2 o'clock. True?", 'True'],
    to: ["The bus is at your 10 o'clock. True?", 'True'],
  },
  {
    n: 38,
    view: 'rotate:90',
    from: ["The bus is at your 2 o'clock. True?", 'True'],
    to: null,
    status: 'needs_llm',
  },
  {
    n: 90,
    view: 'converse',
    from: ['Is the cup to the left of the jug?', 'Yes'],
    to: ['Is the jug to the right of the cup?', 'Yes'],
  },
  {
    n: 91,
    view: 'converse',
    from: ['Is the stool near the door?', 'Yes'],
    to: ['Is the door near the stool?', 'Yes'],
  },
  {
    n: 92,
    view: 'converse',
    from: ['Is the man in front of the car?', 'Yes'],
    to: null,
    status: 'needs_llm',
  },
  {
    n: 93,
    view: 'exchange-names',
    from: ['Is the cup to the left of the jug?', 'Yes'],
    to: ['Is the jug to the left of the cup?', 'No'],
  },
  {
    n: 94,
    view: 'exchange-names',
    from: ['Is the cup to the left of the jug?', 'No'],
    to: null,
    code: 'tie',
    status: 'discard',
  },
  {
    n: 94,
    view: 'exchange-names',
    from: ['Is the cup to the left of the jug?', 'No'],
    to: ['Is the jug to the left of the cup?', 'Yes'],
    row: { meta: { no_tie: true } },
  },
  {
    n: 95,
    view: 'exchange-names',
    from: ['Which is closer, the cup or the jug?', 'the cup'],
    to: ['Which is closer, the jug or the cup?', 'the cup'],
  },
  {
    n: 96,
    view: 'permute-options:1',
    from: ['Where is the cup? (A) left (B) right', 'A'],
    to: ['Where is the cup? (A) right (B) left', 'B'],
  },
  {
    n: 97,
    view: 'extend-options',
    from: ['Is the cup left or right of the jug?', 'left'],
    to: ['Is the cup left of, right of or below the jug?', 'left'],
    row: {
      images: size,
      box_format: 'xyxy_px',
      boxes: [
        [100, 200, 160, 260],
        [300, 205, 380, 262],
      ],
    },
  },
  {
    n: 98,
    view: 'mirror',
    from: ['Is the picture of the ship on the left?', 'Yes'],
    to: ['Is the picture of the ship on the right?', 'Yes'],
  },
  {
    n: 99,
    view: 'rotate:180',
    from: ['Is the sky above the sea?', 'Yes'],
    to: null,
    code: 'gravity',
    status: 'needs_llm',
  },
  {
    n: 16,
    view: 'rotate:90',
    from: ['Is the car to the left of the house?', 'Yes'],
    to: ['Is the car above the house in the image?', 'Yes'],
    row: TOP,
  },
  {
    n: 17,
    view: 'rotate:90',
    from: ['Is the pool below the road?', 'No'],
    to: ['Is the pool to the left of the road?', 'No'],
    row: TOP,
  },
  {
    n: 18,
    view: 'rotate:90',
    from: ['Which building is leftmost in the image?', 'the hospital'],
    to: ['Which building is topmost in the image?', 'the hospital'],
    row: TOP,
  },
  {
    n: 19,
    view: 'rotate:90',
    from: ['List the ships from left to right.', 'A, B, C'],
    to: ['List the ships from top to bottom.', 'A, B, C'],
    row: TOP,
  },
  {
    n: 20,
    view: 'rotate:90',
    from: ['What colour is the second boat from the left?', 'white'],
    to: ['What colour is the second boat from the top?', 'white'],
    row: TOP,
  },
  {
    n: 25,
    view: 'rotate:90',
    from: ['The truck is at the top left of the image. True or false?', 'True'],
    to: ['The truck is at the top right of the image. True or false?', 'True'],
  },
  {
    n: 35,
    view: 'transpose',
    from: ['In the image, is the key to the right of the coin?', 'Yes'],
    to: ['In the image, is the key below the coin?', 'Yes'],
  },
  {
    n: 50,
    view: 'orbit:90',
    from: ['Is the blue ball to the right of the yellow cylinder?', 'Yes'],
    to: null,
    code: 'no_world',
    status: 'discard',
  },
];

export const rowOfExample = ({ n, from: [question, answer], row }: ViewExample): Record<string, unknown> => ({
  id: `example-${n}`,
  question,
  answer,
  images: [],
  ...row,
});
