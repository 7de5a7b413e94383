import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mirrorSample } from '../../../../src/core/spatial/mirror/mirror-sample.ts';
import { TRIGGERS } from '../../../../src/core/spatial/mirror/triggers.ts';
import { flipPolarity } from '../../../../src/core/spatial/polarity/flip.ts';
import type { MirrorVariant, PolarityVariant, Sample } from '../../../../src/core/spatial/sample.ts';

/*
 * What the English rules make of every row of the working corpora, and of frames filled with the words of their lists:
 * texts, rules, checks and reasons, one row a line. Whoever changes a rule sees here which other rows move
 * (`npx vitest run --project unit test/unit/core/spatial/outcomes.test.ts -u`), and reads the difference.
 */

const corpus = (name: string): Sample[] =>
  readFileSync(new URL(`../../../fixtures/corpus/${name}.jsonl`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { sample: Sample }).sample);

/** A row from "question → answer", with choices after "|". */
function row(text: string): Sample {
  const [question = '', rest = ''] = text.split(' → ');
  const [answer = '', ...choices] = rest.split(' | ');
  return { id: text, question, answer, images: [{ path: 'a.png' }], ...(choices.length > 0 && { choices }) };
}

/** Every frame with every word in the place of `_`; a word may bring its partner after "/", for the place of `~`. */
const fill = (frames: readonly string[], words: string): Sample[] =>
  frames.flatMap((frame) =>
    words.split(' ').map((pair) => {
      const [word = '', partner = ''] = pair.replaceAll('_', ' ').split('/');
      return row(frame.replaceAll('~', partner).replaceAll('_', word));
    }),
  );

const GRADED =
  'closer/farther nearer/further taller/shorter higher/lower bigger/smaller larger/smaller wider/narrower longer/shorter ' +
  'thicker/thinner deeper/shallower heavier/lighter older/newer brighter/darker';
const MOST =
  'closest nearest farthest furthest tallest shortest highest lowest biggest largest smallest widest narrowest longest ' +
  'leftmost rightmost topmost';
const PLACES =
  'left_of right_of to_the_left_of to_the_right_of above below on_top_of under behind in_front_of next_to between ' +
  'inside near on_the_left_side_of at_the_right_end_of on_the_far_left_of facing_left_of';

const FRAMES = [
  ...fill(
    [
      'Is the cup _ than the jug? → Yes',
      'Is the cup _ or ~ than the jug? → _',
      'Which is _, the cup or the jug? → the cup',
      'Which of the two is _: (A) cup (B) jug? → B | cup | jug',
      'Does the cup look _ to the camera than the jug? → No, it is ~.',
      'How much _ is the cup than the jug? → 2 m',
      'Are the three cups _ than the jug, or not? → They are not.',
      'Is the CUP not _ than the jug? → True',
    ],
    GRADED,
  ),
  ...fill(
    [
      'Which cup is _? → the red one',
      'Is the red cup the _ of the three? → Yes, it is the _.',
      'What is the _ object? → jug | cup | jug | plate',
      'What is the second _ object from the camera? → the jug',
    ],
    MOST,
  ),
  ...fill(
    [
      'Is the cup _ the jug? → Yes',
      'Is the cup _ the jug? → No, it is _ the plate.',
      'What is _ the jug? → the cup',
      'Where is the cup? → It is _ the jug.',
      'Which statement is true? → A | The cup is _ the jug | The jug is _ the cup',
      "From the man's view, what is _ the jug? → the cup",
      'In the mirror, is the cup _ the jug? → no',
    ],
    PLACES,
  ),
  ...fill(
    [
      "Is the cup in the man's _ hand? → Yes, the _ one.",
      'Did they choose the _ answer? → Yes',
      'Is the arrow pointing _? → No, it points ~.',
      'Turn _ at the jug, then which way is the cup? → _',
      'Is the cup in the top _ corner? → Yes',
      'Which side is the cup on? → the _ side | left | right',
      'What is on the _? → a sign | a sign | a cup',
      'Does the car drive on the _ side of the road? → Yes',
      'Is the cup at 3 o’clock of the jug, or on the _? → on the _',
      'Is the _ cup bigger than the ~ cup? → the _ one',
      'What is _ in the jug? → milk',
      'Is the _most cup red? → the _most, yes',
    ],
    'left/right right/left',
  ),
  ...fill(
    ['What is the _ of the car? → KX51 ABC', 'What is the _ of the car? → red', 'Which _ is it? → Waterloo'],
    'plate name colour number shape brand station price year word time material size letter title direction',
  ),
];

/** Readings, frames and forms of answers that the corpora have seldom. */
const OTHERS = [
  'Is the top-left corner red? → Yes, the upper left corner.',
  'What is in the bottom right-hand corner? → a cup',
  'Is the cup in the lowerleft corner? → No',
  'Which quadrant is the cup in? → upper-left | upper-left | upper right | lower left | lower right',
  'What is the position of the cup? → {"side": "left", "depth": "near"}',
  `Where is the cup? → {"position": "top right", 'hand': 'left'}`,
  'Where is the cup? → [0.1, 0.2, 0.3, 0.4]',
  'Where does the arrow ← point? → left',
  'Which way does ↖ point? → to the upper left',
  'Is the L button pressed? → the L one',
  'Is the R/L switch at L? → L',
  'Is it on the left (L) or right (R) side? → R',
  "Is the car's left-hand door open? → Yes, its left-hand door is.",
  'Is the LEFT lamp on? → LEFT',
  'Is Left Street busy? → Yes',
  'Is the cup left-aligned? → left-aligned, yes',
  'Is the plate to the right-hand side of the "left" sign? → Yes',
  'What does the "Turn Left" sign point to? → the right',
  'Is the man left-handed? → Yes',
  'Who is to the left & right of the man? → Anna and Ben',
  'Is anything left, right? → Nothing is left.',
  'How many people are left of the tree, and how many right? → 2 left, 3 right',
  'From left to right, what are the colours? → red, green, blue',
  'List the cups from right to left. → red, green and blue',
  'What are the first and the last cup from the left? → red; blue',
  'What is the third cup from the right? → the red one',
  'Is the cup to the left or to the right of the jug? → left',
  'Is the cup left or right of the jug, seen from the man? → right',
  'On his left, is there a dog? → Yes, on his left.',
  'Is the dog on the left of the picture and the cat on the right? → Yes',
  'Is the red cup closer to the left edge than the blue cup is to the right edge? → No',
  'Is the cup clockwise of the jug? → counterclockwise',
  'Does the fan turn counter-clockwise? → Yes',
  "Is the cup at 2 o'clock? → At 2 o'clock.",
  'What time is it? → half past two',
  'Is the cup east of the jug? → west',
  'Is the cup 30 degrees to the left? → 30° to the left',
  'Does he write with his right hand? → right',
  'Are the scissors left-handed? → no',
  'How far is the left cup from the right cup? → 2 m',
  'Measure the distance between the left chair and the right chair. → 1.5 meters',
  'If I turn right, is the cup in front of me? → Yes',
  'Facing the door, what is to my left? → the window',
  'You stand at the sofa and look at the TV. What is on your right? → the lamp',
  'What is left of the cake? → crumbs',
  'What is right? → the cup',
  'Which is right? → B | the cup | the jug',
  'Is it right that the cup is left? → Yes',
  'The left one is bigger, right? → Yes',
  'Right, what is the leftmost cup? → the red one',
  'Is the cup on the same side as the jug? → Yes, both are on the left.',
  'Are the cups on opposite sides? → Yes, left and right.',
  'Which is closer to the camera: the cup, the jug or the plate? → the jug | cup | jug | plate',
  'Which is farther from the sofa, the chair on the left or the chair on the right? → the left chair',
  'Which of these is tallest, a cup or a jug? → a jug | a cup | a jug',
  'Among the cup, jug and plate, which is the lowest? → plate',
  'Is the man taller than both women? → Yes',
  'Are there more cups than jugs? → Yes',
  'Is the cup as tall as the jug? → Yes',
  'Is the cup twice as tall as the jug? → No',
  'Is the cup much taller than the jug? → No, only slightly.',
  'Is the cup less tall than the jug? → Yes',
  'Is the cup at least as near as the jug? → Yes',
  'Who is nearer to the door, Anna or Ben? → Ben',
  'Between Anna and Ben, who is taller? → Anna is taller.',
  'Who is taller? (A) Anna (B) Ben → (B) Ben',
  'Is Anna taller or shorter than Ben? → Anna is shorter.',
  'Do you think the cup is wider than it is tall? → wider',
  'Is the cup in front of or behind the jug? → in front',
  'Can you tell if the cup is above the jug? → Yes, it is above it.',
  'Is the cup higher up than the jug? → Correct, it is.',
  'Is it true that the cup is smaller than the jug? → That is true.',
  'Is the cup not behind the jug? → It is not.',
  "Isn't the cup under the table? → No",
  'Is the cup inside or outside the box? → inside',
  'Does the box contain the cup? → Yes',
  'Is the cup far from the jug? → Yes, quite far.',
  'Are the cup and the jug close together? → No, far apart.',
  'Which pair is closest together? → the cups | the cups | the jugs',
  'Is the larger of the two cups red? → Yes',
  'What is the colour of the nearest cup? → red',
  'How many cups are taller than the jug? → 2',
  'Rank the cups by height, tallest first. → red, blue, green',
  'Which cup is the second tallest? → blue',
  'Is the camera looking down? → Yes',
  'Is the cup touching the jug? → No',
  'Is the cup at the front or at the back? → back',
  'Is the upper shelf longer than the lower shelf? → the upper one',
].map(row);

/** What pulls a trigger, and what nearly does. */
const PULLED = TRIGGERS.flatMap(({ example, counterExample }) => [example, counterExample]).map(row);

const MADE = [...FRAMES, ...OTHERS, ...PULLED];

const texts = ({ question, answer, choices }: Pick<Sample, 'question' | 'answer' | 'choices'>): string =>
  [`${question} → ${answer}`, ...(choices ?? [])].join(' | ');

/** One line: status, rules, the checks by outcome, reason; and the texts where they changed. */
function outcome(before: Sample, variant: MirrorVariant | PolarityVariant): string {
  const { status, rules = [], checks = {}, route, question, answer, choices, reasoning, ...more } = variant;
  const by = (verdict: string) =>
    Object.entries(checks).flatMap(([name, found]) => (found === verdict ? [name] : []));
  const after = { question: question ?? '', answer: answer ?? '', ...(choices && { choices }) };
  return JSON.stringify([
    texts(before),
    texts(after) === texts(before) ? '=' : texts(after),
    [status, route, rules.join(' ')].join(', '),
    ...(reasoning === undefined || reasoning === before.reasoning ? [] : [reasoning]),
    { pass: by('pass').length, fail: by('fail').join(' '), open: by('undecidable').join(' ') },
    JSON.stringify({ ...more, scene_graph: undefined }),
  ]);
}

it.each([
  ['mirror', [...corpus('mirror'), ...corpus('reading'), ...MADE], mirrorSample],
  ['polarity', [...corpus('polarity'), ...MADE], flipPolarity],
] as const)('of the %s rules are those on record', async (name, rows, apply) => {
  const lines = rows.map((sample) => outcome(sample, apply(sample)));
  const path = `../../../fixtures/corpus/outcomes/${name}.txt`;
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(path);
});
