import type { Size } from '../../src/core/spatial/boxes.ts';
import type { Shape } from './shapes.ts';

/** As many as there are colours in pair.css. */
const COLOURS = 6;

/**
 * Shapes over a picture. The lines are SVG in the picture's pixels, with strokes that do not scale; the labels are
 * text in the page, so that they have the size of text.
 */
export function Overlay({ shapes, size }: { shapes: Shape[]; size: Size }) {
  if (shapes.length === 0) return null;
  return (
    <>
      <svg viewBox={`0 0 ${size.w} ${size.h}`} preserveAspectRatio="none" aria-hidden="true">
        {shapes.map((shape) => {
          const path = pathOf(shape);
          const look = `${shape.kind} ${shape.from}`;
          return (
            <>
              {/* Twice: a dark line below a coloured one is seen on any picture. */}
              <path d={path} class={`${look} under`} />
              <path d={path} class={`${look} c${shape.colour % COLOURS}`} />
            </>
          );
        })}
      </svg>
      <ul class="labels" aria-label="Boxes and objects">
        {shapes.map((shape) => (
          <li class={`${shape.from} c${shape.colour % COLOURS}`} style={labelPlace(shape, size)}>
            {shape.label}
          </li>
        ))}
      </ul>
    </>
  );
}

/**
 * On the upper edge of a shape, at its left end in the left half of the picture and at its right end in the right one,
 * so that labels stay inside, and a mirror has them where a mirror would.
 */
function labelPlace({ kind, points }: Shape, size: Size): Record<string, string> {
  if (kind === 'arrow') {
    const [[x1, y1], [x2, y2]] = points as [Shape['points'][0], Shape['points'][0]];
    // Near its beginning: middles of arrows meet when three things stand in a row.
    const at = (a: number, b: number, of: number) => `${(100 * (0.7 * a + 0.3 * b)) / of}%`;
    return { left: at(x1, x2, size.w), top: at(y1, y2, size.h), transform: 'translate(-50%, -50%)' };
  }
  const xs = points.map(([x]) => Math.min(Math.max(x / size.w, 0), 1));
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const top = Math.max(Math.min(...points.map(([, y]) => y / size.h)), 0);
  return {
    top: `${100 * top}%`,
    ...(left + right <= 1 ? { left: `${100 * left}%` } : { right: `${100 * (1 - right)}%` }),
    // Above the edge where there is room for it.
    ...(top > 0.08 && { transform: 'translateY(-100%)' }),
  };
}

/** A dot is a line without length: its round cap has the width of the stroke. An arrow has its head at two thirds. */
function pathOf({ kind, points }: Shape): string {
  const at = (point: readonly number[]) => `${point[0]} ${point[1]}`;
  if (kind === 'dots') return points.map((point) => `M${at(point)}h0`).join('');
  if (kind === 'arrow') {
    const [[x1, y1], [x2, y2]] = points as [Shape['points'][0], Shape['points'][0]];
    const [dx, dy] = [(x2 - x1) / 12, (y2 - y1) / 12];
    const [x, y] = [x1 + 8 * dx, y1 + 8 * dy];
    const side = (turn: 1 | -1) => at([x - dx + (turn * dy) / 2, y - dy - (turn * dx) / 2]);
    return `M${at([x1, y1])}L${at([x2, y2])}M${side(1)}L${at([x, y])}L${side(-1)}`;
  }
  return `M${points.map(at).join('L')}Z`;
}
