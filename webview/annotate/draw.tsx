import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { boxAt, boxRefs, labelBox, type BoxRef } from '../../src/core/annotation/sample-changes.ts';
import type { Size, Xyxy } from '../../src/core/sample/boxes.ts';
import type { Sample } from '../../src/core/sample/sample.ts';
import { isMirrored } from '../../src/core/view-list.ts';
import { isSameBox, mirroredBox, placeIn, sorted, useBoxDrag, type Drawn } from './box-drag.ts';
import { usePage } from './panel-state.ts';

interface Props extends Drawn {
  /** Called with the size of the picture, in whose pixels boxes are. */
  onSize: (size: Size) => void;
}

/** A corner or edge of the selected box, and which of x1, y1, x2, y2 it moves. */
const HANDLES: readonly { moves: number[]; at: [x: number, y: number]; cursor: string }[] = [
  { moves: [0, 1], at: [0, 0], cursor: 'nwse-resize' },
  { moves: [2, 1], at: [1, 0], cursor: 'nesw-resize' },
  { moves: [0, 3], at: [0, 1], cursor: 'nesw-resize' },
  { moves: [2, 3], at: [1, 1], cursor: 'nwse-resize' },
];

/**
 * The layer on which boxes are drawn, moved and resized. Changes on the mirror are flipped and applied to the original:
 * both show the same box.
 */
export function BoxLayer({ onSize, ...drawn }: Props) {
  const { sample, side, size } = drawn;
  const { panel, readOnly, actions } = usePage();
  const layer = useRef<HTMLDivElement>(null);
  const { drawing, selected } = panel;
  const { moved, begin, follow, end, cancel } = useBoxDrag(layer, drawn);
  useEffect(() => onSize(size), [size.w, size.h]);
  if (readOnly) return null;

  const boxes = panel.boxes ? boxRefs(sample, panel.graph) : [];
  const style = (box: Xyxy) => placeIn(size, isMirrored(side) ? mirroredBox(sorted(box), size) : sorted(box));
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
        <NewLabel key={panel.naming.index} index={panel.naming.index} {...{ sample, size, style }} />
      )}
      {drawing && moved && <div class="grip chosen" style={style(moved)} />}
    </div>
  );
}

interface LabelProps {
  sample: Sample;
  /** Index of the box that was drawn. */
  index: number;
  size: Size;
  style: (box: Xyxy) => Record<string, string>;
}

/** Asks for the label of a box that was just drawn. Enter sets it, Escape leaves the box without one. */
function NewLabel({ sample, index, size, style }: LabelProps) {
  const { actions } = usePage();
  const input = useRef<HTMLInputElement>(null);
  const closed = useRef(false);
  const place: BoxRef = { from: 'boxes', index };
  const box = boxAt(sample, place, size);
  useLayoutEffect(() => input.current?.focus({ preventScroll: true }), [box === null]);
  if (!box) return null;
  const done = (label: string) => {
    if (closed.current) return; // removing the field also blurs it
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
        placeholder="what is it?"
        onBlur={({ currentTarget }) => done(currentTarget.value.trim())}
        onKeyDown={(event) => {
          // Some keys would zoom the picture, so stop them here, except those with which VS Code saves or undoes.
          if (!event.ctrlKey && !event.metaKey && !/^F\d/.test(event.key)) event.stopPropagation();
          if (event.key === 'Enter') done(event.currentTarget.value.trim());
          if (event.key === 'Escape') done('');
        }}
      />
    </div>
  );
}
