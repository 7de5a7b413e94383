import uPlot from 'uplot';
import type { RunEvent, XAxis } from '../../src/panels/run/run.contract.ts';
import { signOfRun, type Theme } from '../ui/theme.ts';

/** Mark for an event at a position on the x-axis. */
export interface Mark {
  x: number;
  sign: string;
  alarm: boolean;
  message: string;
}

/** Named level on the y-axis, such as chance. */
export interface Level {
  y: number;
  label: string;
  dotted?: boolean;
}

const KIND_SIGNS: Readonly<Record<string, string>> = {
  alarm: '!',
  failed: '✕',
  resume: '▸',
  stop: '■',
  fork: '↳',
};

export const signOf = (kind: string): string => KIND_SIGNS[kind] ?? '•';

export const marksOf = (events: readonly RunEvent[], axis: XAxis): Mark[] =>
  events.map(({ kind, place, message }) => ({
    x: place[axis],
    sign: signOf(kind),
    alarm: kind === 'alarm' || kind === 'failed',
    message,
  }));

/** Space around the plotting area in pixels: half the size of a mark, so that marks at the edges are not clipped. */
const ROOM = 8;

function inside(u: uPlot, draw: (ctx: CanvasRenderingContext2D) => void): void {
  const { ctx, bbox } = u;
  const room = ROOM * uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left - room, bbox.top - room, bbox.width + 2 * room, bbox.height + 2 * room);
  ctx.clip();
  draw(ctx);
  ctx.restore();
}

/** Returns whether a position is visible. In a zoomed chart, most marks are outside the plot. */
const isInSight = ({ scales }: uPlot, x: number) => x >= (scales.x?.min ?? x) && x <= (scales.x?.max ?? x);

const font = (theme: Theme, ratio: number) => theme.font.replace('11px', `${10 * ratio}px`);

/** Draws vertical lines for events, each with a sign for the kind of event at its top. */
export function drawMarks(u: uPlot, marks: readonly Mark[], theme: Theme): void {
  const ratio = uPlot.pxRatio;
  const drawn = new Set<number>();
  inside(u, (ctx) => {
    ctx.font = `bold ${font(theme, ratio)}`;
    ctx.textAlign = 'center';
    ctx.textBaseline = 'top';
    for (const { x, sign, alarm } of marks) {
      // Skip events before the first step, because they have no position on the axis.
      if (!isInSight(u, x)) continue;
      const at = Math.round(u.valToPos(x, 'x', true));
      // Several events at the same position share a line.
      if (drawn.has(at)) continue;
      drawn.add(at);
      ctx.strokeStyle = ctx.fillStyle = alarm ? theme.alarm : theme.quiet;
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 3 * ratio]);
      ctx.globalAlpha = 0.7;
      ctx.beginPath();
      ctx.moveTo(at + 0.5, u.bbox.top + 10 * ratio);
      ctx.lineTo(at + 0.5, u.bbox.top + u.bbox.height);
      ctx.stroke();
      ctx.globalAlpha = 1;
      ctx.fillText(sign, at, u.bbox.top - 3 * ratio);
    }
  });
}

/** Returns the lengths of a level's dashes and gaps, in CSS pixels. */
export const levelDashes = (dotted = false): number[] => (dotted ? [1.5, 3] : [6, 4]);

/** Draws the levels. The legend contains their names and values. */
export function drawLevels(u: uPlot, levels: readonly Level[], theme: Theme): void {
  const ratio = uPlot.pxRatio;
  const { left, width } = u.bbox;
  inside(u, (ctx) => {
    ctx.strokeStyle = theme.quiet;
    ctx.lineWidth = ratio;
    for (const { y, dotted } of levels) {
      const place = Math.round(u.valToPos(y, 'y', true)) + 0.5;
      ctx.setLineDash(levelDashes(dotted).map((length) => length * ratio));
      ctx.beginPath();
      ctx.moveTo(left, place);
      ctx.lineTo(left + width, place);
      ctx.stroke();
    }
  });
}

/** Radius of a point in CSS pixels. */
const DOT = 3.5;

/** Line of single points with intervals. `index`: number of the line's series in the plot. */
interface IntervalLine {
  index: number;
  colour: string;
  hasReach: boolean;
}

/** Returns the pixels by which a line's intervals are wider than those of the last line, so that all are visible. */
const extraOf = (line: number, lines: number): number =>
  (lines - 1 - line) * Math.min(4, 20 / lines) * uPlot.pxRatio;

/** Returns how many earlier lines, at most 3, have a point at the same place as a line's point. */
function covering(u: uPlot, lines: readonly { index: number }[], line: number, i: number): number {
  const placeOf = ({ index }: { index: number }) => u.valToPos(u.data[index]![i] ?? NaN, 'y', true);
  const place = placeOf(lines[line]!);
  return lines.slice(0, line).filter((other) => Math.abs(placeOf(other) - place) < DOT * uPlot.pxRatio)
    .length;
}

/**
 * Draws single points with their intervals. The two series before a line are the line's band, and the two before the
 * band are the bounds, if any. A value of which only the bounds are known is drawn as a bar without a point. A point at
 * the place of an earlier line's point is drawn as a ring around it.
 */
export function drawIntervals(u: uPlot, lines: readonly IntervalLine[]): void {
  const ratio = uPlot.pxRatio;
  inside(u, (ctx) => {
    ctx.setLineDash([]);
    lines.forEach(({ index, colour, hasReach }, line) => {
      ctx.strokeStyle = ctx.fillStyle = colour;
      const extra = extraOf(line, lines.length);
      u.data[0].forEach((x, i) => {
        const [low, high, value] = [index - 2, index - 1, index].map((series) => u.data[series]![i]);
        const [least, most] = hasReach ? [u.data[index - 4]![i], u.data[index - 3]![i]] : [null, null];
        const isOpen = least != null && most != null;
        if (low == null || high == null || (value == null && !isOpen) || !isInSight(u, x)) return;
        const pixel = Math.round(u.valToPos(x, 'x', true)) + 0.5;
        ctx.lineWidth = 1.5 * ratio + extra;
        ctx.globalAlpha = extra === 0 ? 1 : 0.5;
        ctx.beginPath();
        ctx.moveTo(pixel, u.valToPos(low, 'y', true));
        ctx.lineTo(pixel, u.valToPos(high, 'y', true));
        ctx.stroke();
        ctx.lineWidth = 1.5 * ratio;
        ctx.globalAlpha = value == null ? 0.6 : 1;
        ctx.beginPath();
        if (value == null) {
          const [from, to] = [u.valToPos(most!, 'y', true), u.valToPos(least!, 'y', true)];
          const half = (5 * ratio + extra) / 2;
          ctx.rect(pixel - half, from, 2 * half, to - from);
        } else {
          const rings = covering(u, lines, line, i);
          ctx.arc(pixel, u.valToPos(value, 'y', true), (DOT + 3 * rings) * ratio, 0, 2 * Math.PI);
          if (rings > 0) return ctx.stroke();
        }
        ctx.fill();
        ctx.globalAlpha = 1;
      });
    });
  });
}

/**
 * Draws the sign of a run about every hundred pixels of each line of the run, so that colour is not the only cue.
 * @param dots whether there are single points (`drawIntervals`), which then all get the sign
 */
export function drawSigns(
  u: uPlot,
  lines: readonly { index: number; run: number; colour: string }[],
  theme: Theme,
  dots: boolean,
): void {
  const ratio = uPlot.pxRatio;
  const spacing = dots ? 0 : 100 * ratio;
  const runs = Math.max(...lines.map(({ run }) => run)) + 1;
  inside(u, (ctx) => {
    ctx.font = font(theme, ratio);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    for (const [line, { index, run, colour }] of lines.entries()) {
      const values = u.data[index]!;
      // Use different positions for different runs, because the signs of overlapping lines would cover each other.
      let next = u.bbox.left + (run + 0.5) * (spacing / runs);
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        const x = u.data[0][i]!;
        const pixel = u.valToPos(x, 'x', true);
        if (value == null || pixel < next || !isInSight(u, x)) continue;
        if (dots && covering(u, lines, line, i) > 0) continue; // Its ring shows the point.
        next = pixel + spacing;
        ctx.fillStyle = theme.background;
        const y = u.valToPos(value, 'y', true);
        ctx.beginPath();
        ctx.arc(pixel, y, 6 * ratio, 0, 2 * Math.PI);
        ctx.fill();
        ctx.fillStyle = colour;
        ctx.fillText(signOfRun(theme, run), pixel, y);
      }
    }
  });
}
