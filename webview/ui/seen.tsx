import { percent } from '../../src/base/format.ts';
import { clipSeenBy } from '../../src/core/seen/clip-frames.ts';
import { FAMILY_NAMES, familyOf } from '../../src/core/seen/families.ts';
import { seenPaths } from '../../src/core/seen/seen-figure.ts';
import { seenBy, seenFacts } from '../../src/core/seen/seen-map.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { useContext } from 'preact/hooks';
import { Dropdown } from './controls.tsx';
import { ClipPlace } from './frames.tsx';
import { chooseFamily, toggleSeen, useSeenFamily } from './seen-family.ts';

/** Maximum width of images whose pixels are drawn with sharp edges, because such images are always magnified. */
export const FEW_PIXELS = 160;

/** Minimum zoom at which image patches are drawn. */
const NEAR = 2;

/**
 * Returns the padding that a model family adds to an image of this size: left, above, right and below, as shares of the
 * image's width and height. All values are 0 without a family.
 */
export function fillerOf(family: string | null, size: Size): readonly [number, number, number, number] {
  const map = family === null ? null : seenBy(familyOf(family), size);
  return map ? seenPaths(map, size, false).padding : [0, 0, 0, 0];
}

/** Overlay that dims the parts which a model crops, hatches padding, and draws tiles and sufficiently large patches. */
export function SeenOverlay({ family, size, zoom }: { family: string; size: Size; zoom: number }) {
  const map = seenBy(familyOf(family), size);
  if (!map) return null;
  const { w, h } = size;
  const { lost, filler, step, patches, tiles } = seenPaths(map, size, zoom >= NEAR);
  // The distance between the lines depends on the size of the image, and ids are unique in a page.
  const hatch = `filler-${w}-${h}`;
  return (
    <svg
      class="seen"
      width={w}
      height={h}
      viewBox={`0 0 ${w} ${h}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path class="lost" d={lost} />
      {filler && (
        <>
          <pattern
            id={hatch}
            width={step}
            height={step}
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <path d={`M0 0V${step}`} />
          </pattern>
          <path class="filler" d={filler} style={{ fill: `url(#${hatch})` }} />
        </>
      )}
      <path class="patches" d={patches} />
      <path class="tiles" d={tiles} />
    </svg>
  );
}

/** Button that shows the model's view of all images of the page. After a click, also shows the model family. */
export function SeenSwitch() {
  const { family, isShown, isUnknown } = useSeenFamily();
  return (
    <>
      <button
        type="button"
        class="seen-switch"
        aria-pressed={isShown}
        title="Show a model’s view of the image (i)"
        onClick={toggleSeen}
      >
        Model view
      </button>
      {isShown && family === null && isUnknown && (
        <span class="facts-seen" role="status">
          This model has no image processor of a known family. Select a family.
        </span>
      )}
      {isShown && (
        <Dropdown
          label="Model family"
          labelUnseen
          options={
            FAMILY_NAMES.includes(family ?? '')
              ? FAMILY_NAMES
              : [[family ?? '', ownModel(family) ?? 'Select model family'] as const, ...FAMILY_NAMES]
          }
          value={family ?? ''}
          set={(name) => chooseFamily({ family: name || null })}
        />
      )}
    </>
  );
}

/** Small image with the overlay of a model family, and with its frames if it is a clip of `frames` frames. */
export function SeenThumbnail({ family, url, size, shown, frames, times }: SeenThumbnailProps) {
  const { w, h } = size;
  const map = seenBy(familyOf(family), size);
  const area = map ? seenPaths(map, size, false).area : [0, 0, w, h];
  const taken = frames > 1 && clipSeenBy(familyOf(family), frames, times, size)?.taken;
  return (
    <>
      <svg viewBox={area.join(' ')} class={shown.w <= FEW_PIXELS ? 'pixels' : undefined}>
        <title>{factsOf(family, size)}</title>
        <image href={url} width={w} height={h} preserveAspectRatio="none" />
        <SeenOverlay family={family} size={size} zoom={1} />
      </svg>
      {taken && <FramesSeen taken={taken} n={frames} />}
    </>
  );
}

interface SeenThumbnailProps {
  family: string;
  url: string;
  size: Size;
  /** Size of the file at `url`, which can have fewer pixels. */
  shown: Size;
  /** Number of frames; 1 for an image. */
  frames: number;
  times: readonly number[] | null;
}

/** Strip with a mark for each frame of a clip. */
function FramesSeen({ taken, n }: { taken: readonly number[]; n: number }) {
  return (
    <svg class="frames-seen" viewBox={`0 0 ${n} 2`} preserveAspectRatio="none" aria-hidden="true">
      <path d={Array.from({ length: n }, (_, i) => markOf(taken, i)).join('')} />
    </svg>
  );
}

/** Shows `SeenSwitch` below the first image, and facts about the model's view of this image. */
export function SeenCaption({ size, family, first }: { size: Size; family: string | null; first: boolean }) {
  const place = useContext(ClipPlace);
  const clip = first && family !== null && place && clipSeenBy(familyOf(family), place.n, place.times, size);
  return (
    <>
      {first && <SeenSwitch />}
      {family !== null && (
        <span class="facts-seen" role="status">
          {factsOf(family, size)}
        </span>
      )}
      {clip && (
        <>
          <span class="facts-seen">As one video: {clip.facts.join(' · ')}</span>
          <FramesSeen taken={clip.taken} n={place.n} />
        </>
      )}
    </>
  );
}

/** Draws a frame of a clip: a bar if the model receives it, a higher one if repeatedly; otherwise struck out. */
function markOf(taken: readonly number[], frame: number): string {
  const [first, last] = [taken.indexOf(frame), taken.lastIndexOf(frame)];
  return first < 0 ? `M${frame} 2l.9-1` : `M${frame} 2V${first === last ? 1 : 0}h.9V2z`;
}

/** Describes the family that a model of the embedded engine has for itself; other names stay as they are. */
const ownModel = (family: string | null) =>
  family?.replace(/^embedded@(\d+),(\d+)(?:,right)?$/, 'this model: $1 × $1, patches of $2');

function factsOf(family: string, size: Size): string {
  const map = seenBy(familyOf(family), size);
  if (!map) return `${family} refuses images of this size.`;
  const { lost, filler, tiles } = seenFacts(map, size);
  return [
    `${map.size.w} × ${map.size.h} pixels`,
    ...(lost >= 0.0005 ? [`${percent(lost)}% cropped`] : []),
    ...(map.tiles.length > 0 ? [tiles] : []),
    ...(filler ? [`padding: ${filler}`] : []),
    ...(map.shift > 0 ? ['not mirror-symmetric'] : []),
  ].join(' · ');
}
