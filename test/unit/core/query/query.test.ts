import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileFilter, textsOf, type Rows } from '../../../../src/core/query/compile.ts';
import { completeFilter } from '../../../../src/core/query/complete-filter.ts';
import {
  COMPARISONS,
  FilterError,
  type Filter,
  type Property,
  type Value,
} from '../../../../src/core/query/filter-tokens.ts';
import { checkFilter, parseFilter } from '../../../../src/core/query/parse.ts';
import { filterWriting, TRACE_FIELDS } from '../../../../src/core/run-data/trace-fields.ts';
import { printFilter } from './print.ts';
import { forAll, property } from '../../../support/property.ts';

const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither'];
const properties: Property[] = [
  { name: 'reward', type: 'number', doc: '' },
  { name: 'delta', type: 'number', doc: '' },
  { name: 'question', type: 'text', doc: '' },
  { name: 'verdict', type: 'choice', values: VERDICTS, doc: '' },
  { name: 'kept', type: 'flag', doc: '' },
];
const parse = (text: string) => parseFilter(text, properties);
const compare = (property: string, comparison: string, value: Value) =>
  ({ kind: 'compare', property, comparison, value }) as Filter;

interface Row {
  reward: number | null;
  delta: number | null;
  question: string | null;
  verdict: string | null;
  kept: boolean | null;
}

/** Texts near to what the language itself uses. */
const word = fc.oneof(
  fc.constantFrom(
    'left',
    'Left',
    'cup',
    'reward',
    'and',
    'null',
    'TRUE',
    '12',
    '30%',
    'a"b',
    "isn't",
    '\\',
    'é',
  ),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const number = fc.oneof(
  fc.constantFrom(0, 0.3, 1, -1, 0.1 + 0.2),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0),
);
const literal: Record<Property['type'], fc.Arbitrary<Value>> = {
  number,
  text: word,
  choice: fc.constantFrom(...VERDICTS),
  flag: fc.boolean(),
};

const comparison = fc.constantFrom(...properties).chain(({ name, type }) =>
  fc.constantFrom(...COMPARISONS[type]).chain((op) => {
    const value = op === 'contains' ? word : literal[type];
    const nullable = op === '=' || op === '!=' ? fc.option(value, { freq: 4 }) : value;
    return nullable.map((v) => compare(name, op, v));
  }),
);
const list = fc
  .constantFrom(...properties)
  .chain(({ name, type }) =>
    fc
      .array(fc.option(literal[type], { freq: 4 }), { minLength: 1, maxLength: 3 })
      .map((values): Filter => ({ kind: 'in', property: name, values })),
  );
const { filter } = fc.letrec<{ filter: Filter }>((tie) => {
  const joined = (kind: 'and' | 'or') =>
    fc
      .array(tie('filter'), { minLength: 2, maxLength: 3 })
      .map((parts): Filter => ({ kind, parts }))
      .filter((f) => 'parts' in f && f.parts.every((part) => part.kind !== kind));
  return {
    filter: fc.oneof(
      { maxDepth: 4 },
      comparison,
      word.map((text): Filter => ({ kind: 'text', text })),
      list,
      tie('filter').map((part): Filter => ({ kind: 'not', part })),
      joined('and'),
      joined('or'),
    ),
  };
});
const row: fc.Arbitrary<Row> = fc.record({
  reward: fc.option(number),
  delta: fc.option(fc.constantFrom(0, 0.3, 1)),
  question: fc.option(word),
  verdict: fc.option(fc.constantFrom(...VERDICTS)),
  kept: fc.option(fc.boolean()),
});

/** What a filter means, said over single rows. */
function holds(f: Filter, r: Row): boolean {
  const low = (v: Value | undefined) => (typeof v === 'string' ? v.toLowerCase() : v);
  const equal = (a: Value, b: Value) =>
    typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) < 1e-9 : low(a) === low(b);
  switch (f.kind) {
    case 'all':
      return true;
    case 'and':
      return f.parts.every((part) => holds(part, r));
    case 'or':
      return f.parts.some((part) => holds(part, r));
    case 'not':
      return !holds(f.part, r);
    case 'text':
      return (r.question ?? '').toLowerCase().includes(f.text.toLowerCase());
    case 'in':
      return f.values.some((value) => equal(r[f.property as keyof Row], value));
    case 'compare': {
      const own = r[f.property as keyof Row];
      if (f.comparison === '=') return equal(own, f.value);
      if (f.comparison === '!=') return !equal(own, f.value);
      if (own === null) return false;
      if (f.comparison === 'contains') return String(low(own)).includes(String(low(f.value)));
      if (equal(own, f.value)) return f.comparison.endsWith('=');
      return f.comparison.startsWith('<') ? own < f.value! : own > f.value!;
    }
  }
}

function columnsOf(rows: Row[]): Rows {
  const words = [...new Set(rows.flatMap(({ question, verdict }) => [question ?? [], verdict ?? []].flat()))];
  return {
    column: (name) => {
      const values = rows.map((r) => r[name as keyof Row]);
      if (name === 'question' || name === 'verdict') {
        const codes = values.map((value) => (value === null ? -1 : words.indexOf(value as string)));
        return { type: 'text', codes: Int32Array.from(codes), words };
      }
      const type = name === 'kept' ? 'flag' : 'number';
      return { type, values: Float64Array.from(values, (value) => (value === null ? NaN : Number(value))) };
    },
    hits: (text) => (i) => (rows[i]!.question ?? '').toLowerCase().includes(text.toLowerCase()),
  };
}

describe('filter language', () => {
  property('parses a printed filter to the same filter', [filter], { numRuns: 500 }, (f) => {
    expect(parse(printFilter(f, properties))).toEqual(f);
  });

  property(
    'a filter keeps the same rows as an independent definition',
    [filter, fc.array(row, { maxLength: 8 })],
    { numRuns: 500 },
    (f, rows) => {
      const keeps = compileFilter(f, columnsOf(rows));
      expect(rows.map((_, i) => keeps(i))).toEqual(rows.map((r) => holds(f, r)));
    },
  );

  test('property: parses any text or locates the mistake, and completes any text at any position', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'reward',
        'kept',
        ' ',
        '(',
        ')',
        ',',
        '<',
        '!=',
        '&',
        '"',
        "'",
        '\\',
        'in',
        'not',
        'and',
        '0.3',
      ),
      fc.string({ maxLength: 3, unit: 'grapheme' }),
    );
    const text = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
    forAll([text, fc.nat(30)], { numRuns: 1000 }, (t, n) => {
      const mistake = checkFilter(t, properties);
      if (mistake) {
        expect(mistake).toBeInstanceOf(FilterError);
        expect(0 <= mistake.from && mistake.from <= mistake.to && mistake.to <= t.length).toBe(true);
      }
      const cursor = Math.min(n, t.length);
      const { from, to } = completeFilter(t, cursor, properties);
      expect(0 <= from && from <= cursor && cursor <= to && to <= t.length).toBe(true);
    });
  });

  test.each<[string, Filter]>([
    ['', { kind: 'all' }],
    [
      'reward < 0.3 and verdict = only_original',
      { kind: 'and', parts: [compare('reward', '<', 0.3), compare('verdict', '=', 'only_original')] },
    ],
    ['reward<=30%', compare('reward', '<=', 0.3)],
    ['reward ≥ −1', compare('reward', '>=', -1)],
    ['VERDICT', { kind: 'text', text: 'VERDICT' }],
    ['verdict = "Only_Original"', compare('verdict', '=', 'only_original')],
    ['question ~ "left of"', compare('question', 'contains', 'left of')],
    ['question CONTAINS 12', compare('question', 'contains', '12')],
    ['delta = null', compare('delta', '=', null)],
    ['question = "null"', compare('question', '=', 'null')],
    ['not kept', { kind: 'not', part: compare('kept', '=', true) }],
    ['kept = FALSE', compare('kept', '=', false)],
    [
      'left mug',
      {
        kind: 'and',
        parts: [
          { kind: 'text', text: 'left' },
          { kind: 'text', text: 'mug' },
        ],
      },
    ],
    [
      'verdict not in (neither, null)',
      { kind: 'not', part: { kind: 'in', property: 'verdict', values: ['neither', null] } },
    ],
    [
      'kept or left and !kept',
      {
        kind: 'or',
        parts: [
          compare('kept', '=', true),
          {
            kind: 'and',
            parts: [
              { kind: 'text', text: 'left' },
              { kind: 'not', part: compare('kept', '=', true) },
            ],
          },
        ],
      },
    ],
  ])('parses the filter %s', (text, expected) => expect(parse(text)).toEqual(expected));

  test.each([
    ['rewrd < 0.3', 0, 5, 'reward', 'Did you mean "reward"?'],
    ['kept and verdict = only_orignal', 19, 31, 'only_original', 'Did you mean "only_original"?'],
    ['verdict = wrong', 10, 15, null, 'Choose from consistent, only_original, only_mirror, neither, null.'],
    ['reward', 0, 6, '"reward"', 'is a field'],
    ['reward <', 8, 8, null, 'The filter lacks a value at the end.'],
    ['reward = big', 9, 12, null, '"reward" must be a number'],
    ['question < 3', 9, 10, '=', 'Compare it with =, !=, contains or in'],
    ['delta < null', 8, 12, null, 'null can only be compared'],
    ['(kept', 0, 1, null, 'Unclosed parenthesis'],
    ['kept)', 4, 5, null, 'Unmatched closing parenthesis'],
    ['kept and', 8, 8, null, 'lacks a comparison at the end'],
    ['and kept', 0, 3, null, 'Unexpected'],
    ['"left', 0, 5, null, 'Unclosed quote.'],
    ['kept & left', 5, 6, 'and', 'Use "and".'],
    ['verdict in neither', 11, 18, null, 'Expected a list in parentheses'],
  ])('rejects the filter %s from %i to %i', (text, from, to, suggestion, message) => {
    const mistake = checkFilter(text, properties);
    expect(mistake).toMatchObject({ from, to, suggestion });
    expect(mistake!.message).toContain(message);
  });

  test('names the field that has a value', () => {
    const outcome = { name: 'outcome', type: 'choice', values: ['both_right'], doc: '' } as const;
    const mistake = checkFilter('outcome = neither', [...properties, outcome]);
    expect(mistake!.message).toContain('"outcome" cannot be "neither". Use verdict = neither.');
  });

  test.each(['(', 'not '])('rejects thousands of "%s" in a filter', (piece) => {
    const mistake = checkFilter(`${piece.repeat(5000)}kept`, properties);
    expect(mistake!.message).toContain('nested too deeply');
  });

  test('lists the texts that a filter searches for', () => {
    expect(textsOf(parse('left (kept or not "a b") and (left or question ~ cup)'))).toEqual(['left', 'a b']);
  });

  const completions = (marked: string) => {
    const cursor = marked.indexOf('|');
    const text = marked.replace('|', '');
    const { from, to, items } = completeFilter(text, cursor, properties);
    return items.map((item) => text.slice(0, from) + item.text + text.slice(to));
  };
  test.each([
    ['|', ['reward', 'delta', 'question', 'verdict', 'kept', 'not']],
    ['re|', ['reward']],
    ['re|wa < 1', ['reward < 1']],
    ['verdict |', ['verdict =', 'verdict !=', 'verdict contains', 'verdict in']],
    ['verdict = o|', ['verdict = only_original', 'verdict = only_mirror', 'verdict = consistent']],
    ['verdict in (neither, only_m|)', ['verdict in (neither, only_mirror)']],
    ['verdict not in (neither |)', []],
    ['kept = |', ['kept = true', 'kept = false', 'kept = null']],
    ['kept |', ['kept =', 'kept !=', 'kept in', 'kept and', 'kept or']],
    ['reward < 1 |', ['reward < 1 and', 'reward < 1 or']],
    ['(kept or d|', ['(kept or delta', '(kept or reward', '(kept or verdict']],
    ['question ~ "le|', []],
  ])('completes the filter %s', (marked, expected) => expect(completions(marked)).toEqual(expected));

  test('completes only the values that occur', () => {
    const { complete } = filterWriting([], [], { verdict: ['neither', 'null'], task: ['mcq'] });
    const offered = (text: string) => complete(text, text.length).items.map((item) => item.text);
    expect(offered('verdict = ')).toEqual(['neither', 'null']);
    expect(offered('task in (')).toEqual(['mcq']);
    expect(offered('error = ')).toEqual(['format', 'graph', 'answer', 'null']);
  });

  test('lists the values of the fields in a filter', () => {
    const { valuesIn } = filterWriting([], ['outcome'], { verdict: ['neither', 'null'] });
    expect(valuesIn('outcome in (only_first) and not verdict = consistent and step > 3')).toEqual([
      '"outcome" has no value in this list.',
      'Values of "verdict" in this list: neither, null.',
    ]);
    expect(valuesIn('left')).toEqual([]);
  });

  test('accepts the heading of a column in place of the name', () => {
    const headed = [...properties, { name: 'mean', label: 'Orig. reward', type: 'number', doc: '' } as const];
    expect(parseFilter('orig._reward > 1', headed)).toEqual(compare('mean', '>', 1));
    expect(parseFilter('Orig._reward not in (1)', headed)).toEqual({
      kind: 'not',
      part: { kind: 'in', property: 'mean', values: [1] },
    });
    // A word alone is a text to search for.
    expect(parseFilter('orig._reward', headed)).toEqual({ kind: 'text', text: 'orig._reward' });
  });

  test('reads outcome as the outcome of the pair, unless two evaluations are compared', () => {
    const alone = filterWriting([], ['outcome']);
    expect(alone.mistakeIn('outcome = only_original')).toBeNull();
    expect(alone.complete('outcome = only_o', 16).items.map(({ text }) => text)).toEqual(['only_original']);
    const compared = filterWriting([], []);
    expect(compared.mistakeIn('outcome = only_original')?.message).toContain('Use verdict = only_original.');
    expect(compared.mistakeIn('outcome = only_first')).toBeNull();
  });

  test('docs/reference.md: documents every filter field of pairs', () => {
    const page = readFileSync('docs/reference.md', 'utf8');
    const names = [...page.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(names).toEqual(expect.arrayContaining(TRACE_FIELDS.map(({ name }) => name)));
  });
});
