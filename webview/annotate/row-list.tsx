import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { several, thousands } from '../../src/base/format.ts';
import { oneLine } from '../../src/base/escape.ts';
import type { AnnotateState, RowLine } from '../../src/panels/annotate/annotate.contract.ts';
import { usePicture } from '../ui/pictures.ts';
import { usePages } from '../ui/pages.ts';
import { placeAfter, useVirtualList } from '../ui/virtual-list.ts';
import { placeOf, signOf } from './annotate-panel-state.ts';
import { usePage } from './annotate-model.ts';

/** Height of a small image, including the space around it, in pixels (annotate.css). */
const ROW_HEIGHT = 36;
const PAGE = 50;
const REST_MS = 400;

interface ListProps {
  state: AnnotateState;
  /** Called when the user has clicked a row. Moving along the list does not choose a row. */
  choose: () => void;
}

/** List of the file's rows. Requests and draws only visible rows. */
export function List({ state, choose }: ListProps) {
  const { panel, actions } = usePage();
  const { variant, row: open } = panel;
  /** Rows that the list shows; null to show all rows. */
  const listed = panel.queue?.rows ?? null;
  const rows = listed ? listed.length : state.rows;
  const row = placeOf(listed, open);
  const rowAt = (place: number) =>
    listed ? (listed[Math.max(0, Math.min(place, rows - 1))] ?? open) : place;
  const box = useRef<HTMLDivElement>(null);
  const { drawn, first, last, offset, page, onScroll, reveal } = useVirtualList({
    box,
    lineHeight: ROW_HEIGHT,
    countIn: () => rows,
  });

  useLayoutEffect(() => reveal(row), [row, rows]);

  const rested = useRested(state);
  const lines = usePages({
    list: [listed, variant],
    version: rested,
    size: PAGE,
    count: rows,
    first,
    last,
    load: (places) => actions.host.call('lines', { rows: places.map(rowAt), variant }),
  });
  return (
    <div
      class="list"
      ref={box}
      onScroll={onScroll}
      role="listbox"
      tabIndex={0}
      aria-label="Rows"
      aria-activedescendant={`row-${row}`}
      onKeyDown={(event) => {
        const to = placeAfter(event, row, { count: rows, page });
        // While the user draws a box, arrow keys move the box.
        if (to === undefined || panel.drawing) return;
        event.preventDefault();
        actions.goTo(rowAt(to));
      }}
    >
      <div style={{ height: `${drawn}px` }}>
        <div style={{ transform: `translateY(${offset}px)` }}>
          {Array.from({ length: last - first }, (_, i) => {
            const index = first + i;
            const line = lines.get(index);
            return (
              <div
                key={index}
                id={`row-${index}`}
                class="line"
                role="option"
                aria-selected={rowAt(index) === open}
                aria-posinset={index + 1}
                aria-setsize={rows}
                onClick={() => {
                  actions.goTo(rowAt(index));
                  choose();
                }}
              >
                <span class="number">{thousands(rowAt(index) + 1)}</span>
                <span class="sign" title={line ? signOf(variant, line.state).label : ''}>
                  {line ? signOf(variant, line.state).sign : ''}
                  <span class="unseen">{line && signOf(variant, line.state).label}</span>
                </span>
                <Small image={line?.image} />
                <span class="what" dir="auto">
                  {line ? oneLine(line.question, 300) : '…'}
                </span>
                {line && line.problems > 0 && (
                  <span class="wrong" title={several(line.problems, 'problem')}>
                    ⚠<span class="unseen">{several(line.problems, 'problem')}</span>
                  </span>
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** Small image of the row, or a sign with the reason why the row has none. The space stays empty during loading. */
function Small({ image }: { image: RowLine['image'] | undefined }) {
  const { actions } = usePage();
  const key = image && 'key' in image ? image.key : null;
  const loaded = usePicture(key, () => actions.host.call('image', { ref: image!.ref }));
  const why =
    image && 'problem' in image ? image.problem.message : loaded.state === 'failed' ? loaded.why : null;
  return (
    <span class="small">
      {/* No alternative text, because the question next to the image describes the relevant content. */}
      {loaded.state === 'shown' && <img src={loaded.picture.url} alt="" draggable={false} />}
      {why !== null && (
        <span class="wrong" title={oneLine(why, 300)}>
          ⊘<span class="unseen">No image: {oneLine(why, 300)}</span>
        </span>
      )}
    </span>
  );
}

/** Returns the version of the file to show. While the user types, the version changes only after a pause. */
function useRested({ version, typing }: AnnotateState): number {
  const [rested, setRested] = useState(version);
  useEffect(() => {
    const timer = setTimeout(() => setRested(version), typing ? REST_MS : 0);
    return () => clearTimeout(timer);
  }, [version, typing]);
  return rested;
}
