import type { BoxFormat } from '../boxes.ts';
import { splitFormat } from '../boxes.ts';
import { subtractDecimals } from './decimal.ts';
import type { Edit, Findings, Note } from './edits.ts';
import type { Span } from './protect.ts';

/** How numbers in the text are meant: the row's `box_format`, and the width that it counts in (null: unknown). */
export interface Coordinates {
  format: BoxFormat | undefined;
  width: number | null;
}

const NUMBER = /[-−]?(?:\d+(?:\.\d+)?|\.\d+)/g;
/** Numbers in brackets, and bracket after bracket: [1, 2, 3, 4], (1,2),(3,4), [[1, 2, 3, 4], [5, 6, 7, 8]]. */
const GROUP = /(?:[[(]\s*)+[-−\d.][-−\d.,;\s()[\]]*[\])]/g;
const TAGGED = /(?<=<(box|bbox|point|points|poly)>)[-−\d.,;\s]+(?=<\/\1>)/g;
const BARE = /^[\s]*[-−\d.]+(?:\s*[,;\s]\s*[-−\d.]+)+[.\s]*$/;
/** Forms that are not lists: x1=12, "x": 0.4, <loc0123>, pixel offsets with a sign. */
const NAMED = /\b[xy](?:[12]|min|max)?["']?\s*[=:]\s*["']?[-−]?\.?\d|<(?:loc|bin|x|y|coord)_?\d+>/i;

/** "normalised to [0, 1]". */
const RANGE = /^0(?:\.0)? [-−]?(?:1|1\.0|100|999|1000)$/;

interface Placed {
  text: string;
  start: number;
  end: number;
}

function numbersIn(text: string, start: number, end: number): Placed[] {
  return [...text.slice(start, end).matchAll(NUMBER)].map((m) => ({
    text: m[0],
    start: start + m.index,
    end: start + m.index + m[0].length,
  }));
}

/** How many numbers make one entry; 0: any number of x, y pairs. Key points in a text have no names: they do not fit. */
function arity(format: BoxFormat): number {
  const shape = splitFormat(format)?.shape;
  return shape === 'point' ? 2 : shape ? 4 : format === 'polygon_px' ? 0 : 1;
}

/** New texts of one entry's numbers, in order. Box order is kept, the corners of a box change places. */
function mirrorEntry(numbers: readonly string[], format: BoxFormat, full: string): string[] {
  const shape = splitFormat(format)?.shape ?? format;
  const [a, b, c, d] = numbers as [string, string, string, string];
  if (shape === 'scalar_y_px') return [...numbers];
  if (shape === 'xyxy') return [subtractDecimals(full, c), b, subtractDecimals(full, a), d];
  if (shape === 'xywh') return [subtractDecimals(full, a, c), b, c, d];
  if (shape === 'polygon_px') return numbers.map((v, i) => (i % 2 === 0 ? subtractDecimals(full, v) : v));
  return [subtractDecimals(full, a), ...numbers.slice(1)];
}

/**
 * Mirrors the coordinates that stand in a text. Where the convention is not declared, the width is missing or the
 * numbers do not fit, nothing is guessed: a note says so.
 */
export function coordinates(
  text: string,
  role: string | undefined,
  { format, width }: Coordinates,
  skip: readonly Span[],
): Findings {
  const groups = placedGroups(text, format, role).filter(
    (group) => !skip.some((s) => s.start < group.at(-1)!.end && group[0]!.start < s.end),
  );
  const note = (rule: string, message: string, group?: Placed[]): Note => ({
    level: 'review',
    rule,
    message,
    ...(group && { start: group[0]!.start, end: group.at(-1)!.end }),
  });
  if (NAMED.test(text) && !format?.startsWith('scalar'))
    return { edits: [], notes: [note('coordinates.named', 'Coordinates in a form that is not a list.')] };
  if (groups.length === 0) return { edits: [], notes: [] };
  if (!format) {
    return {
      edits: [],
      notes: [
        note(
          'coordinates.undeclared',
          'Numbers look like coordinates; box_format is not declared.',
          groups[0],
        ),
      ],
    };
  }
  if (format === 'scalar_y_px') return { edits: [], notes: [] };
  if (width === null) {
    return { edits: [], notes: [note('coordinates.width', `${format} needs the image's width.`, groups[0])] };
  }
  const edits: Edit[] = [];
  const notes: Note[] = [];
  for (const group of groups) {
    const n = arity(format) || group.length;
    const whole = group.length % n === 0 && (n > 1 || groups.length === 1);
    const pairs = arity(format) !== 0 || group.length % 2 === 0;
    if (!whole || !pairs || format === 'keypoints_px' || !inside(group, n, format, width)) {
      notes.push(note('coordinates.misfit', `Numbers do not fit ${format}.`, group));
      continue;
    }
    for (let i = 0; i < group.length; i += n) {
      const entry = group.slice(i, i + n);
      mirrorEntry(
        entry.map((v) => v.text),
        format,
        String(width),
      ).forEach((to, k) => {
        const { start, end, text: from } = entry[k]!;
        if (to !== from) edits.push({ start, end, from, to, rule: 'coordinates' });
      });
    }
  }
  return { edits, notes };
}

function placedGroups(text: string, format: BoxFormat | undefined, role: string | undefined): Placed[][] {
  const spans = [...text.matchAll(GROUP), ...text.matchAll(TAGGED)].map(
    (m) => [m.index, m.index + m[0].length] as const,
  );
  if (BARE.test(text) && (format || role !== 'question')) spans.push([0, text.length]);
  if (format?.startsWith('scalar') && spans.length === 0 && role === 'answer') spans.push([0, text.length]);
  const groups = spans.map(([start, end]) => numbersIn(text, start, end)).filter((group) => group.length > 0);
  return groups.filter(
    (group) =>
      (group.length > 1 || format?.startsWith('scalar')) && !RANGE.test(group.map((v) => v.text).join(' ')),
  );
}

/** Every number lies in the range of the convention; x and width of a box stay in the image. */
function inside(group: readonly Placed[], n: number, format: BoxFormat, width: number): boolean {
  const unit = splitFormat(format)?.unit ?? 'px';
  return group.every(({ text }, i) => {
    const value = Number(text.replace('−', '-'));
    if (!(value >= 0)) return false;
    return unit !== 'px' ? value <= width : i % (n === 4 ? 2 : n) !== 0 || value <= width;
  });
}
