import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { oneLine } from '../../src/base/escape.ts';
import { sum } from '../../src/base/numbers.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import type { Shape } from './shapes.ts';
import { useWidth } from './hooks.ts';

/** Number of colours that pair.css defines. */
const COLOURS = 6;

/**
 * Shapes over an image. Lines are SVG in the image's pixels, with strokes that do not scale. Labels are HTML text, so
 * that their text size does not change.
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
  useWidth(list); // Measure the width, because it changes the space for labels.
  const pointed = usePointed(list, shapes, size);
  useLayoutEffect(() => keepApart(list.current!, shapes, size, pointed));
  return (
    <>
      <svg viewBox={`0 0 ${size.w} ${size.h}`} preserveAspectRatio="none" aria-hidden="true">
        {shapes.map((shape) => {
          const path = pathOf(shape);
          const look = `${shape.kind} ${shape.from}`;
          return (
            <>
              {/* Draw lines twice, because a dark line below a coloured line is visible on any image. */}
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

/** Returns whether each shape is under the pointer, by the shape's extent. */
function usePointed(list: RefObject<HTMLUListElement | null>, shapes: readonly Shape[], size: Size) {
  const isAt = (x: number, y: number) =>
    shapes.map((shape) => {
      const { left, right, top, bottom } = extent(shape, size);
      return left <= x && x <= right && top <= y && y <= bottom;
    });
  const latest = useRef(isAt);
  latest.current = isAt;
  const [place, setPlace] = useState<readonly [x: number, y: number]>(NOWHERE);
  useEffect(() => {
    const image = list.current!.parentElement!;
    const point = ({ clientX, clientY }: PointerEvent) => {
      const { left, top, width, height } = list.current!.getBoundingClientRect();
      const to = [(clientX - left) / width, (clientY - top) / height] as const;
      // Each update places the labels again.
      setPlace((from) => (`${latest.current(...from)}` === `${latest.current(...to)}` ? from : to));
    };
    const leave = () => setPlace(NOWHERE);
    const events = ['pointermove', 'pointerdown'] as const;
    for (const event of events) image.addEventListener(event, point);
    image.addEventListener('pointerleave', leave);
    return () => {
      for (const event of events) image.removeEventListener(event, point);
      image.removeEventListener('pointerleave', leave);
    };
  }, []);
  return isAt(...place);
}

/** Place outside every image. */
const NOWHERE = [-1, -1] as const;

/**
 * Maximum share of an image that its labels can cover. In a smaller image, only the labels of objects under the pointer
 * are visible, until the user enlarges the image.
 */
const MOST_LABELLED = 0.15;

/**
 * Moves the labels to their most readable positions. A label's size does not depend on its position. In a small image,
 * labels without space are hidden until the user enlarges the image.
 */
function keepApart(
  list: HTMLUListElement,
  shapes: readonly Shape[],
  size: Size,
  pointed: readonly boolean[],
): void {
  const { clientWidth: width, clientHeight: height } = list;
  if (width === 0) return; // The list is not shown.
  const items = [...list.children] as HTMLElement[];
  const labels = items.map(({ offsetWidth, offsetHeight }) => ({
    w: offsetWidth / width,
    h: offsetHeight / height,
  }));
  const isFull = sum(labels.map(({ w, h }) => w * h)) > MOST_LABELLED;
  const shown = [...shapes.keys()].filter((i) => !isFull || pointed[i]);
  const places = placeLabels(shapes, size, labels, shown);
  items.forEach((item, i) => {
    const place = places[i];
    item.classList.toggle('crowded', !place);
    if (!place) return;
    const { x, y, u, v } = place;
    const transform = `translate(${-100 * u}%, ${-100 * v}%)`;
    Object.assign(item.style, { left: `${100 * x}%`, top: `${100 * y}%`, transform });
  });
}

/**
 * Returns the SVG path of a shape. A dot is a line of length 0 whose round cap has the width of the stroke. The head of
 * an arrow is at three quarters of the arrow.
 */
function pathOf({ kind, points }: Shape): string {
  const coordinates = (point: readonly number[]) => `${point[0]} ${point[1]}`;
  if (kind === 'dots') return points.map((point) => `M${coordinates(point)}h0`).join('');
  if (kind === 'arrow') {
    const { middle, at: along } = bow(points);
    const [[fx, fy], [tx, ty]] = [along(0.7), along(0.78)];
    const [dx, dy] = [tx - fx, ty - fy];
    const side = (turn: 1 | -1) => coordinates([fx + (turn * dy) / 2, fy - (turn * dx) / 2]);
    return `M${coordinates(points[0]!)}Q${coordinates(middle)} ${coordinates(points[1]!)}M${side(1)}L${coordinates([tx, ty])}L${side(-1)}`;
  }
  return `M${points.map(coordinates).join('L')}Z`;
}

/** Rectangle, as shares of the image's sides. */
interface Rectangle {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Position of a label. The point (x, y) of the image, in shares of its sides, is at the share (u, v) of the label. */
interface LabelPlace {
  x: number;
  y: number;
  u: number;
  v: number;
}

/** Positions of a relation's label along its arrow, the best position first. */
const ALONG = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8];

/** Maximum share of another object that a label can cover. A label that covers more is hidden. */
const MOST_COVERED = 0.5;

/**
 * Places labels; labels of relations come last. A label covers no other label, covers as little of the boxes as
 * possible, and is inside the image.
 * @param labels sizes in shares of the image's sides
 * @param shown indices of the shapes whose labels are placed
 * @returns places by index; null for a label that would cover another label or another object at every position
 */
function placeLabels(
  shapes: readonly Shape[],
  size: Size,
  labels: readonly Size[],
  shown: readonly number[],
): (LabelPlace | null)[] {
  const boxes = shapes.map((shape) => (shape.kind === 'arrow' ? null : extent(shape, size)));
  const taken: Rectangle[] = [];
  const placed: (LabelPlace | null)[] = [];
  const order = [...shown].sort((a, b) => Number(!boxes[a]) - Number(!boxes[b]));
  for (const i of order) {
    const covered = (place: LabelPlace) =>
      boxes.map((box) => (box ? covering(rectangle(place, labels[i]!), box) : 0));
    const cost = (place: LabelPlace) => {
      const label = rectangle(place, labels[i]!);
      const isOutside = label.left < 0 || label.right > 1 || label.bottom > 1;
      return Number(isOutside) * shapes.length + sum(covered(place));
    };
    const places = placesOf(shapes[i]!, size)
      .map((place) => within(place, labels[i]!))
      .filter((place) => !taken.some((other) => overlap(rectangle(place, labels[i]!), other)))
      .filter((place) => covered(place).every((share, other) => other === i || share <= MOST_COVERED));
    const costs = places.map(cost);
    const best = places[costs.indexOf(Math.min(...costs))] ?? null;
    placed[i] = best;
    if (best) taken.push(rectangle(best, labels[i]!));
  }
  return placed;
}

function rectangle({ x, y, u, v }: LabelPlace, { w, h }: Size): Rectangle {
  const [left, top] = [x - u * w, y - v * h];
  return { left, right: left + w, top, bottom: top + h };
}

const overlap = (one: Rectangle, other: Rectangle): boolean =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;

/** Returns the share of a box that a label covers, from 0 to 1; for a point, either 0 or 1. */
function covering(label: Rectangle, box: Rectangle): number {
  const along = (from: 'left' | 'top', to: 'right' | 'bottom') => {
    const covered = Math.max(0, Math.min(label[to], box[to]) - Math.max(label[from], box[from]));
    if (box[to] > box[from]) return covered / (box[to] - box[from]);
    return Number(label[from] < box[to] && box[to] < label[to]);
  };
  return along('left', 'right') * along('top', 'bottom');
}

/** Returns the position moved sideways until the label is inside the image, if the label fits. */
function within({ x, u, ...place }: LabelPlace, { w }: Size): LabelPlace {
  const left = Math.max(0, Math.min(x - u * w, 1 - w));
  return { x: left + u * w, u, ...place };
}

function extent({ points }: Shape, size: Size): Rectangle {
  const inside = (share: number) => Math.min(Math.max(share, 0), 1);
  const xs = points.map(([x]) => inside(x / size.w));
  const ys = points.map(([, y]) => inside(y / size.h));
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

/**
 * Returns the positions for a shape's label, the best position first. A relation has positions along its arrow; another
 * shape has positions on the upper edge, on the lower edge, and next to the shape. In the left half of the image, the
 * left end comes first; in the right half, the right end. So the mirror's labels are also mirrored.
 */
function placesOf(shape: Shape, size: Size): LabelPlace[] {
  if (shape.kind === 'arrow')
    return ALONG.map((along) => {
      const [x, y] = bow(shape.points).at(along);
      return { x: x / size.w, y: y / size.h, u: 0.5, v: 0.5 };
    });
  const { left, right, top, bottom } = extent(shape, size);
  // Place the label above the upper edge or below the lower edge if there is space, otherwise inside.
  const upper = { y: top, v: top > 0.08 ? 1 : 0 };
  const lower = { y: bottom, v: bottom < 0.92 ? 0 : 1 };
  const beside = { y: (top + bottom) / 2, v: 0.5 };
  const ends = [
    { x: left, u: 0 },
    { x: right, u: 1 },
  ];
  const sides = [
    { x: left, u: 1 },
    { x: right, u: 0 },
  ];
  if (left + right > 1) for (const pair of [ends, sides]) pair.reverse();
  return [
    ...[upper, lower].flatMap((edge) => ends.map((end) => ({ ...edge, ...end }))),
    ...sides.map((side) => ({ ...beside, ...side })),
  ];
}

/**
 * Returns the path of an arrow. Longer arrows bend further upwards, so that arrows between objects in a row do not
 * overlap. The mirror's path is also mirrored.
 */
function bow(points: Shape['points']) {
  const [[x1, y1], [x2, y2]] = points as [Shape['points'][0], Shape['points'][0]];
  const bend = 0.6 * Math.sign(x2 - x1);
  const middle: [number, number] = [(x1 + x2) / 2 + bend * (y2 - y1), (y1 + y2) / 2 - bend * (x2 - x1)];
  /** Returns the point at position `t` (0 … 1) of the curve. */
  const pointOn = (t: number): [number, number] => {
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    return [a * x1 + b * middle[0] + c * x2, a * y1 + b * middle[1] + c * y2];
  };
  return { middle, at: pointOn };
}
