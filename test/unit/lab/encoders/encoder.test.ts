import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cached, openEncoder } from '../../../../src/lab/encoders/open-encoder.ts';
import { cosine, similarities, type Encoder } from '../../../../src/lab/encoders/encoder.ts';
import { forAll, forAllAsync } from '../../../support/property.ts';

/** Counts what it is asked for. */
function counting(): Encoder & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    name: 'counting',
    identity: 'counting-1',
    embed(texts) {
      asked.push(...texts);
      return Promise.resolve(texts.map((text) => Float32Array.of(text.length, 1)));
    },
    close: () => Promise.resolve(),
  };
}

const coordinate = fc.integer({ min: -8, max: 8 });
const vectors = fc.array(fc.tuple(coordinate, coordinate), { minLength: 1, maxLength: 8 });

test('property: cosine: is symmetric, within −1 … 1, scale-invariant and sign-sensitive', () => {
  const times = (vector: Float32Array, factor: number) => vector.map((x) => x * factor);
  forAll([vectors, fc.integer({ min: 1, max: 9 })], (rows, scale) => {
    const a = Float32Array.from(rows, ([x]) => x);
    const b = Float32Array.from(rows, ([, y]) => y);
    const value = cosine(a, b);
    expect(Math.abs(value)).toBeLessThanOrEqual(1);
    expect(cosine(b, a)).toBe(value);
    expect(cosine(times(a, -1), b)).toBeCloseTo(-value, 10);
    expect(cosine(times(a, scale), b)).toBeCloseTo(value, 10);
  });
  expect(cosine(Float32Array.of(3, 4), Float32Array.of(4, 3))).toBeCloseTo(0.96, 12);
  expect(cosine(Float32Array.of(0, 0), Float32Array.of(1, 0))).toBe(0);
});

test('similarities encodes every distinct text only once', async () => {
  const encoder = counting();
  const found = await similarities(encoder, [
    ['a', 'bb'],
    ['bb', 'a'],
    ['a', 'a'],
  ]);
  expect(encoder.asked).toEqual(['a', 'bb']);
  expect(found[0]).toBe(found[1]);
  expect(found[2]).toBeCloseTo(1, 12);
  expect(await similarities(encoder, [])).toEqual([]);
});

test('cached keeps the most recently used texts', async () => {
  const inner = counting();
  const encoder = cached(inner, 2);
  await encoder.embed(['a', 'b', 'a']);
  await encoder.embed(['a']);
  expect(inner.asked).toEqual(['a', 'b']);
  await encoder.embed(['c']);
  expect(inner.asked).toEqual(['a', 'b', 'c']);
  await encoder.embed(['a']);
  expect(inner.asked).toEqual(['a', 'b', 'c']);
  await encoder.embed(['b']);
  expect(inner.asked).toEqual(['a', 'b', 'c', 'b']);
});

test('property: cached: returns the same vectors for any capacity', async () => {
  const texts = fc.array(fc.array(fc.constantFrom('', 'a', 'bb', 'ccc', 'dddd'), { maxLength: 6 }), {
    maxLength: 6,
  });
  await forAllAsync([texts, fc.nat(4)], async (calls, capacity) => {
    const encoder = cached(counting(), capacity);
    for (const call of calls) expect(await encoder.embed(call)).toEqual(await counting().embed(call));
  });
});

test('openEncoder opens the lexical encoder without files', async () => {
  const encoder = await openEncoder({ encoder: 'lexical' });
  expect(encoder).toMatchObject({ name: 'lexical', identity: 'lexical-1' });
  expect(await similarities(encoder, [['left', 'Left.']])).toEqual([1]);
});
