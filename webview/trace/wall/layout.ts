/** A place on a line of the wall: the heading of a group, or a pair by its place in the list. */
type Slot = { kind: 'heading'; group: number } | { kind: 'pair'; group: number; place: number };

interface Placed {
  /** The first line and the first place of the group. */
  line: number;
  place: number;
  count: number;
}

/** The positions of a wall's tiles: each group begins a new line, with its heading in place of the first tile. */
export class WallLayout {
  readonly lines: number;
  readonly count: number;
  private readonly groups: Placed[] = [];
  /** 1 if groups have headings, else 0. */
  private readonly heading: number;

  /**
   * @param counts of pairs by group, each at least 1
   * @param columns at least 1; if headings leave no room for a pair, they have lines of their own
   * @param headed whether groups have headings
   */
  constructor(
    counts: readonly number[],
    private readonly columns: number,
    headed: boolean,
  ) {
    this.heading = headed ? 1 : 0;
    let [line, place] = [0, 0];
    for (const count of counts) {
      this.groups.push({ line, place, count });
      line += Math.ceil((count + this.heading) / columns);
      place += count;
    }
    this.lines = line;
    this.count = place;
  }

  /** The tiles of a line, from left to right. */
  line(line: number): Slot[] {
    const group = this.lastGroup((one) => one.line <= line);
    const { line: first, place, count } = this.groups[group]!;
    const from = (line - first) * this.columns - this.heading;
    const slots: Slot[] = [];
    for (let at = from; at < Math.min(from + this.columns, count); at++)
      slots.push(at < 0 ? { kind: 'heading', group } : { kind: 'pair', group, place: place + at });
    return slots;
  }

  /** The line of a pair. */
  lineOf(place: number): number {
    const { line, place: first } = this.groups[this.groupOf(place)]!;
    return line + Math.floor((place - first + this.heading) / this.columns);
  }

  /** The group of a pair. */
  groupOf(place: number): number {
    return this.lastGroup((one) => one.place <= place);
  }

  /** The pair `by` lines below another one (above, if negative), in its column or the next one to it. */
  below(place: number, by: number): number {
    const { place: first } = this.groups[this.groupOf(place)]!;
    const column = (place - first + this.heading) % this.columns;
    const to = Math.max(0, Math.min(this.lineOf(place) + by, this.lines - 1));
    const slots = this.line(to);
    const slot = slots[Math.min(column, slots.length - 1)]!;
    if (slot.kind === 'pair') return slot.place;
    const { place: start } = this.groups[slot.group]!;
    // A heading stands before the first pair of its group; going up, what is above it counts.
    return by < 0 && start > 0 && slots.length === 1 ? start - 1 : start;
  }

  /** The number of the last group with a property that holds up to some group. */
  private lastGroup(has: (group: Placed) => boolean): number {
    let [low, high] = [0, this.groups.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (has(this.groups[middle]!)) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}
