import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problemRanges } from '../../../src/panels/problems.reads.ts';
import { forAll, property } from '../../support/property.ts';

const at = (text: string, path?: string) => {
  const { from, to } = problemRanges(text)(path);
  return text.slice(from, to);
};

/** Every path in a value with the value it leads to; keys that the path syntax cannot write are left out. */
function* paths(value: unknown, path = ''): Generator<[string, unknown]> {
  if (path) yield [path, value];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(value)) yield* paths(inner, `${path}[${key}]`);
    else if (/^[^.[\]]+$/.test(key)) yield* paths(inner, path ? `${path}.${key}` : key);
  }
}

describe('problemRanges', () => {
  property(
    'problemRanges: covers exactly the value at the path',
    [fc.object({ maxDepth: 3 }), fc.constantFrom(undefined, 1)],
    (random, indent) => {
      const text = JSON.stringify(random, null, indent);
      for (const [path, value] of paths(JSON.parse(text))) {
        expect(JSON.parse(at(text, path))).toStrictEqual(value);
      }
    },
  );

  test('problemRanges falls back to the nearest existing part', () => {
    const row = '{"id":"a1","images":[{"path":"x.png"}],"boxes":[[1,2]]}';
    expect(at(row, 'images[0].w')).toBe('{"path":"x.png"}');
    expect(at(row, 'boxes[7]')).toBe('[[1,2]]');
  });

  test('covers the id for a problem of the whole row or a missing field', () => {
    expect(at('  {"id":"a1","question":"Q"}', 'answer')).toBe('"a1"');
    expect(at('{"question":"Q"} ', 'id')).toBe('{"question":"Q"}');
    expect(at('[1]', undefined)).toBe('[1]');
  });

  test('starts at the first unexpected character if the text is not JSON', () => {
    const column = (text: string) => problemRanges(text)(undefined).from;
    expect(column('{"id": x}')).toBe(7);
    expect(column('{"id" 1}')).toBe(6);
    expect(column('{"a": NaN}')).toBe(6);
    expect(column('{"a": 1,}')).toBe(8);
    expect(column('{"a": 1 "b": 2}')).toBe(8);
    expect(column('[1, }')).toBe(4);
    expect(column('{"a": 1} {"b": 2}')).toBe(9);
    expect(column('[1, 2')).toBe(4); // the end is the last character
    expect(column('')).toBe(0);
  });

  test('property: problemRanges: finds a syntax error exactly if JSON.parse fails', () => {
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', ']', '"', '{', 'x', '0', '\\', ':'))
      .map(
        ([text, at, by]) =>
          text.slice(0, at % (text.length + 1)) + by + text.slice((at % (text.length + 1)) + 1),
      );
    forAll([broken], (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const { from, to } = problemRanges(text)('[0]x');
      if (!valid) expect(to - from).toBe(1);
      else expect(() => JSON.parse(text.slice(from, to)) as unknown).not.toThrow();
    });
  });

  test('problemRanges handles a million nested brackets', () => {
    expect(problemRanges('['.repeat(1e6))(undefined).from).toBe(0);
  });
});
