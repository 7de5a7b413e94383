import { firstIn } from '../../../src/base/numbers.ts';

/** Item on a line of the grid: the heading of a group, or a pair by its index in the list. */
type Slot = { kind: 'heading'; group: number } | { kind: 'pair'; group: number; place: number };

interface Placed {
  /** First line of the group. `place`: the index of the group's first pair. */
  line: number;
  place: number;
  count: number;
}

/** Positions of a grid's tiles. Each group starts a new line, with its heading to the left of the group's lines. */
export class WallLayout {
  readonly lines: number;
  readonly count: number;
  /** Whether the lines without a heading are indented by the width of a heading. */
  readonly indented: boolean;
  private readonly groups: Placed[] = [];
  /** Maximum number of pairs per line. */
  private readonly width: number;
  /** Number of lines of each heading: 1 if headings have separate lines, else 0. */
  private readonly own: number;

  /**
   * @param counts number of pairs in each group, at least 1
   * @param columns number of columns, at least 1; if headings leave no space for a pair, each gets a separate line
   * @param headed whether groups have headings
   */
  constructor(
    counts: readonly number[],
    columns: number,
    private readonly headed: boolean,
  ) {
    this.indented = headed && columns > 1;
    this.width = this.indented ? columns - 1 : columns;
    this.own = headed && !this.indented ? 1 : 0;
    let [line, place] = [0, 0];
    for (const count of counts) {
      this.groups.push({ line, place, count });
      line += Math.ceil((count + this.own) / this.width);
      place += count;
    }
    this.lines = line;
    this.count = place;
  }

  /** Returns the tiles of a line, from left to right. */
  line(line: number): Slot[] {
    const group = this.lastGroup((placed) => placed.line <= line);
    const { line: first, place, count } = this.groups[group]!;
    const from = (line - first) * this.width - this.own;
    const slots: Slot[] = this.headed && line === first ? [{ kind: 'heading', group }] : [];
    for (let at = Math.max(from, 0); at < Math.min(from + this.width, count); at++)
      slots.push({ kind: 'pair', group, place: place + at });
    return slots;
  }

  lineOf(place: number): number {
    const { line, place: first } = this.groups[this.groupOf(place)]!;
    return line + Math.floor((place - first + this.own) / this.width);
  }

  groupOf(place: number): number {
    return this.lastGroup((group) => group.place <= place);
  }

  /** Returns the pair `by` lines below a pair (above it for negative `by`), in the same or the nearest column. */
  below(place: number, by: number): number {
    const { place: first } = this.groups[this.groupOf(place)]!;
    const column = (place - first) % this.width;
    const to = Math.max(0, Math.min(this.lineOf(place) + by, this.lines - 1));
    const pairs = this.line(to).flatMap((slot) => (slot.kind === 'pair' ? slot.place : []));
    if (pairs.length > 0) return pairs[Math.min(column, pairs.length - 1)]!;
    // A heading on a separate line precedes the first pair of its group; upwards, use the line above the heading.
    const { place: start } = this.groups[this.lastGroup((group) => group.line <= to)]!;
    return by < 0 && start > 0 ? start - 1 : start;
  }

  /** Returns the number of the last group that has a property, which all groups before it must also have. */
  private lastGroup(has: (group: Placed) => boolean): number {
    return Math.max(firstIn(0, this.groups.length, (i) => !has(this.groups[i]!)) - 1, 0);
  }
}
