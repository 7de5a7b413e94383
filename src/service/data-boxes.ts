import type { BoxMap } from '../core/protocol/data-panel.ts';
import { splitFormat, toPixels, type BoxFormat, type Size } from '../core/spatial/boxes.ts';
import { declaredSize, type Sample } from '../core/spatial/sample.ts';

/** Cells along each side of the map. */
const SIDE = 12;

/** Counts where in their pictures boxes lie. No picture is opened: pixels need a size that the row declares. */
export class BoxCentres {
  private readonly cells = new Array<number>(SIDE * SIDE).fill(0);
  private boxes = 0;
  private unplaced = 0;
  private left = 0;

  /** Boxes of the row, and of the objects of its scene graph where it has none itself. */
  add({ boxes = [], box_format, scene_graph, images }: Sample): void {
    const size = declaredSize(images[0]);
    const objects = Array.isArray(scene_graph?.objects) ? scene_graph.objects : [];
    const own = boxes.map((box) => ({ box, format: box_format }));
    const drawn = objects.flatMap(({ box, box_format: format }) =>
      box ? [{ box, format: format ?? ('xyxy_px' as const) }] : [],
    );
    for (const { box, format } of own.length > 0 ? own : drawn) {
      const parts = format ? splitFormat(format) : null;
      if (!format || !parts || parts.shape === 'point') continue;
      // Fractions of the picture need no size: any will do.
      const frame = parts.unit === 'px' ? size : { w: 1, h: 1 };
      if (frame) this.place(box, format, frame);
      else this.unplaced += 1;
    }
  }

  private place(box: readonly number[], format: BoxFormat, frame: Size) {
    try {
      const [x1, y1, x2, y2] = toPixels(box, format, frame);
      const cell = (share: number) => Math.max(0, Math.min(SIDE - 1, Math.floor(SIDE * share)));
      const x = (x1 + x2) / 2 / frame.w;
      const at = SIDE * cell((y1 + y2) / 2 / frame.h) + cell(x);
      this.cells[at] = this.cells[at]! + 1;
      this.boxes += 1;
      if (x < 0.5) this.left += 1;
    } catch {
      this.unplaced += 1; // what does not fit its format is left to the checks
    }
  }

  map(): BoxMap | null {
    const { boxes, unplaced, cells, left } = this;
    if (boxes + unplaced === 0) return null;
    return { boxes, unplaced, side: SIDE, cells, left: boxes > 0 ? left / boxes : 0 };
  }
}
