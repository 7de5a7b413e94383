import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  inverse,
  lacking,
  replace,
  rowsOf,
  slice,
  wholeFile,
  type Piece,
  type Splice,
} from '../../../../src/core/annotation/pieces.ts';
import { forAll, property } from '../../../support/property.ts';

const ROWS = 12;
const base = Array.from({ length: ROWS }, (_, i) => `${i}\n`);
const bytes = (pieces: readonly Piece[]) =>
  pieces.flatMap((piece) =>
    'raw' in piece ? [piece.raw] : base.slice(piece.base, piece.base + piece.count),
  );

/** A person's wish: from a row on, so many rows become these. */
const wish = fc.record({
  at: fc.nat(),
  rows: fc.nat({ max: 3 }),
  insert: fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function spliceOf(list: readonly Piece[], { at, rows, insert }: Wish): Splice {
  const from = at % (rowsOf(list) + 1);
  const remove = slice(list, from, Math.min(rows, rowsOf(list) - from));
  return { at: from, remove, insert: insert.map((raw) => ({ raw })) };
}

const apply = (list: readonly Piece[], { at, remove, insert }: Splice) =>
  replace(list, at, rowsOf(remove), insert);

property(
  'apply: edits pieces like an array of lines, and undoing restores each state',
  [fc.array(wish)],
  (wishes) => {
    let list = wholeFile(ROWS);
    const lines = [...base];
    const done: Splice[] = [];
    const states = [[...lines]];
    for (const w of wishes) {
      const change = spliceOf(list, w);
      list = apply(list, change);
      lines.splice(change.at, rowsOf(change.remove), ...bytes(change.insert));
      expect(bytes(list)).toEqual(lines);
      done.push(change);
      states.push([...lines]);
    }
    for (const change of done.reverse()) {
      expect(bytes(list)).toEqual(states.pop());
      list = apply(list, inverse(change));
    }
    expect(list).toEqual(wholeFile(ROWS));
  },
);

test('property: lacking: returns the rows that exist only in the first state', () => {
  const after = (wishes: Wish[], list = wholeFile(ROWS)) =>
    wishes.reduce((now, w) => apply(now, spliceOf(now, w)), list);
  forAll([fc.array(wish), fc.array(wish)], (wishes, more) => {
    const before = after(wishes);
    for (const now of [after(more, before), after(more)]) {
      const left = bytes(before);
      for (const row of bytes(lacking(before, now))) left.splice(left.indexOf(row), 1);
      expect([...left, ...bytes(lacking(now, before))].sort()).toEqual(bytes(now).sort());
    }
    expect(lacking(before, before)).toEqual([]);
  });
});

test('replace and slice: reject rows outside the file', () => {
  expect(() => replace(wholeFile(3), 2, 2, [])).toThrow(RangeError);
  expect(() => slice(wholeFile(3), 3, 1)).toThrow('Rows 4 to 4 do not exist, because the file has 3 rows.');
});
