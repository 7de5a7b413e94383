import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { addRelation, boxAt, UNIT } from './sample-changes.ts';
import type { Xyxy } from '../../src/rows/sample/boxes.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { viewOf } from '../../src/rows/view-list.ts';
import { Button } from '../ui/controls.tsx';
import { mirroredBox, placeIn } from './box-layer.tsx';
import { type Drawn, objectsOf, type AnnotatePanelState } from './annotate-panel-state.ts';
import { nameOfObject } from './graph-editor.tsx';
import { usePage } from './annotate-model.ts';

const PREDICATES = [
  'left of',
  'right of',
  'above',
  'below',
  'in front of',
  'behind',
  'on',
  'inside',
  'next to',
];

type Between = NonNullable<AnnotatePanelState['relating']>;

/**
 * Form for a relation between two objects. The user selects the objects in the form or by dragging between boxes. Enter
 * adds the relation, Escape cancels.
 */
export function NewRelation({ sample, between }: { sample: Sample; between: Between }) {
  const { actions } = usePage();
  const input = useRef<HTMLInputElement>(null);
  const proposal = proposed(sample, between);
  const [typed, setTyped] = useState<string | null>(null);
  // Focus the field before the page is painted, so that early key presses reach the field.
  useLayoutEffect(() => {
    setTyped(null);
    input.current?.focus();
    input.current?.select();
  }, [between.subject, between.object]);
  const predicate = (typed ?? proposal).trim();
  const choice = (role: keyof Between) => (
    <select
      class="input"
      aria-label={role === 'subject' ? 'Subject' : 'Object'}
      value={between[role]}
      onChange={({ currentTarget }) => actions.relate({ ...between, [role]: currentTarget.value })}
    >
      {objectsOf(sample).map(({ id }) => (
        <option value={id}>{nameOfObject(sample, id)}</option>
      ))}
    </select>
  );
  return (
    <form
      class="relation review stack"
      aria-label="New relation"
      onSubmit={(event) => {
        event.preventDefault();
        if (predicate === '' || between.subject === between.object) return;
        actions.change(addRelation(sample, between.subject, predicate, between.object), 'Add relation');
        actions.update({ relating: null });
      }}
      onKeyDown={(event) => event.key === 'Escape' && actions.update({ relating: null })}
    >
      {choice('subject')}
      <input
        class="input"
        ref={input}
        list="predicates"
        aria-label="Relation"
        value={typed ?? proposal}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <datalist id="predicates">
        {PREDICATES.map((name) => (
          <option value={name} />
        ))}
      </datalist>
      {choice('object')}
      <Button k="Enter" type="submit" disabled={predicate === '' || between.subject === between.object}>
        Add Relation
      </Button>
      <span class="quiet">You can also drag from one box to another.</span>
    </form>
  );
}

/** Returns the relation that the boxes suggest: the subject's side of the object, as the original's viewer sees it. */
function proposed(sample: Sample, { subject, object }: Between): string {
  const [a, b] = [subject, object].map((id) => {
    const index = objectsOf(sample).findIndex((other) => other.id === id);
    const box = boxAt(sample, { from: 'graph', index }, UNIT);
    return box && middleOf(box);
  });
  if (!a || !b) return '';
  const [dx, dy] = [a[0] - b[0], a[1] - b[1]];
  if (Math.abs(dx) >= Math.abs(dy)) return dx <= 0 ? 'left of' : 'right of';
  return dy < 0 ? 'above' : 'below';
}

const middleOf = ([x1, y1, x2, y2]: Xyxy): [number, number] => [(x1 + x2) / 2, (y1 + y2) / 2];

/** Layer on which the user drags a relation from one box to another. */
export function RelationLayer({ sample, side, size }: Drawn) {
  const { actions } = usePage();
  const layer = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: string; at: [number, number]; to: [number, number] } | null>(null);
  const boxes = objectsOf(sample).flatMap(({ id }, index) => {
    const box = boxAt(sample, { from: 'graph', index }, size);
    return box ? [{ id, box: viewOf(side).isMirrored ? mirroredBox(box, size) : box }] : [];
  });
  /** Returns the pointer's position, in pixels of the displayed image. */
  const point = (event: PointerEvent): [number, number] => {
    const frame = layer.current!.getBoundingClientRect();
    const share = [(event.clientX - frame.left) / frame.width, (event.clientY - frame.top) / frame.height];
    return [share[0]! * size.w, share[1]! * size.h];
  };
  /** Returns the smallest box at a point, because a large box can contain other boxes. */
  const objectAt = ([x, y]: [number, number]) =>
    boxes
      .filter(({ box: [x1, y1, x2, y2] }) => x >= x1 && x <= x2 && y >= y1 && y <= y2)
      .sort((a, b) => areaOf(a.box) - areaOf(b.box))[0];
  const target = drag && objectAt(drag.to);
  return (
    <div
      ref={layer}
      class="draw drawing"
      onPointerDown={(event) => {
        const pointer = point(event);
        const from = objectAt(pointer);
        if (event.button !== 0 || !from) return;
        event.preventDefault(); // Keep the focus in the field.
        event.stopPropagation();
        layer.current!.setPointerCapture(event.pointerId);
        setDrag({ from: from.id, at: middleOf(from.box), to: pointer });
      }}
      onPointerMove={(event) => {
        if (!drag) return;
        event.stopPropagation();
        setDrag({ ...drag, to: point(event) });
      }}
      onPointerUp={() => {
        setDrag(null);
        if (drag && target && target.id !== drag.from) {
          actions.relate({ subject: drag.from, object: target.id });
        }
      }}
      onPointerCancel={() => setDrag(null)}
    >
      {boxes.map(({ id, box }) => (
        <div
          class={`grip${id === drag?.from || id === target?.id ? ' chosen' : ''}`}
          style={placeIn(size, box)}
        />
      ))}
      {drag && (
        <svg viewBox={`0 0 ${size.w} ${size.h}`} preserveAspectRatio="none" aria-hidden="true">
          <path d={`M${drag.at}L${drag.to}`} class="arrow relations under" />
          <path d={`M${drag.at}L${drag.to}`} class="arrow relations c0" />
        </svg>
      )}
    </div>
  );
}

const areaOf = ([x1, y1, x2, y2]: Xyxy) => (x2 - x1) * (y2 - y1);
