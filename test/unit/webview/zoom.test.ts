import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { moveBy, turnedZoom, WHOLE, zoomAt, type Zoom } from '../../../webview/ui/zoom.ts';
import { property } from '../../support/property.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true });
const zooms = fc
  .array(fc.tuple(fc.double({ min: 0.3, max: 3, noNaN: true }), share, share), { maxLength: 6 })
  .map((steps) => steps.reduce((zoom, [factor, x, y]) => zoomAt(zoom, factor, x, y), WHOLE));

/** Where a point of the image (0–1) is seen in the frame. */
const seen = ({ scale, x }: Zoom, at: number) => x + scale * at;

describe('zoom of two views', () => {
  property('zoom: shows a point and its mirror image in mirrored positions', [zooms, share], (zoom, x) => {
    expect(seen(turnedZoom(zoom, 'mirror'), 1 - x)).toBeCloseTo(1 - seen(zoom, x), 9);
    expect(turnedZoom(turnedZoom(zoom, 'mirror'), 'mirror').x).toBeCloseTo(zoom.x, 9);
  });

  property('zoom: keeps the frame completely covered by the image', [zooms, share, share], (zoom, x, y) => {
    for (const z of [zoom, moveBy(zoom, x, -y), moveBy(zoom, -x, y)]) {
      expect(seen(z, 0)).toBeLessThanOrEqual(1e-9);
      expect(seen(z, 1)).toBeGreaterThanOrEqual(1 - 1e-9);
    }
  });

  property('zoom: keeps the point below the pointer when zooming in', [zooms, share, share], (zoom, x, y) => {
    const before = (x - zoom.x) / zoom.scale;
    const after = zoomAt(zoom, 1.5, x, y);
    expect(seen(after, before)).toBeCloseTo(x, 6);
  });
});
