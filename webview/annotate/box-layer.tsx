import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { boxAt, boxRefs, inside, labelBox, type BoxRef, moveBox } from './sample-changes.ts';
import type { Size, Xyxy } from '../../src/rows/sample/boxes.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { viewOf } from '../../src/rows/view-list.ts';
import { usePage } from './annotate-model.ts';
import type { Drawn } from './annotate-panel-state.ts';
import type { RefObject } from 'preact';

interface BoxLayerProps extends Drawn {
  /** Receives the size of the image. Boxes are in pixels of this size. */
  onSize: (size: Size) => void;
}

/** Handles of the selected box: corners and edges, each with the indices in x1, y1, x2, y2 that the handle moves. */
const HANDLES: readonly { moves: number[]; at: [x: number, y: number]; cursor: string }[] = [
  { moves: [0, 1], at: [0, 0], cursor: 'nwse-resize' },
  { moves: [2, 1], at: [1, 0], cursor: 'nesw-resize' },
  { moves: [0, 3], at: [0, 1], cursor: 'nesw-resize' },
  { moves: [2, 3], at: [1, 1], cursor: 'nwse-resize' },
];

/**
 * Layer on which the user draws, moves and resizes boxes. Changes on the mirror are flipped and applied to the
 * original, because both images show the same box.
 */
export function BoxLayer({ onSize, ...drawn }: BoxLayerProps) {
  const { sample, side, size } = drawn;
  const { panel, readOnly, actions } = usePage();
  const layer = useRef<HTMLDivElement>(null);
  const { drawing, selected } = panel;
  const { moved, begin, follow, end, cancel } = useBoxDrag(layer, drawn);
  const shown = moved ?? panel.placing;
  useEffect(() => onSize(size), [size.w, size.h]);
  if (readOnly) return null;

  const boxes = panel.boxes ? boxRefs(sample, panel.graph) : [];
  const style = (box: Xyxy) =>
    placeIn(size, viewOf(side).isMirrored ? mirroredBox(sorted(box), size) : sorted(box));
  return (
    <div
      ref={layer}
      class={`draw${drawing ? ' drawing' : ''}`}
      onPointerDown={(event) => drawing && begin(event, null, [2, 3])}
      onPointerMove={follow}
      onPointerUp={end}
      onPointerCancel={cancel}
    >
      {!drawing &&
        boxes.map((place) => {
          const box = boxAt(sample, place, size);
          if (!box) return null;
          const chosen = isSameBox(place, selected);
          return (
            <div
              class={`grip${chosen ? ' chosen' : ''}`}
              style={style(chosen && moved ? moved : box)}
              onPointerDown={(event) => {
                actions.update({ selected: place });
                begin(event, place, [0, 1, 2, 3], box);
              }}
            >
              {chosen &&
                HANDLES.map(({ moves, at: [hx, hy], cursor }) => (
                  <div
                    class="handle"
                    style={{
                      left: `${100 * (viewOf(side).isMirrored ? 1 - hx : hx)}%`,
                      top: `${100 * hy}%`,
                      cursor,
                    }}
                    onPointerDown={(event) => begin(event, place, moves, box)}
                  />
                ))}
            </div>
          );
        })}
      {panel.naming?.side === side && (
        <NewLabel key={panel.naming.index} index={panel.naming.index} {...{ sample, size, style }} />
      )}
      {drawing && shown && <div class="grip chosen" style={style(shown)} />}
    </div>
  );
}

interface LabelProps {
  sample: Sample;
  index: number;
  size: Size;
  style: (box: Xyxy) => Record<string, string>;
}

/** Field that asks for the label of a new box. Enter sets the label; Escape leaves the box unlabelled. */
function NewLabel({ sample, index, size, style }: LabelProps) {
  const { actions } = usePage();
  const input = useRef<HTMLInputElement>(null);
  const closed = useRef(false);
  const place: BoxRef = { from: 'boxes', index };
  const box = boxAt(sample, place, size);
  useLayoutEffect(() => input.current?.focus({ preventScroll: true }), [box === null]);
  if (!box) return null;
  const done = (label: string) => {
    if (closed.current) return; // Removing the field also triggers a blur event.
    closed.current = true;
    actions.update({ naming: null });
    if (label === '') return;
    actions.change(labelBox(sample, place, label, size), 'Label box');
    actions.update({ selected: { from: 'graph', index: sample.scene_graph?.objects.length ?? 0 } });
  };
  const { left, top } = style(box);
  return (
    <div
      class="new-label"
      style={{ left: `min(${left}, 100% - 15ch)`, top: `min(${top}, 100% - 26px)` }}
      onPointerDown={(event) => event.stopPropagation()}
    >
      <input
        class="input"
        ref={input}
        list="labels"
        aria-label="Label of the new box"
        placeholder="object name"
        onBlur={({ currentTarget }) => done(currentTarget.value.trim())}
        onKeyDown={(event) => {
          // Stop keys that would zoom the image, but not the keys with which VS Code saves or undoes.
          if (!event.ctrlKey && !event.metaKey && !/^F\d/.test(event.key)) event.stopPropagation();
          if (event.key === 'Enter') done(event.currentTarget.value.trim());
          if (event.key === 'Escape') done('');
        }}
      />
    </div>
  );
}

/** Minimum side of a box, as a share of the image. Smaller boxes count as accidental. */
const SLIP = 0.005;

interface Drag {
  from: [x: number, y: number];
  start: Xyxy;
  moves: readonly number[];
  place: BoxRef | null;
}

/** Lets the user draw, move and resize a box with the pointer. `moved`: the dragged box, in pixels of the original. */
function useBoxDrag(layer: RefObject<HTMLElement | null>, { sample, side, size }: Drawn) {
  const { panel, actions } = usePage();
  const drag = useRef<Drag | null>(null);
  const [moved, setMoved] = useState<Xyxy | null>(null);
  const { drawing, selected } = panel;
  const cancel = () => {
    drag.current = null;
    setMoved(null);
  };
  // Escape clears the selection or cancels the drawing. Both actions also end the drag.
  useLayoutEffect(() => {
    const current = drag.current;
    if (current && !(current.place ? selected : drawing)) cancel();
  }, [drawing, selected]);

  /** Returns the pointer's position, in pixels of the original. */
  const pointOf = (event: PointerEvent): [number, number] => {
    const frame = layer.current!.getBoundingClientRect();
    const x = Math.min(Math.max((event.clientX - frame.left) / frame.width, 0), 1);
    const y = Math.min(Math.max((event.clientY - frame.top) / frame.height, 0), 1);
    return [(viewOf(side).isMirrored ? 1 - x : x) * size.w, y * size.h];
  };
  const begin = (event: PointerEvent, place: BoxRef | null, moves: readonly number[], start?: Xyxy) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    layer.current!.setPointerCapture(event.pointerId);
    const from = pointOf(event);
    drag.current = { from, start: start ?? [...from, ...from], moves, place };
  };
  const follow = (event: PointerEvent) => {
    const current = drag.current;
    if (!current) return;
    event.stopPropagation();
    const [x, y] = pointOf(event);
    const by = [x - current.from[0], y - current.from[1]];
    const next = current.start.map((n, i) => (current.moves.includes(i) ? n + by[i % 2]! : n)) as Xyxy;
    setMoved(inside(next, current.moves.length === 4, size));
  };
  const end = () => {
    const current = drag.current;
    cancel();
    if (!current || !moved) return;
    const box = sorted(moved);
    if (current.place) return actions.change(moveBox(sample, current.place, box, size), 'Move box');
    actions.update({ drawing: false });
    if (box[2] - box[0] < SLIP * size.w || box[3] - box[1] < SLIP * size.h) return;
    actions.addBox({ sample, side, size }, box);
  };
  return { moved, begin, follow, end, cancel };
}

export const isSameBox = (a: BoxRef | null, b: BoxRef | null): boolean =>
  a !== null && b !== null && a.from === b.from && a.index === b.index;

const sorted = ([a, b, c, d]: Xyxy): Xyxy => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];

export const mirroredBox = ([x1, y1, x2, y2]: Xyxy, { w }: Size): Xyxy => [w - x2, y1, w - x1, y2];

/** Returns the style of an element that covers a box in an image. */
export const placeIn = ({ w, h }: Size, [x1, y1, x2, y2]: Xyxy) => ({
  left: `${(100 * x1) / w}%`,
  top: `${(100 * y1) / h}%`,
  width: `${(100 * (x2 - x1)) / w}%`,
  height: `${(100 * (y2 - y1)) / h}%`,
});
