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

const EXAMPLE = /^(\d+)\w? (.+) \| (.+) → (.+)\n {2}(?:(=)|⇒ (.+) → (.+)|× (?:(\w+), )?(\w+))$/;

/**
 * Reads examples: number and view, the row's question and answer, and on the next line those of the view (⇒), that they
 * stay (=), or why there is no view (×). A letter after the number tells examples of one number apart.
 * @param more other fields, by number and view
 */
export const readExamples = (
  text: string,
  more: Readonly<Record<string, Partial<ViewExample>>> = {},
): ViewExample[] =>
  text
    .trim()
    .split(/\n(?=\d)/)
    .map((example) => {
      const [, n, view, question, answer, stays, asked, becomes, code, status] = EXAMPLE.exec(example)!;
      const from = [question!, answer!] as [string, string];
      return {
        n: Number(n),
        view: view!,
        from,
        to: stays ? from : asked ? [asked, becomes!] : null,
        ...(code && { code }),
        ...(status && { status }),
        ...more[example.slice(0, example.indexOf(' |'))],
      };
    });

const images = [{ w: 640, h: 480 }];
const box = (from: number[], to: number[], box_format = 'xyxy_px') => ({
  row: { images, box_format, boxes: [from] },
  boxes: [to],
});
const NO_TIE = { row: { meta: { no_tie: true } } };
const TOP = { row: { meta: { viewpoint: 'top_down' } } };

export const EXAMPLES: readonly ViewExample[] = readExamples(
  `
1 mirror | Is the red cube to the left of the blue ball? → Yes
  ⇒ Is the red cube to the right of the blue ball? → Yes
2 mirror | On which side of the blue ball is the red cube, left or right? → left
  ⇒ On which side of the blue ball is the red cube, right or left? → right
1 mirror/keep | Is the red cube to the left of the blue ball? → Yes
  ⇒ Is the red cube to the left of the blue ball? → No
1b mirror/keep | Is the cube to the left of the ball? → No, it is to the right.
  ⇒ Is the cube to the left of the ball? → Yes, it is to the left.
1c mirror/keep | Is the red cube to the left of the blue ball? → No
  × not_turned, discard
2 mirror/keep | On which side of the blue ball is the red cube, left or right? → left
  ⇒ On which side of the blue ball is the red cube, left or right? → right
7 mirror/keep | How far is the chair from the table? → 2.1 meters
  × not_turned, discard
4 rotate:180 | In the image, is the mug to the left of the plate? → Yes
  ⇒ In the image, is the mug to the right of the plate? → Yes
5 rotate:180 | Which is higher in the image, the lamp or the clock? → the lamp
  ⇒ Which is lower in the image, the lamp or the clock? → the lamp
6 rotate:180 | What is in the top-left corner of the image? → a window
  ⇒ What is in the bottom-right corner of the image? → a window
7 rotate:180 | How far is the chair from the table? → 2.1 meters
  =
8 rotate:180 | How many cups are there? → 3
  =
9 rotate:180 | Is the cat on top of the box? → Yes
  × gravity, needs_llm
10 rotate:180 | Is the chair to the left of the table? → Yes
  × no_anchor, needs_llm
11 rotate:180 | Is the chair to the left of the table? → Yes
  ⇒ In the image as shown, is the chair to the right of the table? → Yes
12 rotate:180 | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [340, 280, 540, 430]
13 rotate:180 | Which hand holds the cup? → her left hand
  =
14 rotate:180 | What does the sign say? → STOP
  × writing, discard
15 rotate:180 | Is the plate in front of the glass? → Yes
  =
21 rotate:90 | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [280, 100, 430, 300]
22 rotate:90 | What is the box of the dog? → [100, 200, 300, 400]
  ⇒ What is the box of the dog? → [600, 100, 800, 300]
23 rotate:270 | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [50, 340, 200, 540]
24 rotate:90 | Does the roundabout traffic run clockwise? → Yes
  × needs_llm
26 rotate:90 | Is the lot north of the church? → Yes
  × needs_llm
27 rotate:90 | Is this picture landscape or portrait? → landscape
  × about_picture, discard
29 flip | Is the kite higher in the image than the tree? → Yes
  ⇒ Is the kite lower in the image than the tree? → Yes
30 flip | In the image, is the cup left of the jug? → Yes
  =
31 flip | Does the wheel turn clockwise? → Yes
  ⇒ Does the wheel turn counterclockwise? → Yes
32 flip | Which of the man's hands is raised? → the left hand
  ⇒ Which of the man's hands is raised? → the right hand
33 flip | Towards which hour does the arrow in the image point? → 2
  ⇒ Towards which hour does the arrow in the image point? → 4
34 flip | Is the ball under the table? → Yes
  × gravity, needs_llm
36 antitranspose | What is the box of the dog? → [100, 50, 300, 200]
  ⇒ What is the box of the dog? → [280, 340, 430, 540]
37 mirror | The bus is at your 2 o'clock. True? → True
  ⇒ The bus is at your 10 o'clock. True? → True
38 rotate:90 | The bus is at your 2 o'clock. True? → True
  × needs_llm
90 converse | Is the cup to the left of the jug? → Yes
  ⇒ Is the jug to the right of the cup? → Yes
91 converse | Is the stool near the door? → Yes
  ⇒ Is the door near the stool? → Yes
92 converse | Is the man in front of the car? → Yes
  × needs_llm
93 exchange-names | Is the cup to the left of the jug? → Yes
  ⇒ Is the jug to the left of the cup? → No
94 exchange-names | Is the cup to the left of the jug? → No
  × tie, discard
94b exchange-names | Is the cup to the left of the jug? → No
  ⇒ Is the jug to the left of the cup? → Yes
95 exchange-names | Which is closer, the cup or the jug? → the cup
  ⇒ Which is closer, the jug or the cup? → the cup
96 permute-options:1 | Where is the cup? (A) left (B) right → A
  ⇒ Where is the cup? (A) right (B) left → B
97 extend-options | Is the cup left or right of the jug? → left
  ⇒ Is the cup left of, right of or below the jug? → left
98 mirror | Is the picture of the ship on the left? → Yes
  ⇒ Is the picture of the ship on the right? → Yes
99 rotate:180 | Is the sky above the sea? → Yes
  × gravity, needs_llm
16 rotate:90 | Is the car to the left of the house? → Yes
  ⇒ Is the car above the house in the image? → Yes
17 rotate:90 | Is the pool below the road? → No
  ⇒ Is the pool to the left of the road? → No
18 rotate:90 | Which building is leftmost in the image? → the hospital
  ⇒ Which building is topmost in the image? → the hospital
19 rotate:90 | List the ships from left to right. → A, B, C
  ⇒ List the ships from top to bottom. → A, B, C
20 rotate:90 | What colour is the second boat from the left? → white
  ⇒ What colour is the second boat from the top? → white
25 rotate:90 | The truck is at the top left of the image. True or false? → True
  ⇒ The truck is at the top right of the image. True or false? → True
35 transpose | In the image, is the key to the right of the coin? → Yes
  ⇒ In the image, is the key below the coin? → Yes
50 orbit:90 | Is the blue ball to the right of the yellow cylinder? → Yes
  × no_world, discard
`,
  {
    '1b mirror/keep': NO_TIE,
    '11 rotate:180': { anchor: true },
    '12 rotate:180': box([100, 50, 300, 200], [340, 280, 540, 430]),
    '16 rotate:90': TOP,
    '17 rotate:90': TOP,
    '18 rotate:90': TOP,
    '19 rotate:90': TOP,
    '20 rotate:90': TOP,
    '21 rotate:90': box([100, 50, 300, 200], [280, 100, 430, 300]),
    '22 rotate:90': box([100, 200, 300, 400], [600, 100, 800, 300], 'xyxy_1000'),
    '23 rotate:270': box([100, 50, 300, 200], [50, 340, 200, 540]),
    '36 antitranspose': box([100, 50, 300, 200], [280, 340, 430, 540]),
    '94b exchange-names': NO_TIE,
    '97 extend-options': {
      row: {
        images,
        box_format: 'xyxy_px',
        boxes: [
          [100, 200, 160, 260],
          [300, 205, 380, 262],
        ],
      },
    },
  },
);

export const rowOfExample = ({ n, from: [question, answer], row }: ViewExample): Record<string, unknown> => ({
  id: `example-${n}`,
  question,
  answer,
  images: [],
  ...row,
});
