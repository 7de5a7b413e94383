import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setInJson, type JsonPath } from '../../../../src/core/annotation/edit-json.ts';
import { editRow } from '../../../../src/core/annotation/edit-row.ts';
import { property } from '../../../support/property.ts';

/** JSON.parse would make `__proto__` an ordinary key, an assignment would not. */
const key = fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__');
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  ),
})).value;
const row = fc.dictionary(key, json, { maxKeys: 5, noNullPrototype: true });
const written = (value: unknown, indent: number) =>
  indent === 0 ? JSON.stringify(value) : JSON.stringify(value, null, indent).replaceAll('\n', ' ');

/** A path that exists in the value. */
function paths(value: unknown, path: JsonPath = []): JsonPath[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const step = (name: string) => (Array.isArray(value) ? Number(name) : name);
  return [path, ...inner.flatMap(([name, item]) => paths(item, [...path, step(name)]))];
}

function put(value: unknown, [step, ...rest]: JsonPath, to: unknown): unknown {
  if (step === undefined) return to;
  if (Array.isArray(value)) return value.map((item, i) => (i === step ? put(item, rest, to) : item));
  return { ...(value as object), [step]: put((value as Record<string, unknown>)[step], rest, to) };
}

property(
  'setInJson: sets one value, and restores the document with the old value',
  [row, json, fc.nat(), fc.nat({ max: 2 })],
  (before, value, pick, indent) => {
    const all = paths(before);
    const path = all[pick % all.length]!;
    const text = written(before, indent);
    const after = setInJson(text, path, value);
    expect(JSON.parse(after)).toEqual(put(before, path, value));
    const old = path.reduce<unknown>((inner, step) => (inner as Record<string, unknown>)[step], before);
    expect(JSON.parse(setInJson(after, path, old))).toEqual(before);
  },
);

property(
  'setInJson: adds and removes a key without changing other text',
  [row, json, key, fc.nat({ max: 1 })],
  (before, value, name, indent) => {
    fc.pre(!Object.hasOwn(before, name));
    const text = written(before, indent);
    const after = setInJson(text, [name], value);
    expect(JSON.parse(after)).toEqual({ ...before, [name]: value });
    expect(setInJson(after, [name], undefined)).toBe(text);
  },
);

test.each([
  ['{"a":1,"b":2,"a":3}', ['a'], undefined, '{"b":2}'],
  ['{"a":1,"a":2,"b":3,"a":4,"c":5}', ['a'], undefined, '{"b":3,"c":5}'],
  ['{"a":1, "a":2}', ['a'], undefined, '{}'],
  [
    '{"b": 1e400, "a": 12345678901234567890}',
    ['c'],
    [1, 2],
    '{"b": 1e400, "a": 12345678901234567890, "c": [1, 2]}',
  ],
  ['{"a": 1.0, "n": 1e3, "t": "\\u00e9", "a": 2}', ['a'], 3, '{"a": 1.0, "n": 1e3, "t": "\\u00e9", "a": 3}'],
  ['{"b":1}', ['meta', 'tags'], ['x', 'y'], '{"b":1,"meta":{"tags":["x","y"]}}'],
  ['{"boxes":[[1,2]]}', ['boxes', 1], [3, 4], '{"boxes":[[1,2],[3,4]]}'],
  ['{"boxes":[[1,2],[3,4]]}', ['boxes', 0], undefined, '{"boxes":[[3,4]]}'],
  [' { "a" : 1 } ', ['a'], 'x', ' { "a" : "x" } '],
  ['{}', ['a'], undefined, '{}'],
])('setInJson: in %s, setting %j to %j keeps all other text', (text, path, value, expected) => {
  expect(setInJson(text, path, value)).toBe(expected);
});

test('setInJson: rejects paths that do not exist, and invalid JSON', () => {
  expect(() => setInJson('{"a": 1}', ['a', 'b'], 2)).toThrow(
    'Cannot set "a.b": "a" is neither an object nor a list.',
  );
  expect(() => setInJson('{"a": [1]}', ['a', 3], 2)).toThrow('Entry 3 does not exist in a list of 1');
  expect(() => setInJson('{"a": }', ['a'], 2)).toThrow('Not valid JSON.');
});

test('editRow: replaces the edited answer in the list of accepted answers', () => {
  const row = {
    id: 'a',
    question: 'What is it?',
    answer: 'a sofa',
    answers: ['a sofa', 'a couch', 'a sofa'],
  };
  const edited = (path: string[], value: string) =>
    JSON.parse(editRow(JSON.stringify(row), 0, 'a', [{ path, value }])) as typeof row;
  expect(edited(['answer'], 'a chair').answers).toEqual(['a chair', 'a couch', 'a chair']);
  expect(edited(['question'], 'Which?').answers).toEqual(row.answers);
});
