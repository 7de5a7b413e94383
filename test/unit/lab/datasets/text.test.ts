import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonElements } from '../../../../src/lab/datasets/json-elements.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { parseJson } from '../../../../src/lab/datasets/parse-json.ts';
import { readQaJsonl } from '../../../../src/lab/datasets/rows.ts';
import { forAllAsync } from '../../../support/property.ts';

/** The bytes in pieces of the given sizes, in turn; a stream may cut anywhere. */
async function* chunks(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 7);
    yield bytes.subarray(at, at + size);
    at += size;
    await Promise.resolve();
  }
}

const all = async <T>(rows: AsyncIterable<T>): Promise<T[]> => {
  const out: T[] = [];
  for await (const row of rows) out.push(row);
  return out;
};

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const element = fc.jsonValue({ noUnicodeString: false });

describe('jsonElements', () => {
  it('property: jsonElements: returns the elements of a list for any chunks and indentation', async () => {
    await forAllAsync([fc.array(element), sizes, fc.constantFrom(0, 2)], async (list, cuts, indent) => {
      const text = JSON.stringify(list, null, indent);
      const rows = await all(jsonElements(chunks(Buffer.from(text), cuts)));
      expect(rows.map(({ value }) => value)).toEqual(JSON.parse(text));
    });
  });

  it('returns the line on which each element begins', async () => {
    const text = '[\n{"a":1},\n\n{"b":\n2}, {"c":3}\n]\n';
    const rows = await all(jsonElements(chunks(Buffer.from(text), [3])));
    expect(rows.map(({ line }) => line)).toEqual([2, 4, 5]);
  });

  it('reads the list of a member, wherever it is in the object', async () => {
    const rows = (member: string) => {
      const text =
        '{"a": "b", "info": {"b": [1], "c": "{\\""}, "questions": [{"b": 2}, 3], "b": "c", "d": [4]}';
      return all(jsonElements(chunks(Buffer.from(text), [5]), { member }));
    };
    expect((await rows('questions')).map(({ value }) => value)).toEqual([{ b: 2 }, 3]);
    expect((await rows('d')).map(({ value }) => value)).toEqual([4]);
    expect(await rows('c')).toEqual([]);
    expect((await rows('info'))[0]!.problem!.message).toBe('The value is not a list.');
  });

  it('reports errors of single elements, and continues', async () => {
    const text = '\uFEFF[{"a":1}, {"a":NaN}, {oops}, , {"a":"],["}]';
    const rows = await all(jsonElements(chunks(Buffer.from(text), [4])));
    expect(rows.map(({ value, problem }) => problem?.code ?? value)).toEqual([
      { a: 1 },
      'nan',
      'json',
      { a: '],[' },
    ]);
  });

  it.each([
    ['[{"a":1}, {"b":', 'The file ends inside this element.'],
    ['[{"a":1}', 'The file ends inside this element.'],
    ['[1,', 'The list is not closed.'],
    ['[1] 2', 'Unexpected text after the end of the list.'],
    ['', 'The file contains no list.'],
  ])('jsonElements reports the error of %s', async (text, message) => {
    const rows = await all(jsonElements(chunks(Buffer.from(text), [5])));
    expect(rows.at(-1)?.problem?.message).toBe(message);
  });

  it('jsonElements limits the size of an element', async () => {
    const text = `["${'x'.repeat(500)}", 2]`;
    const rows = await all(jsonElements(chunks(Buffer.from(text), [50]), { maxBytes: 100 }));
    expect(rows.map(({ value, problem }) => problem?.code ?? value)).toEqual(['long-element', 2]);
  });
});

describe('NaN and Infinity in JSON', () => {
  it.each([
    ['{"boxes": [[1, 2, NaN, 4]]}', 'NaN is not valid JSON.', 'boxes[0][2]'],
    ['{"meta": {"depths": {"a b": -Infinity}}}', '-Infinity is not valid JSON.', 'meta.depths.a b'],
    ['NaN', 'NaN is not valid JSON.', undefined],
  ])('rejects NaN and Infinity in JSON with their position: %s', (text, message, path) => {
    const { problem } = parseJson(text);
    expect([problem?.message, problem?.path]).toEqual([message, path]);
  });

  it('accepts NaN and Infinity inside a string of JSON', () => {
    expect(parseJson('{"a": "NaN \\" Infinity"}').value).toEqual({ a: 'NaN " Infinity' });
    expect(parseJson('{"a": "NaN" oops}').problem?.code).toBe('json');
  });
});

const good = (id: string) => ({ id, question: 'Which?', answer: 'left', images: [] });

describe('readQaJsonl', () => {
  it('accepts a byte-order mark, Windows line ends, blank lines and no last line end', async () => {
    const text = `\uFEFF${JSON.stringify(good('a'))}\r\n\r\n  \n${JSON.stringify(good('b'))}`;
    const rows = await all(readQaJsonl(Readable.from([Buffer.from(text)])));
    expect(rows.map(({ line, sample, problems }) => [line, sample?.id, problems])).toEqual([
      [1, 'a', []],
      [4, 'b', []],
    ]);
  });

  it('keeps valid rows next to broken rows, and unknown keys', async () => {
    const lines = [
      JSON.stringify({ ...good('a'), extra: { deep: [1, null] }, other: null }),
      '{"id": "b", "question"',
      '[1]',
      '{"id": "d", "question": "Which?", "answer": "x", "boxes": [[NaN, 1, 2, 3]]}',
      JSON.stringify(good('e')),
    ];
    const rows = await all(readQaJsonl(Readable.from([Buffer.from(lines.join('\n'))])));
    expect(rows.map(({ sample, problems }) => sample?.id ?? problems[0]?.code)).toEqual([
      'a',
      'json',
      'not-an-object',
      'nan',
      'e',
    ]);
    expect(rows[0]?.sample).toEqual({ ...good('a'), extra: { deep: [1, null] }, other: null });
  });

  it('warns about bytes that are not UTF-8', async () => {
    const line = Buffer.from(JSON.stringify({ ...good('a'), question: 'W?' }));
    line[line.indexOf('W')] = 0xe9;
    const [row] = await all(readQaJsonl(Readable.from([line])));
    expect([row?.sample?.id, row?.problems[0]?.code]).toEqual(['a', 'utf8']);
  });

  it('readQaJsonl returns no rows for an empty file', async () => {
    expect(await all(readQaJsonl(Readable.from([])))).toEqual([]);
  });
});

it('property: jsonElements and readQaJsonl: never throw on arbitrary bytes', async () => {
  const structured = fc
    .array(fc.constantFrom('[', ']', '{', '}', '"', '\\', ',', ':', '\n', 'NaN', '1', ' ', '\u00e9'))
    .map((parts) => Buffer.from(parts.join('')));
  const bytes = fc.oneof(fc.uint8Array().map(Buffer.from), structured);
  await forAllAsync([bytes, sizes], { numRuns: 300 }, async (input, cuts) => {
    for (const read of [jsonElements, readQaJsonl])
      for await (const row of read(chunks(input as Buffer, cuts))) expect(row.line).toBeGreaterThan(0);
  });
});

describe('parseJson on invalid or inexact JSON', () => {
  it('rejects an unclosed string with millions of escaped quotes in linear time', () => {
    for (const end of ['', ' NaN'])
      expect(parseJson(`{"id":"${'\\"'.repeat(2_000_000)}${end}`)).toMatchObject({
        problem: { code: 'json' },
      });
  });

  it('parseJson reads numbers that JavaScript cannot represent as text, with a warning', () => {
    expect(parseJson('{"id":-9007199254740993,"meta":{"photo":["1e999",1e400]}}')).toMatchObject({
      value: { id: '-9007199254740993', meta: { photo: ['1e999', '1e400'] } },
      problem: { severity: 'warning', code: 'long-number' },
    });
    for (const fine of [
      '{"a":"9007199254740993"}',
      '{"a":9007199254740992}',
      '{"a":0.12345678901234567,"b":1e300,"c":[0.5,-12]}',
    ])
      expect(parseJson(fine).problem).toBeUndefined();
    expect(parseSample({ id: 2 ** 53, question: 'Left?', answer: 'yes' }).problems).toMatchObject([
      { code: 'rounded', path: 'id' },
    ]);
  });
});
