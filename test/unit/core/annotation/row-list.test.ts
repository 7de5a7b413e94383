import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  inverse,
  rebaseOnto,
  RowList,
  rowsOf,
  type Piece,
  type Splice,
} from '../../../../src/core/annotation/row-list.ts';

const ROWS = 12;
const base = Array.from({ length: ROWS }, (_, i) => `${i}\n`);
const bytes = (pieces: readonly Piece[], file = base) =>
  pieces.flatMap((piece) =>
    'raw' in piece ? [piece.raw] : file.slice(piece.base, piece.base + piece.count),
  );

/** A person's wish: from a row on, so many rows become these. */
const wish = fc.record({
  at: fc.nat(),
  rows: fc.nat({ max: 3 }),
  insert: fc.array(fc.string({ maxLength: 3 }), { maxLength: 2 }),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function splice(list: RowList, { at, rows, insert }: Wish): Splice {
  const from = at % (list.count + 1);
  const remove = list.slice(from, Math.min(rows, list.count - from));
  return { at: from, remove, insert: insert.map((raw) => ({ raw })) };
}

test('edits are those of a list of lines, and undone they leave no trace', () => {
  fc.assert(
    fc.property(fc.array(wish), (wishes) => {
      const list = RowList.of(ROWS);
      const lines = [...base];
      const done: Splice[] = [];
      const states = [[...lines]];
      for (const w of wishes) {
        const change = splice(list, w);
        list.apply(change);
        lines.splice(change.at, rowsOf(change.remove), ...bytes(change.insert));
        expect(bytes(list.pieces)).toEqual(lines);
        done.push(change);
        states.push([...lines]);
      }
      for (const change of done.reverse()) {
        expect(bytes(list.pieces)).toEqual(states.pop());
        list.apply(inverse(change));
      }
      expect(list.pieces).toEqual(RowList.of(ROWS).pieces);
    }),
  );
});

test('after a save, undo goes on to where it would have gone', () => {
  fc.assert(
    fc.property(fc.array(wish, { minLength: 1 }), fc.nat(), (wishes, pick) => {
      const saveAfter = pick % wishes.length;
      let list = RowList.of(ROWS);
      let file = base;
      let undo: Splice[] = [];
      wishes.forEach((w, i) => {
        const change = splice(list, w);
        list.apply(change);
        undo.push(inverse(change));
        if (i !== saveAfter) return;
        const move = rebaseOnto(list.pieces, (row) => base[row]!);
        undo = undo.map(({ at, remove, insert }) => ({
          at,
          remove: move.pieces(remove),
          insert: move.pieces(insert),
        }));
        file = bytes(list.pieces);
        list = RowList.of(list.count);
      });
      for (const change of undo.reverse()) list.apply(change);
      expect(bytes(list.pieces, file)).toEqual(base);
    }),
  );
});

test('a change that belongs to another state is refused, and changes nothing', () => {
  const list = RowList.of(3);
  expect(() => list.apply({ at: 0, remove: [{ base: 1, count: 1 }], insert: [] })).toThrow(
    'Row 1 is not what',
  );
  expect(() => list.apply({ at: 2, remove: [{ base: 2, count: 2 }], insert: [] })).toThrow(RangeError);
  expect(list.count).toBe(3);
});
