import { sum } from '../../base/numbers.ts';
import { besideText, type Row, type Table } from './document.ts';

/** The width of the text in LaTeX's `article`, in points; on a page of two columns, `table*` has more. */
const TEXT_WIDTH = 345;
/** How high the rows on a page are at most, in points: below them are notes. */
const PAGE = 420;

/** A size of type, with about how much room it takes, in points. */
interface Size {
  /** Sets it; "" for that of the text. */
  command: string;
  /** Sets that of what follows a figure. */
  small: string;
  /** A letter, one of those that follow a figure, and the space of a column. */
  letter: number;
  smallLetter: number;
  space: number;
  line: number;
  smallLine: number;
}

const SIZES: readonly Size[] = [
  { command: '', small: '\\scriptsize', letter: 5, smallLetter: 3.8, space: 12, line: 12, smallLine: 10 },
  {
    command: '\\footnotesize\\setlength{\\tabcolsep}{2pt}',
    small: '\\tiny',
    letter: 4.3,
    smallLetter: 3,
    space: 4,
    line: 9.5,
    smallLine: 7,
  },
];

/** What one word takes at least where words are broken into lines, and how many letters of a heading stand in one. */
const [LEAST_WORDS, HEADING] = [75, 12];
/** What words take together where figures leave them less, as a share of the text's width. */
const WORDS = 0.4;

/** How a table is set. */
interface Layout {
  size: Size;
  /** The lines of each heading. */
  headings: string[][];
  /** The widths of columns whose words are broken into lines, in points; null for the others. */
  broken: (number | null)[];
  /** The columns of each part. */
  parts: number[][];
  /** The rows of each part. */
  chunks: Row[][];
  /** Whether each part is a table by itself, not all of them below each other in one. */
  apart: boolean;
  /** Whether all columns are in one part, which is no wider than the text. */
  fits: boolean;
}

/**
 * Lays a table out. One that is wider than the text breaks its headings and its words into lines, then is set smaller; if
 * that is not enough, it is printed in parts, which all begin with the columns before the figures, as these say what a
 * row is about. One that is higher than a page becomes several.
 */
export function layoutOf(table: Table): Layout {
  const plain = layoutIn(table, SIZES[0]!, false);
  const broken = SIZES.map((size) => layoutIn(table, size, true));
  return [plain, ...broken].find(({ fits }) => fits) ?? broken.at(-1)!;
}

function layoutIn({ columns, rows }: Table, size: Size, isBroken: boolean): Layout {
  const headings = columns.map(({ title, align }) => headingLines(title, isBroken && align === 'right'));
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(lettersIn));
  const widths = columns.map(({ note }, c) => {
    const texts = [...headings[c]!, ...rows.map(({ cells }) => cells[c]!.text)];
    const beside = rows.map(({ cells }) => besideText(cells[c]!));
    const raised = note === undefined ? 0 : size.smallLetter;
    return size.space + raised + Math.max(size.letter * longest(texts), size.smallLetter * longest(beside));
  });
  const all = [...columns.keys()];
  const figures = columns.findIndex(({ align }) => align === 'right');
  const about = all.slice(0, figures < 0 ? all.length : Math.max(1, figures));
  const rest = TEXT_WIDTH - sum(widths.slice(about.length));
  const least = (LEAST_WORDS * size.letter) / SIZES[0]!.letter;
  const room = figures < 0 || rest >= least * about.length ? rest : WORDS * TEXT_WIDTH;
  const wordsOf = (c: number) =>
    [...headings[c]!, ...rows.map(({ cells }) => cells[c]!.text)].flatMap((text) => text.split(/\s+|(?<=-)/));
  const leasts = about.map((c) => Math.min(widths[c]!, size.space + size.letter * longest(wordsOf(c))));
  const shares = sharesOf(widths.slice(0, about.length), leasts, room);
  const broken = all.map((c) => (isBroken && c in shares && shares[c]! < widths[c]! ? shares[c]! : null));
  const used = widths.map((width, c) => broken[c] ?? width);
  const widthOf = (part: readonly number[]) => sum(part.map((c) => used[c]!));
  const parts: number[][] = [];
  for (const c of all.slice(about.length)) {
    const part = parts.at(-1);
    if (part && widthOf([...part, c]) <= TEXT_WIDTH) part.push(c);
    else parts.push([...about, c]);
  }
  // Words alone are not printed in parts, but broken.
  if (parts.length === 0) parts.push(all);
  const fits = parts.length === 1 && widthOf(parts[0]!) <= TEXT_WIDTH;
  const heights = rows.map(({ cells }) => {
    const lines = cells.map(({ text }, c) =>
      Math.ceil((1.3 * size.letter * text.length) / (broken[c] ?? Infinity)),
    );
    const isDouble = cells.some((cell) => besideText(cell) !== '');
    return size.line * Math.max(1, ...lines) + (isDouble ? size.smallLine : 0);
  });
  const chunks = chunksOf(rows, heights);
  const apart = parts.length * sum(heights) > PAGE;
  return { size, headings, broken, parts, chunks, apart, fits };
}

/** The length of a text in letters of mean width; a capital is half as wide again. */
const lettersIn = (text: string): number => text.length + (text.match(/\p{Lu}/gu)?.length ?? 0) / 2;

/** The lines of a heading, broken at its commas, or into lines of a few words. */
function headingLines(title: string, isBroken: boolean): string[] {
  if (!isBroken) return title.split(/(?<=,) (?!%)/);
  const lines: string[] = [];
  for (const word of title.split(/ (?!%)/)) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= HEADING) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The rows that stand on a page each; one list without any, if there are none. */
function chunksOf(rows: readonly Row[], heights: readonly number[]): Row[][] {
  const chunks: Row[][] = [[]];
  let height = 0;
  rows.forEach((row, r) => {
    height += heights[r]!;
    if (height > PAGE && chunks.at(-1)!.length > 0) {
      chunks.push([]);
      height = heights[r]!;
    }
    chunks.at(-1)!.push(row);
  });
  return chunks;
}

/**
 * Divides a width among columns: those that need less than their share leave the rest to the others, and none gets less
 * than its longest word, so that words may take more than the width together.
 */
function sharesOf(widths: readonly number[], leasts: readonly number[], room: number): number[] {
  const shares: number[] = [];
  let open = [...widths.keys()];
  let left = room;
  while (open.length > 0) {
    const level = left / open.length;
    const narrow = open.filter((c) => leasts[c]! > level);
    const settled = narrow.length > 0 ? narrow : open.filter((c) => widths[c]! <= level);
    for (const c of settled.length > 0 ? settled : open) {
      shares[c] = narrow.length > 0 ? leasts[c]! : Math.min(widths[c]!, level);
      left -= shares[c]!;
    }
    open = open.filter((c) => shares[c] === undefined);
  }
  return shares;
}
