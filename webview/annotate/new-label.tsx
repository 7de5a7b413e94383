import { useLayoutEffect, useRef } from 'preact/hooks';
import { boxAt, labelBox, type BoxRef } from '../../src/core/annotation/sample-changes.ts';
import type { Size, Xyxy } from '../../src/core/spatial/boxes.ts';
import type { Sample } from '../../src/core/spatial/sample.ts';
import type { Actions } from './panel-state.ts';

interface LabelProps {
  sample: Sample;
  /** Of the box that was drawn. */
  index: number;
  size: Size;
  style: (box: Xyxy) => Record<string, string>;
  actions: Actions;
}

/** Asks at a box that was just drawn what is in it. Enter names it, Escape leaves it without a name. */
export function NewLabel({ sample, index, size, style, actions }: LabelProps) {
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
