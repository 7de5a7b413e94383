import { useLayoutEffect, useRef } from 'preact/hooks';
import { boxAt, labelBox, type BoxRef } from '../../src/core/annotation/sample-changes.ts';
import type { Size, Xyxy } from '../../src/core/spatial/boxes.ts';
import type { Sample } from '../../src/core/spatial/sample.ts';
import type { Actions } from './panel-state.ts';

interface LabelProps {
  sample: Sample;
  /** Index of the box that was drawn. */
  index: number;
  size: Size;
  style: (box: Xyxy) => Record<string, string>;
  actions: Actions;
}

/** Asks for the label of a box that was just drawn. Enter sets it, Escape leaves the box without one. */
export function NewLabel({ sample, index, size, style, actions }: LabelProps) {
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
