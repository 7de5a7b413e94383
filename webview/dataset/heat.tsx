import type { BoxMap } from '../../src/core/protocol/data-panel.ts';
import { percent } from './panel-state.ts';

/** Where the centres of boxes lie, all pictures laid over each other. */
export function Heat({ map: { boxes, unplaced, side, cells, left } }: { map: BoxMap }) {
  const most = Math.max(...cells);
  const halves = `${percent(left)} of ${boxes.toLocaleString('en')} lie in the left half of the picture`;
  return (
    <section>
      <h2>Centres of boxes</h2>
      {boxes > 0 && (
        <>
          <svg
            class="heat"
            viewBox={`0 0 ${side} ${side}`}
            role="img"
            aria-label={`Map of box centres: ${halves}`}
          >
            {cells.map((count, i) => (
              <rect
                key={i}
                x={(i % side) + 0.04}
                y={Math.floor(i / side) + 0.04}
                width={0.92}
                height={0.92}
                opacity={count / most}
              >
                <title>{count.toLocaleString('en')}</title>
              </rect>
            ))}
            <line x1={side / 2} x2={side / 2} y1={0} y2={side} />
          </svg>
          <p class="quiet">{halves}.</p>
        </>
      )}
      {unplaced > 0 && (
        <p class="quiet">
          {unplaced.toLocaleString('en')} could not be placed: they are in pixels, and their rows do not say
          how large the picture is.
        </p>
      )}
    </section>
  );
}
