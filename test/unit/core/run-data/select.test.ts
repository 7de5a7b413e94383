import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  searchText,
  summariseTrained,
  type EvaluatedSummary,
  type TrainedSummary,
} from '../../../../src/core/run-data/trace-summary.ts';
import { parseFilter } from '../../../../src/core/query/parse.ts';
import { TRACE_FIELDS } from '../../../../src/core/run-data/trace-fields.ts';
import { readTracedPair } from '../../../../src/core/run-data/trace.ts';
import { selectRows } from '../../../../src/core/run-data/trace-query.ts';
import { newDictionaries, PairTable } from '../../../../src/core/run-data/trace-table.ts';
import { completion, tracedPair, view } from '../../lab/traces/make.ts';
import { forAll, property } from '../../../support/property.ts';

const base = summariseTrained(tracedPair(1, 0));
const summary: fc.Arbitrary<TrainedSummary> = fc
  .record({
    delta: fc.option(
      fc.oneof(
        fc.constantFrom(-0.5, 0, 0.25),
        fc.double({ noNaN: true }).map((x) => x + 0),
      ),
    ),
    sample: fc.tuple(fc.constantFrom('row-', 'Row-', 'set/'), fc.nat(120)).map(([name, n]) => `${name}${n}`),
    verdict: fc.option(fc.constantFrom('consistent', 'neither')),
    kept: fc.boolean(),
  })
  .map((over) => ({ ...base, ...over }));

/** What evaluations have next to what every pair has. */
const evaluated: fc.Arbitrary<EvaluatedSummary> = summary.map(
  ({
    step,
    pair,
    sample,
    question,
    answer,
    views,
    verdict,
    accuracy,
    accuracy_most,
    graph,
    length,
    truncated,
    delta,
  }) => ({
    kind: 'evaluated',
    step,
    pair,
    sample,
    question,
    answer,
    views,
    verdict,
    accuracy,
    accuracy_most,
    graph,
    length,
    truncated,
    relation: 'left_right',
    set: 'val',
    task: 'yesno',
    format: delta === null ? null : 0.5,
    error: 'graph',
  }),
);

/** Every field by its name in filters. */
const flat = (summary: TrainedSummary | EvaluatedSummary) => {
  const { rewards, ...own } = { rewards: {}, ...summary };
  const lacking = Object.fromEntries(TRACE_FIELDS.map(({ name }) => [name, null]));
  return { ...lacking, ...own, ...rewards, kind: undefined };
};

property(
  'PairTable: restores the rows of one or several parts',
  [fc.array(fc.array(fc.oneof(summary, evaluated), { maxLength: 5 }), { maxLength: 4 })],
  (parts) => {
    const words = newDictionaries();
    const table = PairTable.join(
      parts.map((part) => PairTable.from(part, words).rows),
      words,
    );
    expect(Array.from({ length: table.length }, (_, row) => table.row(row))).toEqual(parts.flat().map(flat));
  },
);

test('property: selectRows: sorts stably by comparison, with null last', () => {
  const number = (text: string) => text.toLowerCase().replace(/\d+/, (digits) => digits.padStart(6, '0'));
  const key = {
    delta: (row: TrainedSummary) => row.delta,
    sample: (row: TrainedSummary) => number(row.sample),
    verdict: (row: TrainedSummary) => row.verdict,
    kept: (row: TrainedSummary) => Number(row.kept),
  };
  const field = fc.constantFrom('delta', 'sample', 'verdict', 'kept') as fc.Arbitrary<keyof typeof key>;
  forAll([fc.array(summary, { maxLength: 30 }), field, fc.boolean()], (rows, field, descending) => {
    const compare = (a: TrainedSummary, b: TrainedSummary) => {
      const [x, y] = [key[field](a), key[field](b)];
      if (x === null || y === null) return Number(x === null) - Number(y === null);
      return (x < y ? -1 : x > y ? 1 : 0) * (descending ? -1 : 1);
    };
    const wanted = [...rows.keys()]
      .filter((i) => rows[i]!.delta !== 0)
      .sort((a, b) => compare(rows[a]!, rows[b]!) || a - b);
    const table = PairTable.from(rows, newDictionaries());
    const filter = parseFilter('not delta in (0)', TRACE_FIELDS);
    const near = rows.some(({ delta }) => delta !== null && delta !== 0 && Math.abs(delta) < 1e-9);
    fc.pre(!near); // equal to zero, for the filter
    const found = selectRows(table, filter, () => () => false, { field, descending });
    expect([...found]).toEqual(wanted);
  });
});

test('property: readTracedPair: reads lines that can be summarised, and rejects all others', () => {
  const whole = tracedPair(1, 0, {
    views: [view('original', 'Is it left?', [completion('yes'), completion('no')])],
  });
  /** Every place of the pair, as a path. */
  const places = (value: unknown): string[][] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, inner]) => [
          [name],
          ...places(inner).map((path) => [name, ...path]),
        ])
      : [];
  const put = (value: unknown, [name, ...rest]: string[], by: unknown): unknown => {
    if (name === undefined) return by;
    const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<
      string,
      unknown
    >;
    copy[name] = put(copy[name], rest, by);
    return copy;
  };
  const other = fc.constantFrom(undefined, null, 0, -1, 'text', true, [], {}, [null], [{}]);
  forAll([fc.constantFrom(...places(whole)), other], { numRuns: 500 }, (path, by) => {
    let read;
    try {
      read = readTracedPair(put(whole, path, by), { file: 'step-000001.jsonl', line: 7 });
    } catch (error) {
      expect((error as Error).message).toMatch(
        /^step-000001\.jsonl:7 cannot be read: (?:it|"[\w.[\]-]+"):? (?:must be .*|is missing|Unknown view .*)\.$/,
      );
      return;
    }
    expect(typeof summariseTrained(read).accuracy).toBe('number');
    expect(typeof searchText(read)).toBe('string');
  });
});
