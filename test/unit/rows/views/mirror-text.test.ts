import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { mirrorText } from '../../../../src/rows/read/sides.ts';
import { tokenise } from '../../../../src/rows/read/tokens.ts';
import { forAll, property } from '../../../support/property.ts';

/** The text with every change in brackets, or `?` and the rules where something is undecided. */
function read(text: string, role: 'question' | 'answer' | 'label' = 'question'): string {
  const { changes, notes } = mirrorText(text, role);
  if (notes.length > 0) return `? ${[...new Set(notes.map((n) => n.rule))].join(' ')}`;
  let out = '';
  let at = 0;
  for (const { start, end, to } of changes) {
    out += `${text.slice(at, start)}[${to}]`;
    at = end;
  }
  return out + text.slice(at);
}

const same = (text: string): [string, string] => [text, text];

describe('mirrorText: left and right', () => {
  it.each([
    ['Is the cup LEFT of the plate?', 'Is the cup [RIGHT] of the plate?'],
    ['Is it on the left or on the right?', 'Is it on the [right] or on the [left]?'],
    ['What is the left-to-right order?', 'What is the [right]-to-[left] order?'],
    [
      'On the driver’s left, the man’s right-hand side',
      'On the driver’s [right], the man’s [left]-hand side',
    ],
    ['Who is second from the left?', 'Who is second from the [right]?'],
    [
      'The leftmost cup, the right-most one, top-left, topright',
      'The [rightmost] cup, the [left]-most one, top-[right], [topleft]',
    ],
    ['She turned left and walked rightwards.', 'She turned [right] and walked [leftwards].'],
    ['Move the cup left by 2 cm.', 'Move the cup [right] by 2 cm.'],
    ['Is the left one bigger than the right one?', 'Is the [right] one bigger than the [left] one?'],
    ['It is right to the left of the bowl.', 'It is right to the [right] of the bowl.'],
    ['It is just right of the stove.', 'It is just [left] of the stove.'],
    ['a lamp on the right next to the bed', 'a lamp on the [left] next to the bed'],
    ['How many are left on the left plate?', 'How many are left on the [right] plate?'],
    ['The man who left sat on the left.', 'The man who left sat on the [right].'],
    ['Turn right at the corner.', 'Turn [left] at the corner.'],
    ['left_of, leftOf, on_right', '[right]_of, [right]Of, on_[left]'],
    ['The cup is on the left, right?', 'The cup is on the [right], right?'],
    ['Take two lefts.', 'Take two [rights].'],
    ['Is the top left z of it red?', 'Is the top [right] z of it red?'],
  ])('mirrorText swaps sides: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    'The man left the room.',
    'Both left the room, and those who stayed left it later.',
    'The bus left by 5.',
    'He left of his own accord.',
    'Was the door left open?',
    'a bag left unattended',
    'How many slices are left?',
    'There is no space left in the box.',
    'The dog is right behind the cat.',
    'Is it right side up?',
    'a right angle and the right of way',
    'That’s right. All right, right now.',
    'What is the right answer?',
    'the bright copyright of the playwright, a cleft, leftovers, human rights',
    'Right-click the icon.',
    'Is the cup rightside up?',
    'The box was left unlocked.',
  ])('mirrorText keeps words that are not sides: %s', (text) => expect(read(text)).toBe(text));

  it.each([
    ['What is left of the cake?', '? ambiguous.left'],
    ['The cat left paw prints.', '? ambiguous.left'],
    ['He stood up and left.', '? ambiguous.left'],
    ['Which is the right box?', '? ambiguous.right'],
    ['The car turned right in front of the bus.', '? ambiguous.right'],
    ['Is this the Left Bank of Paris?', '? name'],
    ['the L side', '? shorthand'],
    ['Links steht ein Hund und rechts eine Katze.', '? language'],
    ['左边是什么？', '? language'],
    ['Is the house north of the road?', '? compass'],
    ['The order is A → B.', '? arrow.sequence'],
    ['the leftish cup', '? unknown'],
    ['Press leftarrow.', '? unknown'],
    ['Which sizes L are there?', '? shorthand'],
  ])('mirrorText defers ambiguous words: %s', (text, expected) => expect(read(text)).toBe(expected));

  it.each([
    ['the sign that says "KEEP LEFT" on the left', 'the sign that says "KEEP LEFT" on the [right]'],
    ['the "turn left" sign on the left', 'the "turn left" sign on the [right]'],
    ['Answer with "left" or "right".', 'Answer with "[right]" or "[left]".'],
    ['Find "the cup on the left".', 'Find "the cup on the [right]".'],
    ['It is on the \\boxed{left side}.', 'It is on the \\boxed{[right] side}.'],
    ['Answer {left} or {{right}}.', 'Answer {[right]} or {{[left]}}.'],
    [
      'The \\textbf{left} cup is $\\text{right of}$ it.',
      'The \\textbf{[right]} cup is $\\text{[left] of}$ it.',
    ],
    ['Where is <left_image>?', '? markup.side'],
    ['It is <cup side="left"/>.', '? markup.side'],
    same('https://x.org/left.jpg left_cam.png $\\left( x \\right)$'),
  ])('mirrorText handles quotes and markup: %s', (text, expected) => expect(read(text)).toBe(expected));

  it('mirrors labels and predicates of a graph', () => {
    expect(['left', 'right', 'left of', 'on the right', 'right behind'].map((t) => read(t, 'label'))).toEqual(
      ['[right]', '[left]', '[right] of', 'on the [left]', 'right behind'],
    );
  });
});

describe('mirrorText: other words with a side', () => {
  it.each([
    ['It turns clockwise, not Anticlockwise.', 'It turns [anticlockwise], not [Clockwise].'],
    ['It turns counter-clockwise.', 'It turns [clockwise].'],
    ['The ball is at your 2 o’clock.', 'The ball is at your [10] o’clock.'],
    ['A tree stands in the twelve o’clock direction.', 'A tree stands in the twelve o’clock direction.'],
    ['The shop opens at 9 o’clock.', 'The shop opens at 9 o’clock.'],
    ['the port side of the ship', 'the [starboard] side of the ship'],
    same('the ship in the port, a USB port'),
    ['The lamp is to port.', '? side.ship'],
    ['It points \\leftarrow.', '? arrow.latex unknown'],
    ['Is it at L?', '? shorthand'],
    same('Is the R-2 box red, and are 3 L enough?'),
    ['Is it lft of it?', '? shorthand'],
    ['The box lies at [1, 2, 3, 4].', '? coordinates.undeclared'],
    ['The arrow is ↖.', 'The arrow is [↗].'],
  ])('mirrorText mirrors "%s"', (text, expected) => expect(read(text)).toBe(expected));
});

const word = fc.constantFrom(
  ...'left right leftmost Right lefts clockwise anticlockwise of the a to on is was has who two cup cups plate in front behind , . ? and or hand turn answer ← 3 o’clock'.split(
    ' ',
  ),
);
const sentence = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));

describe('mirrorText: arbitrary text', () => {
  it('property: mirrorText: replaces only tokens that have a partner, one by one', () => {
    // Hours of a clock's face are partners too, in digits and in words.
    const partner =
      /^(left|right)|^(?:anti|counter)?clockwise$|^[←→]$|^\d+$|^(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)$/i;
    forAll([sentence], (text) => {
      const { text: out, changes } = mirrorText(text);
      const [before, after] = [tokenise(text), tokenise(out)];
      expect(after.length).toBe(before.length);
      const differ = before.filter((token, i) => token.text !== after[i]!.text);
      expect(differ.length).toBe(changes.length);
      for (const token of differ) expect(token.text).toMatch(partner);
    });
  });

  property(
    'mirrorText: keeps texts without letters of a side',
    [fc.stringMatching(/^[a-km-qs-z ]*$/)],
    (text) => {
      expect(mirrorText(text).changes).toEqual([]);
    },
  );
});

describe('mirrorText: "right" as a possible "correct"', () => {
  const statusOf = (question: string, answer = 'Yes') =>
    mirrorSample({ id: 'x', question, answer, images: ['a.jpg'] }).status;

  it.each([
    'did the waiter bring the right glass?',
    'Has the cook chosen the right knife?',
    'Is she holding the right book?',
    'Is he pressing the right button?',
    'Does the man carry the right bag?',
    'Did she put the cup into the right box?',
  ])('defers the question: %s', (question) => expect(statusOf(question)).toBe('needs_llm'));

  it('defers "right" as a possible "correct" in the answer', () => {
    expect(statusOf('What did he do?', 'He brought the right glass.')).toBe('needs_llm');
  });

  it.each([
    'Is the right glass full?',
    'Is the cup on the right shelf?',
    'Is she holding it in the right hand?',
    'Did the waiter bring the left glass or the right glass?',
    'Does the left lamp touch the right lamp?',
    'Does the right lamp glow?',
    'Does the man stand behind the right car?',
    'Is the cat in front of the right door?',
  ])('mirrorText swaps a clear side: %s', (question) => expect(statusOf(question)).toBe('flipped'));

  it('mirrorText swaps the side in "to whose left"', () => {
    const { question, answer } = mirrorSample({
      id: 'x',
      question: 'To whose left is the dog, the boy or the girl?',
      answer: 'the boy',
      images: ['a.jpg'],
    });
    expect([question, answer]).toEqual(['To whose right is the dog, the boy or the girl?', 'the boy']);
  });
});

describe('mirrorText: "Right." in an answer', () => {
  const mirrored = (question: string) => {
    const { status, answer } = mirrorSample({ id: 'x', question, answer: 'Right.', images: ['a.jpg'] });
    return `${status} ${answer}`;
  };
  it('"Right." follows the side in the question; without a side, "Right." is agreement', () => {
    expect(mirrored('Is the cup on the right?')).toBe('flipped Left.');
    expect(mirrored('Is the cup red?')).toBe('invariant Right.');
    expect(mirrored('Is the cup on the left?')).toBe('needs_llm Right.');
    expect(mirrored('Which side is it on?')).toBe('flipped Left.');
  });
});
