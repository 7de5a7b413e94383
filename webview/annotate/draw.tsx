import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import {
  addBox,
  boxAt,
  boxRefs,
  labelBox,
  moveBox,
  type BoxRef,
} from '../../src/core/annotation/sample-changes.ts';
import type { Size, Xyxy } from '../../src/core/spatial/boxes.ts';
import type { Sample } from '../../src/core/spatial/sample.ts';
import { isMirrored, type PixelView } from '../../src/core/spatial/views/list.ts';
import type { Actions, PanelState } from './panel-state.ts';

interface Props {
  sample: Sample;
  side: PixelView;
  size: Size;
  panel: PanelState;
  actions: Actions;
  /** Told the size of the picture, in whose pixels boxes are. */
  onSize: (size: Size) => void;
}

/** A corner or edge of the selected box: which of x1, y1, x2, y2 it takes along. */
const HANDLES: readonly { moves: number[]; at: [x: number, y: number]; cursor: string }[] = [
  { moves: [0, 1], at: [0, 0], cursor: 'nwse-resize' },
  { moves: [2, 1], at: [1, 0], cursor: 'nesw-resize' },
  { moves: [0, 3], at: [0, 1], cursor: 'nesw-resize' },
  { moves: [2, 3], at: [1, 1], cursor: 'nwse-resize' },
];

/** Boxes smaller than this share of the picture are slips of the hand. */
const SLIP = 0.005;

interface Drag {
  from: [x: number, y: number];
  start: Xyxy;
  moves: number[];
  place: BoxRef | null;
}

/**
 * The layer on which boxes are drawn, moved and resized. What is done on the mirror is done to the original, through
 * the flip: one box, seen twice.
 */
export function BoxLayer({ sample, side, size, panel, actions, onSize }: Props) {
  const layer = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const [moved, setMoved] = useState<Xyxy | null>(null);
  const { drawing, selected, state } = panel;
  useEffect(() => onSize(size), [size.w, size.h]);
  // Escape gives up what is being drawn: the key takes the selection and the drawing back, and the hand is let go.
  useLayoutEffect(() => {
    const current = drag.current;
    if (!current || (current.place ? selected : drawing)) return;
    drag.current = null;
    setMoved(null);
  }, [drawing, selected]);
  if (state?.readOnly) return null;

  /** In pixels of the original. */
  const at = (event: PointerEvent): [number, number] => {
    const frame = layer.current!.getBoundingClientRect();
    const x = Math.min(Math.max((event.clientX - frame.left) / frame.width, 0), 1);
    const y = Math.min(Math.max((event.clientY - frame.top) / frame.height, 0), 1);
    return [(isMirrored(side) ? 1 - x : x) * size.w, y * size.h];
  };
  const begin = (event: PointerEvent, place: BoxRef | null, moves: number[], start?: Xyxy) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    layer.current!.setPointerCapture(event.pointerId);
    const from = at(event);
    drag.current = { from, start: start ?? [...from, ...from], moves, place };
  };
  const follow = (event: PointerEvent) => {
    const current = drag.current;
    if (!current) return;
    event.stopPropagation();
    const [x, y] = at(event);
    const by = [x - current.from[0], y - current.from[1]];
    const next = current.start.map((n, i) => (current.moves.includes(i) ? n + by[i % 2]! : n)) as Xyxy;
    setMoved(inside(next, current.moves.length === 4, size));
  };
  const end = () => {
    const current = drag.current;
    drag.current = null;
    setMoved(null);
    if (!current || !moved) return;
    const box = sorted(moved);
    if (current.place) return actions.change(moveBox(sample, current.place, box, size), 'Move box');
    actions.update({ drawing: false });
    if (box[2] - box[0] < SLIP * size.w || box[3] - box[1] < SLIP * size.h) return;
    actions.change(addBox(sample, box, size), 'Draw box');
    const index = sample.boxes?.length ?? 0;
    actions.update({ selected: { from: 'boxes', index }, naming: { index, side } });
  };

  const boxes = panel.boxes ? boxRefs(sample, panel.graph) : [];
  const style = (box: Xyxy) => {
    const [x1, y1, x2, y2] = sorted(box);
    const left = isMirrored(side) ? size.w - x2 : x1;
    return {
      left: `${(100 * left) / size.w}%`,
      top: `${(100 * y1) / size.h}%`,
      width: `${(100 * (x2 - x1)) / size.w}%`,
      height: `${(100 * (y2 - y1)) / size.h}%`,
    };
  };
  return (
    <div
      ref={layer}
      class={`draw${drawing ? ' drawing' : ''}`}
      onPointerDown={(event) => drawing && begin(event, null, [2, 3])}
      onPointerMove={follow}
      onPointerUp={end}
      onPointerCancel={() => {
        drag.current = null;
        setMoved(null);
      }}
    >
      {!drawing &&
        boxes.map((place) => {
          const box = boxAt(sample, place, size);
          if (!box) return null;
          const chosen = isSameBox(place, selected);
          const shown = chosen && moved ? moved : box;
          return (
            <div
              class={`grip${chosen ? ' chosen' : ''}`}
              style={style(shown)}
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
                      left: `${100 * (isMirrored(side) ? 1 - hx : hx)}%`,
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
        <NewLabel
          key={panel.naming.index}
          sample={sample}
          index={panel.naming.index}
          {...{ size, style, actions }}
        />
      )}
      {drawing && moved && <div class="grip chosen" style={style(moved)} />}
    </div>
  );
}

interface LabelProps {
  sample: Sample;
  /** Of the box that was drawn. */
  index: number;
  size: Size;
  style: (box: Xyxy) => Record<string, string>;
  actions: Actions;
}

/** Asks at a box that was just drawn what is in it. Enter names it, Escape leaves it without a name. */
function NewLabel({ sample, index, size, style, actions }: LabelProps) {
  const input = useRef<HTMLInputElement>(null);
  const closed = useRef(false);
  const place: BoxRef = { from: 'boxes', index };
  const box = boxAt(sample, place, size);
  useLayoutEffect(() => input.current?.focus({ preventScroll: true }), [box === null]);
  if (!box) return null;
  const done = (label: string) => {
    if (closed.current) return; // a field that goes away loses the focus, too
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
        ref={input}
        list="labels"
        aria-label="Label of the new box"
        placeholder="what is it?"
        onBlur={({ currentTarget }) => done(currentTarget.value.trim())}
        onKeyDown={(event) => {
          // The picture zooms with some of what is typed. VS Code must still hear that it is to save or undo.
          if (!event.ctrlKey && !event.metaKey && !/^F\d/.test(event.key)) event.stopPropagation();
          if (event.key === 'Enter') done(event.currentTarget.value.trim());
          if (event.key === 'Escape') done('');
        }}
      />
    </div>
  );
}

export const isSameBox = (a: BoxRef | null, b: BoxRef | null): boolean =>
  a !== null && b !== null && a.from === b.from && a.index === b.index;

const sorted = ([a, b, c, d]: Xyxy): Xyxy => [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];

/** A box that is moved as a whole keeps its size at the edge of the picture. */
function inside(box: Xyxy, whole: boolean, { w, h }: Size): Xyxy {
  if (!whole) return box;
  const dx = Math.max(-box[0], 0) - Math.max(box[2] - w, 0);
  const dy = Math.max(-box[1], 0) - Math.max(box[3] - h, 0);
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}
