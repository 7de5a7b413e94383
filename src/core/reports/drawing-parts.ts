import { endsText, fixed } from '../../base/format.ts';
import type { Point, PointAnswers, Series } from './document.ts';

/** Element of a drawing: an SVG element, in a form for any renderer. Its classes determine its colours. */
export interface Mark {
  tag: 'line' | 'path' | 'rect' | 'text' | 'image';
  /** Attributes of the element. A `transform`, which only labels have, is a quarter turn. */
  at: Record<string, string | number>;
  text?: string;
  title?: string;
  opens?: PointAnswers;
}

/** Left edge of the legend, in pixels. */
export const LEFT = 56;
const LEGEND_LINE = 18;
/** Assumed letter width in the legend, in pixels, for wide fonts, so that a name never overlaps the next marker. */
const LEGEND_LETTER = 7;
/** Average letter width of text in labels with a font size of 11 pixels. */
export const LETTER = 6;

/**
 * Number of series colours, set by the classes `s0` … `s5`. The markers of series also differ in shape, for people who
 * cannot distinguish colours.
 */
const COLOURS = 6;
export const colourOf = (s: number): string => `s${s % COLOURS}`;

export interface Drawing {
  height: number;
  marks: Mark[];
}

export const tooltipOf = (name: string, { label: what, y, bounds, interval, note }: Point): string =>
  [
    name,
    what,
    endsText(bounds ?? [y, y], (end) => fixed(end, 2)),
    interval?.map((end) => fixed(end, 2)).join(' – '),
    note,
  ]
    .filter(Boolean)
    .join(', ');

/** Returns the SVG path of a marker. The number of shapes and `COLOURS` have no common divisor, so 30 series differ. */
export function shape(s: number, x: number, y: number): string {
  const shapes = [
    `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z`,
    `M${x - 3.5} ${y - 3.5}h7v7h-7z`,
    `M${x} ${y - 5}l5 5l-5 5l-5 -5z`,
    `M${x} ${y - 4.5}l5 8.5h-10z`,
    `M${x} ${y + 4.5}l5 -8.5h-10z`,
  ];
  return shapes[s % shapes.length]!;
}

/** Draws the legend of the series in as many lines as needed. Omits series without a name. */
export function drawLegend(series: readonly Series[], right: number): Drawing {
  const room = ((right - LEFT - 28) / LEGEND_LETTER) | 0;
  const marks: Mark[] = [];
  let [x, y] = [LEFT, LEGEND_LINE - 4];
  for (const [s, { name, origin, colour }] of series.entries()) {
    if (name === '') continue;
    const width = 28 + Math.min(name.length, room) * LEGEND_LETTER;
    if (x > LEFT && x + width > right) [x, y] = [LEFT, y + LEGEND_LINE];
    const look = `dot ${colourOf(colour ?? s)}${origin === 'published' ? ' published' : ''}`;
    marks.push(
      { tag: 'path', at: { class: look, d: shape(s, x + 5, y - 4) } },
      label(cut(name, room), x + 15, y, 'start', name),
    );
    x += width;
  }
  return { marks, height: marks.length > 0 ? y + 4 : 0 };
}

export function label(text: string, x: number, y: number, anchor = 'start', title = text): Mark {
  return {
    tag: 'text',
    at: { class: 'label', x: round(x), y: round(y), 'text-anchor': anchor },
    text,
    ...(title !== text && { title }),
  };
}

/** Shortens a text in the middle, because names such as those of runs often differ only at one end. */
export function cut(text: string, room: number): string {
  if (text.length <= room) return text;
  const kept = Math.max(room - 1, 1);
  return `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`;
}

/** Returns a text in one or two lines of at most `room` letters, broken at the space nearest to the middle. */
export function inLines(text: string, room: number): string[] {
  const spaces = text.length > room ? [...text.matchAll(/ /g)].map(({ index }) => index) : [];
  const longer = (at: number) => Math.max(at, text.length - at - 1);
  const at = spaces.reduce((best, space) => (longer(space) < longer(best) ? space : best), 0);
  return (at === 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]).map((line) => cut(line, room));
}

export const round = (value: number) => Math.round(100 * value) / 100;
