import { boxAt, boxRefs, labelBox, moveBox, removeBox, wrongBox, type BoxRef } from './sample-changes.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { Size, Xyxy } from '../../src/rows/sample/boxes.ts';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { isSameBox } from './box-layer.tsx';
import { Entry, problemsOf, Warning } from './field.tsx';
import { objectsOf } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

const EDGES = ['left', 'top', 'right', 'bottom'] as const;

/** Boxes as numbers and labels, so that every mouse action is also possible with the keyboard and a screen reader. */
export function Boxes({ sample, size }: { sample: Sample; size: Size }) {
  const { panel, readOnly, actions } = usePage();
  const places = boxRefs(sample, true);
  return (
    <section class="box-table">
      <h2 class="name">
        <span>Boxes</span> <Warning problems={problemsOf(panel.open!.row.problems, 'boxes')} />
      </h2>
      <datalist id="labels">
        {labelsSeen(sample).map((label) => (
          <option value={label} />
        ))}
      </datalist>
      {places.length === 0 && (
        <p class="quiet">
          No boxes. Press n, then draw on an image, or place a box with the arrow keys and Enter.
        </p>
      )}
      {places.length > 0 && (
        <>
          <div class="box-heads quiet" aria-hidden="true">
            {['label', ...EDGES.map((edge) => `${edge}, px`)].map((head) => (
              <span key={head}>{head}</span>
            ))}
          </div>
          <ul class="boxes">
            {places.map((place) => {
              const box = boxAt(sample, place, size);
              const name = nameOf(sample, place);
              return (
                <li
                  key={`${place.from} ${place.index}`}
                  class={isSameBox(place, panel.selected) ? 'chosen' : undefined}
                  onFocusIn={() => isSameBox(place, panel.selected) || actions.update({ selected: place })}
                >
                  <Entry
                    list="labels"
                    aria-label={`Label of ${name}`}
                    placeholder="label"
                    value={
                      place.from === 'graph' ? (sample.scene_graph!.objects[place.index]!.label ?? '') : ''
                    }
                    onDone={(label) =>
                      label.trim() !== '' &&
                      actions.change(labelBox(sample, place, label.trim(), size), 'Label box')
                    }
                  />
                  {box ? (
                    EDGES.map((edge, i) => (
                      <Entry
                        type="number"
                        aria-label={`${edge} of ${name}, in pixels`}
                        title={edge}
                        value={`${Math.round(box[i]! * 10) / 10}`}
                        wrong={(text) => wrongBox(edged(box, i, text), size)}
                        onDone={(text) =>
                          actions.change(moveBox(sample, place, edged(box, i, text), size), 'Move box')
                        }
                      />
                    ))
                  ) : (
                    <span class="quiet no-box">invalid box</span>
                  )}
                  <button
                    type="button"
                    disabled={readOnly}
                    aria-label={`Remove ${name}`}
                    title="Remove (Delete)"
                    onClick={() => actions.change(removeBox(sample, place), 'Remove box')}
                  >
                    ✕
                  </button>
                </li>
              );
            })}
          </ul>
        </>
      )}
    </section>
  );
}

const edged = (box: Xyxy, i: number, text: string) =>
  box.map((n, at) => (at !== i ? Math.round(n * 10) / 10 : text === '' ? NaN : Number(text))) as Xyxy;

/** Returns the name of a box, as in the labels drawn over the image. */
function nameOf(sample: Sample, { from, index }: BoxRef): string {
  const object = from === 'graph' ? sample.scene_graph?.objects[index] : undefined;
  return object ? `object ${oneLine(object.label || object.id, 60)}` : `box ${index + 1}`;
}

/** Labels from the rows opened so far, the newest first. */
const seen = new Set<string>();
const MOST_LABELS = 200;

function labelsSeen(sample: Sample): string[] {
  for (const { label } of objectsOf(sample)) {
    seen.delete(label);
    if (label) seen.add(label);
  }
  return [...seen].toReversed().slice(0, MOST_LABELS);
}
