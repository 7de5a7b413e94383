import { useLayoutEffect, useRef } from 'preact/hooks';
import { oneLine } from '../../src/core/reports/export/escape.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
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
          <li class={`${shape.from} c${shape.colour % COLOURS}`} style={labelPlaces(shape, size)[0]}>
            {oneLine(shape.label, 40)}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Positions of a relation's label along its arrow, the best first. */
const ALONG = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

/**
 * Moves labels, those of relations last, so that they cover no other label and as few other boxes as can be, and stay
 * in the picture.
 */
function keepApart(list: HTMLUListElement, shapes: readonly Shape[], size: Size): void {
  if (list.clientWidth === 0) return; // not shown
  const items = [...list.children] as HTMLElement[];
  const boxes = shapes.map((shape) => (shape.kind === 'arrow' ? null : extent(shape, size)));
  const taken: Rectangle[] = [];
  const order = [...shapes.keys()].sort((a, b) => Number(!boxes[a]) - Number(!boxes[b]));
  for (const i of order) {
    const put = (place: LabelPosition) => {
      Object.assign(items[i]!.style, place);
      return sharesOf(items[i]!, list);
    };
    const cost = (place: LabelPosition) => {
      const label = put(place);
      const isOutside = label.left < 0 || label.right > 1 || label.bottom > 1;
      const labels = taken.filter((other) => overlap(label, other)).length;
      const covered = boxes.filter((box, other) => box && other !== i && overlap(label, box)).length;
      return (labels + Number(isOutside)) * shapes.length + covered;
    };
    const places = labelPlaces(shapes[i]!, size);
    const costs = places.map(cost);
    taken.push(put(places[costs.indexOf(Math.min(...costs))]!));
  }
}

/** Where an element is on the screen, in shares of another one's sides. */
function sharesOf(element: HTMLElement, whole: HTMLElement): Rectangle {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const frame = whole.getBoundingClientRect();
  const [x, y] = [
    (at: number) => (at - frame.left) / frame.width,
    (at: number) => (at - frame.top) / frame.height,
  ];
  return { left: x(left), right: x(right), top: y(top), bottom: y(bottom) };
}

/** In shares of the picture's sides. */
interface Rectangle {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** The part of the picture that a shape takes. */
function extent({ points }: Shape, size: Size): Rectangle {
  const within = (share: number) => Math.min(Math.max(share, 0), 1);
  const xs = points.map(([x]) => within(x / size.w));
  const ys = points.map(([, y]) => within(y / size.h));
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/** Where a label stands, as styles. */
type LabelPosition = Record<'left' | 'right' | 'top' | 'transform', string>;

/**
 * The places of a shape's label, the best first: for a relation along its arrow; otherwise on the upper edge, on the
 * lower, and beside it; at the left end first in the left half of the picture, at the right end in the right half. So
 * the mirror's labels are mirrored too.
 */
function labelPlaces(shape: Shape, size: Size): LabelPosition[] {
  const percent = (share: number) => `${100 * share}%`;
  if (shape.kind === 'arrow')
    return ALONG.map((along) => {
      const [x, y] = bow(shape.points).at(along);
      const [left, top] = [percent(x / size.w), percent(y / size.h)];
      return { left, top, right: '', transform: 'translate(-50%, -50%)' };
    });
  const { left, right, top, bottom } = extent(shape, size);
  // Above the upper edge and below the lower one if there is room, inside if not.
  const upper = { top: percent(top), transform: top > 0.08 ? 'translateY(-100%)' : '' };
  const lower = { top: percent(bottom), transform: bottom < 0.92 ? '' : 'translateY(-100%)' };
  const beside = { top: percent((top + bottom) / 2), transform: 'translateY(-50%)' };
  const isLeft = left + right <= 1;
  /** From the right edge of the picture, or from the left, to a label's end. */
  const from = (side: 'left' | 'right', share: number) =>
    side === 'left' ? { left: percent(share), right: '' } : { left: '', right: percent(1 - share) };
  const ends = [from('left', left), from('right', right)];
  const sides = [from('right', left), from('left', right)];
  if (!isLeft) for (const pair of [ends, sides]) pair.reverse();
  return [
    ...[upper, lower].flatMap((edge) => ends.map((end) => ({ ...edge, ...end }))),
    ...sides.map((side) => ({ ...beside, ...side })),
  ];
}

/**
 * The path of an arrow. Longer ones bend further upwards, so that arrows between objects in a row stay apart; the
 * mirror's path is mirrored too.
 */
function bow(points: Shape['points']) {
  const [[x1, y1], [x2, y2]] = points as [Shape['points'][0], Shape['points'][0]];
  const bend = 0.6 * Math.sign(x2 - x1);
  const middle: [number, number] = [(x1 + x2) / 2 + bend * (y2 - y1), (y1 + y2) / 2 - bend * (x2 - x1)];
  /** The point of the curve at `t`, 0 … 1. */
  const at = (t: number): [number, number] => {
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [a * x1 + b * middle[0] + c * x2, a * y1 + b * middle[1] + c * y2];
  };
  return { middle, at };
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
