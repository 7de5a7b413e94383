import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { mirrorSample } from '../../../../src/core/spatial/mirror/mirror-sample.ts';
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
  ['mirror', [...corpus('mirror'), ...corpus('reading'), ...FRAMES], mirrorSample],
  ['polarity', [...corpus('polarity'), ...FRAMES], flipPolarity],
] as const)('of the %s rules are those on record', async (name, rows, apply) => {
  const lines = rows.map((sample) => outcome(sample, apply(sample)));
  const path = `../../../fixtures/corpus/outcomes/${name}.txt`;
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(path);
});
