import type { PairImage } from '../../src/core/protocol/pair.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
import { declaredSize, type ImageRef } from '../../src/core/spatial/sample.ts';
import { viewOf, type PixelView } from '../../src/core/spatial/views/list.ts';
import { PicturePair } from '../ui/picture.tsx';
import { mirrorShapes, relationShapes, shapesOf, type Placed, type Shape } from '../ui/shapes.ts';
import type { Opened, TraceModel } from './model.ts';

/** The pictures of both views, with boxes and graph where the row is known. */
export function Pictures({ model, opened }: { model: TraceModel; opened: Opened }) {
  const { place, swapped, options } = model.state;
  const { traced } = opened.pair;
  const images = traced.views[0]?.images ?? [];
  return (
    <section aria-label="Pictures">
      {images.map((ref, i) => (
        <PicturePair
          image={imageOf(ref, opened, i, place!.run)}
          flipped={swapped}
          alone={traced.views.length === 1 ? viewOf(traced.views[0]!.view).pixels : undefined}
          shapes={(view, size) => (i === 0 ? drawn(opened, view, size, options) : [])}
          load={() =>
            model.host.call('traceImage', { run: place!.run, source: place!.source, id: opened.id, image: i })
          }
        />
      ))}
      {images.length === 0 && <p class="quiet">This pair has no picture.</p>}
      {opened.rowProblem && <p class="quiet">{opened.rowProblem}</p>}
    </section>
  );
}

/** The row knows when a file has changed; without it, the reference in its run names the picture. */
function imageOf(ref: ImageRef, { row }: Opened, i: number, run: string): PairImage {
  const known = row?.row.images[i];
  if (known && JSON.stringify(known.ref) === JSON.stringify(ref)) return known;
  const onlySize = typeof ref !== 'string' && !ref.path && !ref.parquet && declaredSize(ref);
  return { ref, key: onlySize ? null : JSON.stringify([run, ref]) };
}

function drawn(
  { row }: Opened,
  view: PixelView,
  size: Size,
  show: { boxes: boolean; graph: boolean },
): Shape[] {
  const sample = row?.row.sample;
  if (!sample) return [];
  const mirror: Placed = row.row.mirror ?? {};
  const shapes =
    view === 'original'
      ? shapesOf(sample, sample.box_format, size)
      : mirrorShapes(sample, mirror, sample.box_format, size);
  // Places can be mirrored by drawing, words cannot: only the mirror's own graph says what holds there.
  const graph = view === 'original' ? sample.scene_graph : mirror.scene_graph;
  return [...(show.graph ? relationShapes(graph, size) : []), ...(show.boxes ? shapes : [])];
}
