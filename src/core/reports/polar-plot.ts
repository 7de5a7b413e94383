import type { Chart, Point } from './document.ts';
import {
  colourOf,
  drawLegend,
  type Drawing,
  label,
  type Mark,
  round,
  shape,
  tooltipOf,
} from './drawing-parts.ts';

/** Room around the outer ring for the names of directions, and its largest radius. */
const ROOM = 24;
const RADIUS = 140;

/** Draws shares by direction: 0° is up, 90° to the right; the outer ring is 100%, the inner one 50%. */
export function drawPolar({ series }: Chart, width: number): Drawing {
  const legend = drawLegend(series, width);
  const radius = Math.min(RADIUS, width / 2 - 2 * ROOM);
  const [x, y] = [width / 2, legend.height + ROOM + radius];
  const pointAt = (degrees: number, share: number) => {
    const [angle, distance] = [(degrees * Math.PI) / 180, (radius * share) / 100];
    return [round(x + distance * Math.sin(angle)), round(y - distance * Math.cos(angle))] as const;
  };
  const ring = (share: number): Mark => {
    const r = round((radius * share) / 100);
    const half = `a${r} ${r} 0 1 0`;
    return {
      tag: 'path',
      at: { class: 'grid', fill: 'none', d: `M${round(x - r)} ${y}${half} ${2 * r} 0${half} ${-2 * r} 0z` },
    };
  };
  const line = (look: string, [x1, y1]: readonly number[], [x2, y2]: readonly number[]): Mark => ({
    tag: 'line',
    at: { class: look, x1: x1!, y1: y1!, x2: x2!, y2: y2! },
  });
  const drawn = series.flatMap(({ name, points }, s): Mark[] => {
    const look = colourOf(s);
    const around = [...points].sort((a, b) => a.x - b.x);
    const outline = around
      .map((point, i) => `${i ? 'L' : 'M'}${pointAt(point.x, point.y).join(' ')}`)
      .join('');
    return [
      { tag: 'path', at: { class: `curve ${look}`, fill: 'none', d: outline } },
      ...around.flatMap(({ x: degrees, interval }) =>
        interval
          ? [line(`spread ${look}`, pointAt(degrees, interval[0]), pointAt(degrees, interval[1]))]
          : [],
      ),
      ...around.map((point: Point): Mark => ({
        tag: 'path',
        at: { class: `dot ${look}`, d: shape(s, ...pointAt(point.x, point.y)) },
        title: tooltipOf(name, point),
        ...(point.opens && { opens: point.opens }),
      })),
    ];
  });
  return {
    height: Math.ceil(y + radius + ROOM),
    marks: [
      ...legend.marks,
      ring(100),
      ring(50),
      line('grid', pointAt(0, 100), pointAt(180, 100)),
      line('grid', pointAt(-90, 100), pointAt(90, 100)),
      label('0°', x, y - radius - 8, 'middle'),
      label('180°', x, y + radius + 16, 'middle'),
      label('−90°', x - radius - 6, y + 4, 'end'),
      label('90°', x + radius + 6, y + 4, 'start'),
      ...drawn,
    ],
  };
}
