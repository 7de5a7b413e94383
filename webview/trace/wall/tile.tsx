import { thousands } from '../../../src/base/format.ts';
import { oneLine } from '../../../src/base/escape.ts';
import type { ListedPair } from '../../../src/core/run-data/trace-summary.ts';
import type { ImageBytes } from '../../../src/panels/pair/pair.contract.ts';
import { SmallPicture } from '../../ui/thumbnail.tsx';
import { inEnglish } from '../../../src/core/worlds/questions/in-english.ts';

interface TileProps {
  place: number;
  total: number;
  /** Outcome of the pair, which determines the colour of the tile. */
  state: string;
  sign: string;
  label: string;
  /** Data of the row; undefined while the row is loading. */
  row: ListedPair | undefined;
  active: boolean;
  chosen: boolean;
  /** Fetches a frame of the clip; for an image, fetches the image as frame 0. */
  load: (frame: number) => Promise<ImageBytes>;
  /** Whether the clip plays. Every clip also plays under the pointer. */
  plays: boolean;
  /** Key that identifies the image. */
  picture: string | null;
  onClick: (event: MouseEvent) => void;
  onDblClick: () => void;
}

/** Tile of a pair: its image in the colour of its outcome, with a sign and the reference answer. */
export function Tile(props: TileProps) {
  const { place, total, state, sign, label, row, active, chosen, load, plays, picture, onClick, onDblClick } =
    props;
  return (
    <div
      id={`tile-${place}`}
      class={`tile stack ${state}${active ? ' active' : ''}`}
      role="option"
      aria-selected={chosen}
      aria-posinset={place + 1}
      aria-setsize={total}
      title={row ? `${label}\n${oneLine(inEnglish(row.question), 400)}` : label}
      onClick={onClick}
      onDblClick={onDblClick}
    >
      <div class="picture">
        {row && picture !== null && (
          <SmallPicture
            key={picture}
            {...{ picture, plays, load }}
            instead={(why) => (
              <span class="instead" title={why}>
                {oneLine(inEnglish(row.question), 120)}
              </span>
            )}
          />
        )}
        {chosen && (
          <span class="tick" aria-hidden="true">
            ✓
          </span>
        )}
      </div>
      <div class="foot">
        <span class="unseen">
          {label}
          {row && `: ${oneLine(inEnglish(row.question), 300)}`}
        </span>
        <span class="sign" aria-hidden="true">
          {sign}
        </span>
        <bdi>{row ? oneLine(row.answer ?? '–', 60) : '…'}</bdi>
      </div>
    </div>
  );
}

interface HeadingProps {
  label: string;
  count: number;
  /** Numbers of pairs by state, with the share of the first state. */
  states: readonly { state: string; label: string; count: number }[];
}

/** Heading of a group, as its first tile: its name, its number of pairs, and the share of each state. */
export function Heading({ label, count, states }: HeadingProps) {
  return (
    <div class="tile stack heading" aria-hidden="true" title={label}>
      <strong>{label}</strong>
      <span class="quiet">
        {thousands(count)} · {Math.round((100 * states[0]!.count) / count)}% {states[0]!.label}
      </span>
      <span class="shares">
        {states.map(({ state, count }) => (
          <span key={state} class={state} style={{ flexGrow: count }} />
        ))}
      </span>
    </div>
  );
}
