import { describe, expect, it } from 'vitest';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { isViewId } from '../../../../src/rows/view-list.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';

/** Rows written by hand that have no certain answer in a view: a pair of them would teach or measure something false. */
const REFUSED: [view: string, question: string, answer: string, row?: Record<string, unknown>][] = [
  // Turned photographs: whose left is it?
  ['rotate:180', 'Is the dog to the right of the bench?', 'No'],
  ['rotate:180', 'Which is further left, the cup or the fork?', 'the cup'],
  ['flip', 'Is the lamp above the desk?', 'Yes'],
  ['flip', 'What is on the left?', 'a tree'],
  ['rotate:180', 'Which chair is leftmost?', 'the red one'],
  ['rotate:90', 'Is the cyclist to the left of the bus?', 'Yes'],
  ['transpose', 'Is the sofa on the right of the rug?', 'No'],
  ['antitranspose', 'Which of the two is on the left, the cat or the dog?', 'the cat'],
  // Gravity
  ['rotate:180', 'Is the book on the table?', 'Yes'],
  ['rotate:180', 'What is hanging from the ceiling?', 'a lamp'],
  ['rotate:180', 'Is the cat under the chair?', 'No'],
  ['flip', 'Is the bird standing on the roof?', 'Yes'],
  ['flip', 'Is the balloon floating over the water?', 'Yes'],
  ['flip', 'What is falling from the shelf?', 'a vase'],
  ['rotate:90', 'Is the picture hung over the sofa?', 'Yes'],
  ['rotate:180', 'What is beneath the bridge?', 'a boat'],
  ['rotate:180', 'Is the clock higher than the door?', 'Yes'],
  ['flip', 'Is the shirt lying on top of the bed?', 'No'],
  ['rotate:270', 'Is the glass upside down?', 'No'],
  // A mark on the right is nobody's right
  ['rotate:180', 'Who wins if the flag has passed the right-hand mark?', 'the blue team'],
  // Conventions, and letters as shapes
  ['mirror', 'Who has the right of way?', 'the red car'],
  ['mirror', 'Is his heart on the usual side?', 'Yes'],
  ['mirror', 'Is the b mirrored?', 'No'],
  ['mirror', 'Which one is left?', 'the cup'],
  // Writing, dials, maps
  ['rotate:180', 'What number is written on the jersey?', '7'],
  ['rotate:180', 'What does the licence plate read?', 'KLM 12'],
  ['flip', 'What time does the clock show?', '10:10'],
  ['rotate:90', 'Which word is on the billboard?', 'SALE'],
  ['transpose', 'What is the title of the book?', 'Dune'],
  // About the image itself
  ['rotate:90', 'Is this image portrait or landscape?', 'portrait'],
  ['rotate:180', 'Is the picture upside down?', 'No'],
  ['rotate:180', 'Which way up is the photo? Is it rotated?', 'No'],
  // Compass and bearings
  ['rotate:180', 'Is the church north of the river?', 'Yes'],
  ['rotate:90', 'Which building is in the east?', 'the mill'],
  ['rotate:180', 'The bus is at your 3 o’clock. True or false?', 'True'],
  ['flip', 'The tree is at your 10 o’clock. True or false?', 'True'],
  // Facing and motion in a photograph
  ['rotate:180', 'Is the man facing left?', 'Yes'],
  ['flip', 'In which direction is the woman looking?', 'to the left'],
  ['rotate:180', 'Towards which side does the arrow point?', 'right'],
  ['rotate:90', 'Is the car moving to the left?', 'Yes'],
  // Extents after a quarter turn
  ['rotate:90', 'Is the door taller than the window?', 'Yes'],
  ['rotate:270', 'Which is wider, the sofa or the bed?', 'the sofa'],
  ['rotate:90', 'How many rows of seats are there?', '4'],
  ['transpose', 'Is the line horizontal?', 'Yes'],
  ['rotate:90', 'What is the width of the table?', '2 meters'],
  ['antitranspose', 'How many columns of windows does it have?', '5'],
  // Sides of a thing, not of the image
  ['rotate:180', 'What is in the top-left corner of the screen?', 'an icon'],
  ['rotate:180', 'In the image, what is on the left side of the book?', 'a stain'],
  ['flip', 'What is at the top of the page?', 'a photo'],
  // Converse: the relation does not turn round
  ['converse', 'Is the man in front of the car?', 'Yes'],
  ['converse', 'Is the cat on the mat?', 'Yes'],
  ['converse', 'Is the ball inside the box?', 'No'],
  ['converse', 'Is the woman facing the dog?', 'Yes'],
  ['converse', 'Is the man left of the bus holding a bag?', 'Yes'],
  ['converse', 'Is the cup that is left of the jug red?', 'Yes'],
  ['converse', 'How far is the cup from the jug?', '1 m'],
  ['converse', 'Is the cup left of the jug and the plate?', 'Yes'],
  ['converse', 'Is it left of the jug?', 'Yes'],
  ['converse', 'Is the cup left of the other cup?', 'Yes'],
  // Exchanged names: ties, fronts, names that are relations themselves
  ['exchange-names', 'Is the cup to the left of the jug?', 'No'],
  ['exchange-names', 'Is the man behind the car?', 'Yes'],
  ['exchange-names', 'Is the dog looking at the cat?', 'Yes'],
  ['exchange-names', 'Is the box as tall as the chair?', 'Yes'],
  ['exchange-names', 'Is the man left of the bus taller than the woman?', 'Yes'],
  ['exchange-names', 'Is the cup on the table?', 'Yes'],
  ['exchange-names', 'Which is closer, the cup or the jug?', 'both'],
  // Options that cannot move, or cannot grow
  ['permute-options:1', 'Is the cup left of the jug?', 'Yes'],
  ['permute-options:1', 'What is it?', 'A', { choices: ['a cup', 'a jug', 'both A and B'] }],
  ['permute-options:1', 'What is it?', 'a cup', { choices: ['a cup', 'a cup'] }],
  ['permute-options:1', 'What is it?', 'a fork', { choices: ['a cup', 'a jug'] }],
  ['permute-options:1', 'What is it? (A) cup (B) jug', 'cup', { choices: ['jug', 'cup'] }],
  ['extend-options', 'Is the cup left or right of the jug?', 'left'],
  ['extend-options', 'Is the cup near the jug?', 'Yes'],
  // Compositions: what one part defers, all defer
  ['rotate:180+converse', 'Is the cup to the left of the jug?', 'Yes'],
  ['flip+permute-options:1', 'What hangs on the wall?', 'a clock', { choices: ['a clock', 'a map'] }],
  ['mirror+exchange-names', 'Is the cup to the left of the jug?', 'No'],
  // Scenes that nobody can draw again
  ['depth-mirror', 'Is the cup behind the jug?', 'Yes'],
  ['take:cube', 'Is the ball on its left?', 'Yes'],
  ['without:cup', 'How many jugs are there?', '2'],
];

describe('rows without a view', () => {
  it.each(REFUSED)('a view rejects: %s of "%s" → %s', (view, question, answer, row = {}) => {
    const { sample, problems } = parseSample({ id: 'r', question, answer, images: [], ...row });
    // A row whose answer is none of its choices has a problem, and no variant either.
    if (!sample) return expect(problems).not.toEqual([]);
    const variant = rewriteFor(sample as Sample, view);
    expect({ trusted: isTrusted(variant), status: variant.status }).toMatchObject({ trusted: false });
    expect(variant.reason).toMatch(/\S/);
  });

  it('rows without a view include at least 60 different cases', () => {
    expect(new Set(REFUSED.map(([view, question, answer]) => `${view} ${question} ${answer}`)).size).toBe(
      REFUSED.length,
    );
    expect(REFUSED.length).toBeGreaterThanOrEqual(60);
  });
});

it('isViewId: accepts words as an object name, and rejects markup', () => {
  expect(isViewId('take:white cube')).toBe(true);
  for (const part of ['take', 'without']) expect(isViewId(`${part}:<b>`)).toBe(false);
  expect(isViewId('swap:a,<b>')).toBe(false);
});
