import { useEffect, useRef, useState } from 'preact/hooks';
import { type PixelView, MIRROR, ORIGINAL, viewOf } from '../../src/rows/view-list.ts';
import { stepsOf } from '../../src/rows/symmetry.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';

/**
 * Visible part of the original image. The drawn image is `scale` times as large as its frame, with its top-left corner
 * at (x, y), as shares of the frame from 1 − scale to 0.
 */
export interface Zoom {
  scale: number;
  x: number;
  y: number;
}

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 32;

/** Returns a zoom within the limits in which the image covers its frame. */
function within({ scale, x, y }: Zoom): Zoom {
  const clamp = (value: number) => Math.min(0, Math.max(1 - scale, value));
  return { scale, x: clamp(x), y: clamp(y) };
}

/** Returns a zoom changed by a factor. The point at (x, y) in the frame, as shares from 0 to 1, does not move. */
export function zoomAt(zoom: Zoom, factor: number, x: number, y: number): Zoom {
  const scale = Math.min(MAX_SCALE, Math.max(1, zoom.scale * factor));
  const ratio = scale / zoom.scale;
  return within({ scale, x: x - (x - zoom.x) * ratio, y: y - (y - zoom.y) * ratio });
}

export const moveBy = (zoom: Zoom, x: number, y: number): Zoom =>
  within({ ...zoom, x: zoom.x + x, y: zoom.y + y });

/** Returns the zoom that shows the same part of the image in another view. */
export function turnedZoom({ scale, x, y }: Zoom, symmetry: PixelView): Zoom {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const [u, v] = exchanges ? [y, x] : [x, y];
  return { scale, x: turnsX ? 1 - scale - u : u, y: turnsY ? 1 - scale - v : v };
}

/** Returns the state of a zoom that an image and its mirror share. A new image starts without zoom. */
export function useZoom(picture: string | undefined) {
  const [state, setState] = useState({ picture, zoom: WHOLE });
  const zoom = state.picture === picture ? state.zoom : WHOLE;
  const set = (change: (zoom: Zoom) => Zoom) =>
    setState((old) => ({ picture, zoom: change(old.picture === picture ? old.zoom : WHOLE) }));
  /** Pressed pointers, each with its last position as shares of the frame. */
  const down = useRef(new Map<number, { x: number; y: number }>());
  useEffect(() => down.current.clear(), [picture]);

  /** Returns the position of the image in a view's frame, and the event handlers of the frame. */
  const frameOf = (view: PixelView) => {
    const through = (change: (zoom: Zoom) => Zoom) =>
      set((zoom) => turnedZoom(change(turnedZoom(zoom, view)), viewOf(view).inverse));
    const placeOf = (event: MouseEvent) => {
      const frame = (event.currentTarget as HTMLElement).getBoundingClientRect();
      return { x: (event.clientX - frame.left) / frame.width, y: (event.clientY - frame.top) / frame.height };
    };
    return {
      place: turnedZoom(zoom, view),
      // The wheel scrolls the page, except during a pinch (reported as Ctrl) or if the image has the focus.
      onWheel: (event: WheelEvent) => {
        if (!event.ctrlKey && !event.metaKey && document.activeElement !== event.currentTarget) return;
        event.preventDefault();
        const { x, y } = placeOf(event);
        const pixels = event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 16);
        // One notch of a wheel zooms by 20%. A pinch consists of many small steps.
        const step = Math.max(-0.2, Math.min(0.2, pixels / (event.ctrlKey ? 100 : 300)));
        through((z) => zoomAt(z, Math.exp(-step), x, y));
      },
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0) return;
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
        down.current.set(event.pointerId, placeOf(event));
      },
      onPointerMove: (event: PointerEvent) => {
        const from = down.current.get(event.pointerId);
        if (!from) return;
        const to = placeOf(event);
        const other = [...down.current].find(([id]) => id !== event.pointerId)?.[1];
        down.current.set(event.pointerId, to);
        if (!other) return through((z) => moveBy(z, to.x - from.x, to.y - from.y));
        const distance = (p: { x: number; y: number }) => Math.hypot(p.x - other.x, p.y - other.y);
        if (distance(from) > 0) through((z) => zoomAt(z, distance(to) / distance(from), other.x, other.y));
      },
      onPointerUp: (event: PointerEvent) => void down.current.delete(event.pointerId),
      onPointerCancel: (event: PointerEvent) => void down.current.delete(event.pointerId),
      onDblClick: (event: MouseEvent) => {
        const { x, y } = placeOf(event);
        through((z) => (z.scale > 1 ? WHOLE : zoomAt(z, 3, x, y)));
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const change = KEYS[event.key];
        // Without zoom, arrow keys do not move the image. If a box is selected, they move the box.
        const frame = event.currentTarget as HTMLElement;
        const arrow = event.key.startsWith('Arrow');
        if (!change || (arrow && (zoom.scale === 1 || frame.querySelector('.chosen')))) return;
        event.preventDefault();
        event.stopPropagation();
        through(change);
      },
    };
  };
  return { zoom, reset: () => set(() => WHOLE), frameOf };
}

const STEP = 0.2;
const KEYS: Record<string, (zoom: Zoom) => Zoom> = {
  '+': (zoom) => zoomAt(zoom, 1.5, 0.5, 0.5),
  '=': (zoom) => zoomAt(zoom, 1.5, 0.5, 0.5),
  '-': (zoom) => zoomAt(zoom, 1 / 1.5, 0.5, 0.5),
  '0': () => WHOLE,
  ArrowLeft: (zoom) => moveBy(zoom, STEP, 0),
  ArrowRight: (zoom) => moveBy(zoom, -STEP, 0),
  ArrowUp: (zoom) => moveBy(zoom, 0, STEP),
  ArrowDown: (zoom) => moveBy(zoom, 0, -STEP),
};

/**
 * Returns the style of an image in another view, within a frame that has the view's proportions. The mirror has a class
 * instead, and the original requires no style.
 * @param size image size of the original
 */
export function turnedStyle(symmetry: PixelView, size: Size): Record<string, string> | undefined {
  if (symmetry === ORIGINAL || symmetry === MIRROR) return undefined;
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const [x, y] = [turnsX ? -1 : 1, turnsY ? -1 : 1];
  // CSS lists a matrix by columns: the image of (1, 0), then the image of (0, 1).
  const matrix = exchanges ? `matrix(0, ${y}, ${x}, 0, 0, 0)` : `matrix(${x}, 0, 0, ${y}, 0, 0)`;
  if (!exchanges) return { transform: matrix };
  // Width and height of the frame are exchanged. The image keeps its size, centred in the frame.
  return {
    position: 'absolute',
    left: '50%',
    top: '50%',
    width: `${(100 * size.w) / size.h}%`,
    height: `${(100 * size.h) / size.w}%`,
    transform: `translate(-50%, -50%) ${matrix}`,
  };
}
