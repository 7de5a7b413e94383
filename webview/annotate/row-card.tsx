import { useState } from 'preact/hooks';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { isClip, timesOf } from '../../src/rows/sample/clip.ts';
import { declaredSize, type Sample } from '../../src/rows/sample/sample.ts';
import type { SceneGraph } from '../../src/rows/scene-graph/scene-graph.ts';
import { MIRROR, ORIGINAL, POLARITY, type PixelView } from '../../src/rows/view-list.ts';
import { Frames } from '../ui/frames.tsx';
import { PicturePair } from '../ui/picture-pair.tsx';
import { NO_PICTURE } from '../ui/pair-sides.ts';
import { relationShapes, shapesOf, viewShapes, type Shape } from '../ui/shapes.ts';
import { Attempts, Review } from './review-card.tsx';
import { Boxes } from './box-fields.tsx';
import { BoxLayer } from './box-layer.tsx';
import { Fields } from './variant-fields.tsx';
import { Graph } from './graph-editor.tsx';
import { Problems } from './field.tsx';
import { RelationLayer, NewRelation } from './relate.tsx';
import type { AnnotatePanelState, Usable } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';
import { thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import { doubtText, readLabel } from '../../src/rows/sample/label-review.ts';
import { choiceIndex } from '../../src/rows/sample/choices.ts';
import { Button } from '../ui/controls.tsx';

/** Card of a row: its images, its texts next to the mirror's texts, boxes, graph and notes. */
export function Card({ usable }: { usable: Usable }) {
  const { panel, actions } = usePage();
  const { sample, view } = usable;
  // Use the displayed row (the previous row while another row loads), because the user types into this row.
  const { index, row } = panel.open!;
  const { images } = row;
  // Size of the image, known after the image is drawn. Boxes are in pixels of this size.
  const [drawn, setDrawn] = useState<Size | null>(null);
  const size = drawn ?? declaredSize(sample.images[0]);
  return (
    <div class={`card${panel.drawing ? ' drawing' : ''}`}>
      <div class={`pictures${size && size.h > size.w ? ' portrait' : ''}`}>
        {images.length === 0 && <p class="quiet">No image for this row</p>}
        <Frames
          key={index}
          first={images}
          second={null}
          isClip={isClip(sample)}
          times={timesOf(sample)}
          load={({ ref }) => actions.host.call('image', { ref })}
        >
          {(image, _, [i]) => (
            <PicturePair
              image={image ?? NO_PICTURE}
              zoomOf={isClip(sample) ? `${index}` : undefined}
              flipped={panel.flipped}
              // An opposite question is about the same image, so show only one image.
              views={view === POLARITY ? [ORIGINAL] : undefined}
              shapes={(side, real) => (i > 0 ? [] : drawnShapes(usable, panel, side, real))}
              above={(side, real) => {
                if (i > 0) return null;
                if (panel.relating) return <RelationLayer sample={sample} side={side} size={real} />;
                return <BoxLayer sample={sample} side={side} size={real} onSize={setDrawn} />;
              }}
              load={() => actions.host.call('image', { ref: image!.ref })}
            />
          )}
        </Frames>
      </div>
      <div class="fields">
        {panel.relating && <NewRelation sample={sample} between={panel.relating} />}
        <LabelReview usable={usable} />
        <Review usable={usable} />
        <Attempts {...usable} />
        <Fields key={index} usable={usable} />
        {size && <Boxes key={index} sample={sample} size={size} />}
        <Graph sample={sample} />
        <Problems problems={row.problems} />
      </div>
    </div>
  );
}

/** Returns the shapes that the page draws over one of the images. */
function drawnShapes(
  { sample, mirror }: Usable,
  panel: AnnotatePanelState,
  side: PixelView,
  size: Size,
): Shape[] {
  const shapes =
    side === ORIGINAL
      ? shapesOf(sample, sample.box_format, size)
      : viewShapes(sample, mirror, MIRROR, sample.box_format, size);
  const graph = side === ORIGINAL ? sample.scene_graph : (mirror.scene_graph ?? undefined);
  return [
    ...(panel.graph && graph ? relationShapes(ofSelected(graph, panel.selected), size) : []),
    ...shapes.filter(({ from }) => (from === 'graph' ? panel.graph : panel.boxes)),
  ];
}

/** Returns a graph with only the selected object's relations, because all relations together would cover the image. */
function ofSelected(graph: SceneGraph, selected: AnnotatePanelState['selected']): SceneGraph {
  const id = selected?.from === 'graph' ? graph.objects[selected.index]?.id : undefined;
  const relations = Array.isArray(graph.relations) ? graph.relations : [];
  const ofObject = relations.filter(
    ({ subject, object }) => id !== undefined && (subject === id || object === id),
  );
  return { ...graph, relations: ofObject };
}

/** Review of a label with a current or former doubt: the reasons, the reviewers' answers, and possible decisions. */
function LabelReview({ usable }: { usable: Usable }) {
  const { panel, readOnly, actions } = usePage();
  const { sample } = usable;
  const { review, state } = readLabel(sample);
  const doubt = review?.doubt ?? panel.open?.doubt;
  if (!review && !doubt) return null;
  const isOpen = state === 'suspect' || state === 'none';
  const why = doubt ? doubtText(doubt) : null;
  const likely = doubt?.likely === undefined ? null : likelyAnswer(sample, doubt.likely);
  return (
    <section class="review stack" aria-label="Label review">
      <p>
        <span aria-hidden="true">{isOpen ? '?' : '✓'}</span>{' '}
        {isOpen ? 'Check the answer' : state === 'kept' ? 'Label confirmed' : 'Label corrected'}
        {isOpen && why !== null && (
          <span class="quiet">
            {' '}
            {doubt?.rank === undefined
              ? 'Likely error'
              : `Rank ${thousands(doubt.rank)} of likely label errors`}
            : {oneLine(why, 160)}.
          </span>
        )}
      </p>
      {review && (
        <ul class="people" aria-label="Label history">
          <li>
            original: <strong>{oneLine(review.given, 200)}</strong>
          </li>
          {review.verdicts.map(({ by = '', at, answer }) => (
            <li key={at}>
              {oneLine(by || 'unknown reviewer', 60)}: <strong>{oneLine(answer, 200)}</strong>
              <span class="quiet">{oneLine(at.slice(0, 10), 10)}</span>
            </li>
          ))}
        </ul>
      )}
      {isOpen && (
        <div class="tools">
          <Button k="c" disabled={readOnly} onClick={() => actions.confirmLabel(usable)}>
            Confirm {oneLine(sample.answer, 30)}
          </Button>
          {likely !== null && likely !== sample.answer && (
            <Button disabled={readOnly} onClick={() => actions.confirmLabel(usable, likely)}>
              Correct to {oneLine(likely, 30)}
            </Button>
          )}
          {state === 'none' && (
            <Button k="s" disabled={readOnly} onClick={() => actions.doubtLabel(usable)}>
              Send to Review
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** Returns the likely answer in the form of the row's answer, or as one of the row's choices; null if impossible. */
function likelyAnswer({ choices, answer }: Sample, likely: string): string | null {
  if (choices && choices.length > 0) {
    const index = choiceIndex(likely, choices);
    if (index === null) return null;
    return choiceIndex(answer, choices) !== null && choices.includes(answer) ? choices[index]! : likely;
  }
  // Users must correct full sentences by hand.
  if (/\s/.test(answer.trim())) return null;
  return /^[A-Z]/.test(answer) ? likely[0]!.toUpperCase() + likely.slice(1) : likely;
}
