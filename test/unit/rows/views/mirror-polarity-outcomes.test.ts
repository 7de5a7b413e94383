import { expect, it } from 'vitest';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { TRIGGER_CASES } from '../read/trigger-cases.ts';
import { flipPolarity } from '../../../../src/rows/views/polarity/flip.ts';
import type { MirrorVariant, PolarityVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { readRows } from '../../../support/rows.ts';

/*
 * What the English rules make of every row of the working corpora, and of frames filled with the words of their lists:
 * texts, rules, checks and reasons, one row a line. Whoever changes a rule sees here which other rows move
 * (`npx vitest run --project unit test/unit/rows/views/mirror-polarity-outcomes.test.ts -u`), and reads the difference.
 */

const corpus = (name: string): Sample[] =>
  readRows<{ sample: Sample }>(new URL(`../../../fixtures/corpus/${name}.jsonl`, import.meta.url)).map(
    (row) => row.sample,
  );

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

/** Forms of answers, of options and of counts; `_` stands for a blank. */
const FORMS = [
  ...fill(
    ['Which is closer, the cup or the jug? → _', 'Which is to the left, the cup or the jug? → _'],
    'cup The_cup. It_is_the_cup. That_would_be_the_jug! Answer:_(A) The_correct_answer_is_the_jug. The_answer_is:jug B (b) b. A)_cup "the_jug" ' +
      'the_jug_is_closer The_jug_is_further_left. Both Neither_of_them. the_jug,_which_is_closer The_cup_is_not_closer. not_the_cup ' +
      'the_one_on_the_left closer left the_jug_is_farther No cup_and_jug the_first the_second_one CUP the_red_cup The_cup’s. cup_(red)',
  ),
  ...fill(
    ['Is the cup closer than the jug? → _', 'Is the cup left of the jug? → _'],
    'TRUE false. Correct Indeed Yes,_the_cup_is. No,_it_isn’t. Yes;_it_is_closer. No,_it_is_to_the_right. Not_at_all Yes,_not_the_jug. ' +
      'The_cup_is_closer. It’s_farther_away. It_does_not. They_are_equally_far. Probably No,_the_jug_is. Yes._The_cup_is_left_of_the_jug.',
  ),
  ...fill(
    ['Which is closer_ → A', 'Which is closer_ → jug', 'Which one is further to the left_ → (B) jug'],
    '?_(A)_cup_(B)_jug :_A._cup_B._jug ?\nA)_cup\nB)_jug ?_Options:_cup,_jug_or_plate ?_Choices:_cup,,_jug ?_choose_between:_cup_or_jug. ' +
      ',_cup_or_jug —_the_cup,_the_jug,_or_the_plate? ?_(A)_the_cup_is_closer_(B)_the_jug_is_closer ?_A:_cup;_B:_jug ?_(B)_jug_(A)_cup ?_a_cup,_a_jug',
  ),
  ...fill(
    ['Of the _ cups, which is the ~ tallest? → the red one', 'Is the red cup the ~ tallest of _ cups? → Yes'],
    'three/second five/third seven/fourth 9/fifth four/second',
  ),
  ...fill(
    ['Which of the _ cups is closest? → the red one', 'Is the red cup the tallest of the _ cups? → Yes'],
    'two three four five six seven eight nine ten 12 several',
  ),
  ...fill(
    [
      'Which has _ height, the cup or the jug? → the jug',
      'Are there _ cups than jugs? → Yes',
      'Does the cup hold _ milk than the jug? → No, it holds ~.',
      'Which shelf has _ space? → the upper one',
      'Is the cup _ colourful than the jug? → Yes',
    ],
    'more/less less/more greater/less fewer/more the_most/the_least the_least/the_most the_fewest/the_most',
  ),
  ...fill(
    [
      'Is the cup _ the jug? → Yes, _ it.',
      'Which cup is _ the table? → the red one',
      'Is the red cup the one furthest _ the room? → No',
    ],
    'to_the_back_of at_the_back_of to_the_front_of in_the_back_of towards_the_back_of on_top_of at_the_bottom_of',
  ),
  ...fill(
    [
      'Is the cup on the _ of the jug from the viewer’s perspective? → Yes',
      'Is the cup at the jug’s 3 o’clock or on its _? → _',
    ],
    'left right',
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
  'Which one is it? → The Left.',
  'Is a letter to left@right.org on the left screen? → Yes',
  'Is the file dir/left.png shown to the left of (right.jpg)? → Yes',
  `Is the sign 'Left lane' on the left? → Yes`,
  'Is the box given as top-left corner x, y and bottom-right corner x, y? → Yes',
  'Are the coordinates of the box top left and bottom right. Is the cup left? → Yes',
  'Where does the ⤵ point? → left',
  `Is the cup at a 3 o'clock position? → Yes`,
  'Is the cup at 9 o clock of the jug? → at 9 o clock',
  'Take two lefts and two rights: is the cup ahead? → Yes',
  'Has everybody equal rights? → Yes',
  'Is the shop on the Left Bank? → Yes',
  'Is the old Right Wing to the left of the tower? → No',
  'Are the left arm and the left leg of the man bent? → Yes',
  'The letters L and R stand on the shoes. Which is on the left? → the L',
  'Is the bottle of 2 L on the right? → Yes',
  'Which is right: the cup is left of the jug, or the jug is left of the cup? → the cup is left of the jug',
  'What is left after the right cup is gone? → the left cup',
  `On which side is the door's handle, left or right? → right.`,
  'Is the cup more to the left than to the right? → left',
  'Which is behind the counter closer to the door? → the cup',
  'Is the closest window to the left of the door? → Yes',
  'Is it the cup that is closer? → Yes',
  'Choose the object that is closer: cup or jug → cup',
  'Which is the cup that is left of the jug or near the plate? → the red one',
  'How much further left is the cup (in cm)? → 12 cm further left',
  'Is the largest cup on the upper or the lower shelf? → upper',
  'Who is taller, the man (in blue) or the woman (in red)? → the man (in blue)',
  'Of the five cups, which is the third tallest? → the third tallest',
  'Of the five cups, which is in the middle? → the blue one',
  'What is the 2nd cup from the left? → the 2nd from the left',
  'What is the 21st chair from the right? → red',
  'Is the cup directly or slightly left of the jug? → slightly',
  'Is the cup in the left half, the right half or the middle? → the middle',
  `Does the cup's left edge touch the jug's right edge? → Yes`,
  'Is the cup (left) bigger than the jug (right)? → (left)',
  'Is the text "LEFT" on the right sign? → Yes, on the right one',
  'What does the sign on the left say? → LEFT ONLY',
  'What is written on the left bus? → Right Now Ltd',
  'Which hand holds the cup? → his left',
  'Is the man on the right driving on the left? → Yes',
  'Is the cup to the left\nof the jug? → Yes',
  'Point to the left cup. → (12, 40)',
  'Is the leftarrow key below the rightarrow key? → Yes',
  'Does \\leftarrow point to the left? → Yes',
  'What follows the car on the left? → a bus',
  'What separates the left lamp from the door? → a chair',
  'What hangs on the left wall? → a picture of the right bank',
  'What fits? → the cup on the right',
  'Which caption fits the left picture? → A red cup',
  'Question: <image> In this picture, is the cup left of the jug? → Yes',
  'In the picture, from here, is the cup left of the jug? → Yes',
  'Does the left clock show 7:30? → Yes, half past seven',
  'Is the sign right up front? → Yes',
  'Which has more dark red stripes, the cup or the jug? → the cup',
  'Are there more well-fed cats than dogs? → Yes',
  'Does the left car make more rights than the right one makes lefts? → Yes',
  'How many rights does the car take, and how many lefts? → Two rights.',
  "Is the largest cup's handle on the left? → Yes",
  'Is the nearest’s lid red? → Yes',
  'Is the cup closer than the jug? → A | Yes | Maybe',
  'Are the cup and the jug in front of each other? → Yes',
  'Are the two cups to the left of each other? → Yes, the first one is.',
  'Is the cup to the right of the jug? → Both left and right',
  'Pick the cup that is lowest. → none | none | the red one',
  'Which of these is most distant! (A) jug (B) cup (C) left lamp → Point A',
  'Which of these is lowest? (A) jug (B) cup (C) lamp → jug, lamp',
  'Which point is farther, A or B? → B. the cup',
  'Is the man facing lower-left? → B | lower-right | lower-left',
  'IS THE TV MORE TO THE RIGHT THAN THE MAN? → NO, THE TV IS MORE TO THE LEFT.',
  'Hint: 0.3. Is the sofa shorter than 1.5 m? → about 2 m',
  'Is the sum of the widths larger than 2 m? → Yes',
  'Choose: A. chair B. table. Which is nearer to the sofa? → RIGHT',
  'What does the sign on top of the red cup say? → right arm',
  'Which 3 chairs are closest to the sofa? → B | the left ones | the right ones',
  'Turn left at the third car; is the woman under you? → It faces left. | It faces left. | It faces right.',
  'Where is the left cup? → <box>10 20 30 40</box>',
].map(row);

/** What pulls a trigger, and what nearly does. */
const PULLED = TRIGGER_CASES.flatMap(([, ...texts]) => texts).map(row);

const CORPORA = ['mirror', 'reading', 'polarity'].flatMap(corpus);
const MADE = [...FRAMES, ...FORMS, ...OTHERS, ...PULLED];

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
  ['mirror', [...CORPORA, ...MADE], mirrorSample],
  ['polarity', [...CORPORA, ...MADE], flipPolarity],
] as const)('outcomes of the %s rules match the record', async (name, rows, apply) => {
  const lines = rows.map((sample) => outcome(sample, apply(sample)));
  const path = `../../../fixtures/corpus/outcomes/${name}.txt`;
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(path);
});
