import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lexicalEmbedding } from '../../../../src/lab/encoders/lexical.ts';
import { forAll } from '../../../support/property.ts';

/** The vectors have length 1, so that their product is the cosine. */
function likeness(a: string, b: string): number {
  const [x, y] = [lexicalEmbedding(a), lexicalEmbedding(b)];
  return x.reduce((sum, value, i) => sum + value * y[i]!, 0);
}

const words = fc.array(
  fc.constantFrom('the', 'sofa', 'chair', 'is', 'left', 'right', 'of', 'behind', '2', '3.5', 'meters'),
  { minLength: 1, maxLength: 12 },
);

test('property: a text has similarity 1 with itself for any spacing, case and punctuation', () => {
  forAll([words], (list) => {
    const plain = list.join(' ');
    expect(likeness(plain, plain)).toBeCloseTo(1, 5);
    expect(likeness(plain, ` ${list.join(',\n').toUpperCase()}!`)).toBeCloseTo(1, 5);
  });
  expect(likeness('Café', 'cafe')).toBeCloseTo(1, 5);
});

test('property: lexicalEmbedding: returns a finite vector of length 1, or 0 without words', () => {
  forAll([fc.array(fc.nat(0x10ffff))], (codePoints) => {
    const text = String.fromCodePoint(...codePoints);
    const square = likeness(text, text);
    expect(Math.min(square, Math.abs(square - 1))).toBeLessThan(1e-5);
  });
  expect(likeness('', '')).toBe(0);
  expect(likeness(' .!', 'left')).toBe(0);
});

test('opposite words have a similarity near 0', () => {
  for (const [a, b] of [
    ['left', 'right'],
    ['yes', 'no'],
    ['above', 'below'],
    ['behind', 'front'],
    ['closer', 'farther'],
    ['sofa', 'couch'],
  ] as const)
    expect(Math.abs(likeness(a, b)), `${a} ${b}`).toBeLessThan(0.1);
});

test('a swapped side, order or object lowers similarity more than function words', () => {
  const truth = 'The sofa is to the left of the chair.';
  const same = likeness(truth, 'A sofa, which is left of a chair.');
  expect(same).toBeGreaterThan(0.85);
  for (const wrong of [
    'The sofa is to the right of the chair.',
    'The chair is to the left of the sofa.',
    'The sofa is to the left of the lamp.',
  ])
    expect(likeness(truth, wrong), wrong).toBeLessThan(same - 0.1);
});

test('word forms are more similar than unrelated words', () => {
  expect(likeness('chair', 'chairs')).toBeGreaterThan(0.3);
  expect(likeness('chair', 'table')).toBeLessThan(0.1);
});

test('the similarity of numbers decreases with their ratio', () => {
  // On average: the digits of two single numbers can happen to share hashed groups.
  const values = Array.from({ length: 300 }, (_, i) => 0.1 * 1.0311 ** i);
  const text = (x: number) => `${x.toPrecision(6)} meters`;
  const [near, far, opposite] = [1.01, 1.4, 8].map(
    (ratio) =>
      values.reduce((sum, value) => sum + likeness(text(value), text(value * ratio)), 0) / values.length,
  );
  expect(near).toBeGreaterThan(far! + 0.05);
  expect(far).toBeGreaterThan(opposite! + 0.01);
  expect(likeness('2 m', '2.0 m')).toBeGreaterThan(likeness('2 m', '2.5 m'));
  expect(likeness('2.55 m', '2.59 m')).toBeLessThan(0.999);
  expect(likeness('0 m', '0 m')).toBeCloseTo(1, 5);
});

test('the similarity of boxes depends on the order of their numbers', () => {
  expect(likeness('[10, 200, 310, 400]', '[10,200,310,400]')).toBeCloseTo(1, 5);
  expect(likeness('[10, 200, 310, 400]', '[200, 10, 400, 310]')).toBeLessThan(0.85);
});

test('text length alone hardly changes similarity', () => {
  const sentence = 'The sofa is to the left of the chair.';
  expect(likeness(sentence, `${sentence} ${sentence} ${sentence}`)).toBeGreaterThan(0.9);
  const unrelated = 'A dog runs behind white cars near some tall trees. '.repeat(20);
  expect(Math.abs(likeness('left', unrelated))).toBeLessThan(0.1);
});

test('lexicalEmbedding returns the recorded vectors, so stored rewards stay comparable', () => {
  const texts = [
    'The sofa is to the left of the chair.',
    'A sofa, which is left of a chair, and behind 2 lamps.',
    'about 3.5 meters',
    '2 meters to the right',
    '0',
    '[10, 200, 310, 400]',
    'Où est-ce? À gauche.',
    'of the which',
  ];
  const vectors = texts.map(lexicalEmbedding);
  const table = vectors.map((a) =>
    vectors.map((b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0).toFixed(4)).join(' '),
  );
  expect(table).toMatchInlineSnapshot(`
    [
      "1.0000 0.6550 0.0000 0.0622 0.0000 0.0000 0.0127 0.2928",
      "0.6550 1.0000 0.0184 0.1605 0.0000 0.0000 0.0197 0.1626",
      "0.0000 0.0184 1.0000 0.3932 0.0000 0.0000 0.0000 0.0000",
      "0.0622 0.1605 0.3932 1.0000 0.0000 0.0000 0.0077 0.0891",
      "0.0000 0.0000 0.0000 0.0000 1.0000 0.0000 0.0000 0.0000",
      "0.0000 0.0000 0.0000 0.0000 0.0000 1.0000 0.0000 0.0000",
      "0.0127 0.0197 0.0000 0.0077 0.0000 0.0000 1.0000 0.0288",
      "0.2928 0.1626 0.0000 0.0891 0.0000 0.0000 0.0288 1.0000",
    ]
  `);
  // Where its largest numbers are, and their signs.
  const peaks = vectors.map((vector) =>
    [...vector.entries()]
      .sort(([i, a], [j, b]) => Math.abs(b) - Math.abs(a) || i - j)
      .slice(0, 4)
      .map(([i, value]) => `${i}: ${value.toFixed(3)}`)
      .join(', '),
  );
  expect(peaks).toMatchInlineSnapshot(`
    [
      "338: -0.330, 1660: -0.330, 3147: 0.330, 3181: -0.330",
      "1660: -0.265, 81: -0.233, 175: 0.233, 338: -0.233",
      "2058: -0.354, 2773: 0.354, 2920: -0.354, 4037: 0.354",
      "985: -0.345, 1518: 0.345, 2058: -0.345, 2920: -0.345",
      "2232: -0.866, 3937: 0.500, 0: 0.000, 1: 0.000",
      "896: 0.353, 98: -0.302, 1475: 0.302, 1520: -0.302",
      "1061: 0.299, 2544: 0.299, 2841: -0.299, 3081: 0.299",
      "1157: 0.408, 2552: -0.408, 3176: 0.408, 3445: -0.289",
    ]
  `);
});

test('function words have a low weight', () => {
  const words =
    'a an the this that these those which it its is are was were be been am do does has have had can could will would i you we they there here to of and or with as by for so then than';
  for (const word of words.split(' ')) expect(likeness(`${word} zebra`, 'zebra'), word).toBeGreaterThan(0.93);
  for (const word of ['left', 'not', 'no', 'in', 'on', 'far'])
    expect(likeness(`${word} zebra`, 'zebra'), word).toBeLessThan(0.75);
});
