import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeLabels, type Box, type LineLabel, type Segment } from '../../../webview/run/chart-marks.ts';

const PLOT: Box = { left: 50, right: 450, top: 10, bottom: 150 };
const HEIGHT = 12;

const across = ({ y }: LineLabel): Segment => [
  { x: PLOT.left, y },
  { x: PLOT.right, y },
];

describe('placeLabels', () => {
  it('places the name of a dotted level below its line if another level is directly above', () => {
    const labels: LineLabel[] = [
      { y: 80, width: 40, end: 'right' },
      { y: 87, width: 90, end: 'left' },
    ];
    const boxes = placeLabels(labels, labels.map(across), PLOT, HEIGHT);
    expect(boxes).toEqual([
      { left: 407, right: 447, top: 67, bottom: 79 },
      { left: 53, right: 143, top: 89, bottom: 101 },
    ]);
  });

  it('moves a name away from a curve, and omits a name without a free place', () => {
    const label: LineLabel = { y: 80, width: 40, end: 'left' };
    const rising: Segment = [
      { x: 50, y: 90 },
      { x: 150, y: 60 },
    ];
    const [box] = placeLabels([label], [across(label), rising], PLOT, HEIGHT);
    expect(box).toEqual({ left: 230, right: 270, top: 67, bottom: 79 });
    const dense = Array.from({ length: 21 }, (_, i): Segment => {
      const x = PLOT.left + 20 * i;
      return [
        { x, y: PLOT.top },
        { x, y: PLOT.bottom },
      ];
    });
    expect(placeLabels([label], dense, PLOT, HEIGHT)).toEqual([null]);
  });

  it('property: no label overlaps a line or another label, or leaves the plot', () => {
    const y = fc.integer({ min: 10, max: 150 });
    const label = fc.record({
      y,
      width: fc.integer({ min: 10, max: 200 }),
      end: fc.constantFrom('left' as const, 'right' as const),
    });
    const point = fc.record({ x: fc.integer({ min: 50, max: 450 }), y });
    fc.assert(
      fc.property(
        fc.array(label, { maxLength: 4 }),
        fc.array(fc.tuple(point, point), { maxLength: 6 }),
        (labels, curves) => {
          const lines = [...labels.map(across), ...curves];
          const boxes = placeLabels(labels, lines, PLOT, HEIGHT).filter((box) => box !== null);
          for (const [i, box] of boxes.entries()) {
            expect(box.top >= PLOT.top && box.bottom <= PLOT.bottom).toBe(true);
            for (const [from, to] of lines)
              for (let share = 0; share <= 1; share += 1 / 64) {
                const [x, at] = [from.x + share * (to.x - from.x), from.y + share * (to.y - from.y)];
                expect(x > box.left && x < box.right && at > box.top && at < box.bottom).toBe(false);
              }
            for (const other of boxes.slice(i + 1)) {
              const apart = other.left >= box.right || other.right <= box.left;
              expect(apart || other.top >= box.bottom || other.bottom <= box.top).toBe(true);
            }
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
