import { useLayoutEffect, useRef } from 'preact/hooks';
import { oneLine } from '../../src/core/escape.ts';
import type { Size } from '../../src/core/sample/boxes.ts';
import { bow, placeLabels } from './label-places.ts';
import type { Shape } from './shapes.ts';
import { useWidth } from './width.ts';

/** The number of colours in pair.css. */
const COLOURS = 6;

/**
 * Shapes over a picture. The lines are SVG in the picture's pixels, with strokes that do not scale; the labels are text
 * in the page, so that they keep the size of text.
 */
export function Overlay(props: OverlayProps) {
  return props.shapes.length === 0 ? null : <Drawing {...props} />;
}

interface OverlayProps {
  shapes: Shape[];
  size: Size;
}

function Drawing({ shapes, size }: OverlayProps) {
  const list = useRef<HTMLUListElement>(null);
  useWidth(list); // labels have other room in another width
  useLayoutEffect(() => keepApart(list.current!, shapes, size));
  return (
    <>
      <svg viewBox={`0 0 ${size.w} ${size.h}`} preserveAspectRatio="none" aria-hidden="true">
        {shapes.map((shape) => {
          const path = pathOf(shape);
          const look = `${shape.kind} ${shape.from}`;
          return (
            <>
              {/* Drawn twice: a dark line below a coloured one is visible on any picture. */}
              <path d={path} class={`${look} under`} />
              <path d={path} class={`${look} c${shape.colour % COLOURS}`} />
            </>
          );
        })}
      </svg>
      <ul ref={list} class="labels" aria-label="Boxes and objects">
        {shapes.map((shape) => (
          <li class={`${shape.from} c${shape.colour % COLOURS}`}>{oneLine(shape.label, 40)}</li>
        ))}
      </ul>
    </>
  );
}

/**
 * Moves the labels to where they are easiest to read. Their sizes do not depend on where they stand. Where a small
 * picture has no room for one, only its shape is seen; it appears when the picture is enlarged.
 */
function keepApart(list: HTMLUListElement, shapes: readonly Shape[], size: Size): void {
  const { clientWidth: width, clientHeight: height } = list;
  if (width === 0) return; // not shown
  const items = [...list.children] as HTMLElement[];
  const labels = items.map(({ offsetWidth, offsetHeight }) => ({
    w: offsetWidth / width,
    h: offsetHeight / height,
  }));
  placeLabels(shapes, size, labels).forEach((place, i) => {
    items[i]!.classList.toggle('crowded', place === null);
    if (!place) return;
    const { x, y, u, v } = place;
    const transform = `translate(${-100 * u}%, ${-100 * v}%)`;
    Object.assign(items[i]!.style, { left: `${100 * x}%`, top: `${100 * y}%`, transform });
  });
}

/**
 * The SVG path of a shape. A dot is a line of no length, whose round cap has the width of the stroke. An arrow's head
 * is at three quarters.
 */
function pathOf({ kind, points }: Shape): string {
  const at = (point: readonly number[]) => `${point[0]} ${point[1]}`;
  if (kind === 'dots') return points.map((point) => `M${at(point)}h0`).join('');
  if (kind === 'arrow') {
    const { middle, at: along } = bow(points);
    const [[fx, fy], [tx, ty]] = [along(0.7), along(0.78)];
    const [dx, dy] = [tx - fx, ty - fy];
    const side = (turn: 1 | -1) => at([fx + (turn * dy) / 2, fy - (turn * dx) / 2]);
    return `M${at(points[0]!)}Q${at(middle)} ${at(points[1]!)}M${side(1)}L${at([tx, ty])}L${side(-1)}`;
  }
  return `M${points.map(at).join('L')}Z`;
}
