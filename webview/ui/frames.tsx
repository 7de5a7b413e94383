import { createContext, type ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { fixed } from '../../src/base/format.ts';
import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import { isFrame } from '../../src/rows/sample/clip.ts';
import { Button, Range } from './controls.tsx';
import { Icon } from './icon.tsx';
import { nameOf } from './keyboard.ts';
import { fetchPicture } from './pictures.ts';
import './frames.css';

/**
 * Draws two images side by side, one per view, or one image for both views if the second view shows the same image. An
 * image is null if its view has fewer images. @param indices indices of both images among the images of their views
 */
type Draw = (
  image: PairImage | null,
  other: PairImage | null,
  indices: readonly [number, number],
) => ComponentChildren;

interface FramesProps {
  first: readonly PairImage[];
  /** Images of the second view; null if it shows the same images, or if there is no second view. */
  second: readonly PairImage[] | null;
  /** Whether the images are the frames of a clip. If undefined, the images themselves determine this. */
  isClip?: boolean | undefined;
  /** Time of each frame of the first view, in seconds, if the times are known. */
  times?: readonly number[] | null;
  /** Whether the clip plays under the pointer; false while the user draws on the clip. */
  playsByItself?: boolean;
  /** Called after the clip has played by itself from the first to the last frame, without a bar for stepping. */
  once?: () => void;
  load: (image: PairImage, side: 0 | 1, place: number) => Promise<ImageBytes>;
  children: Draw;
}

/** All images of a row in a column, or the frames of a clip one at a time. */
export function Frames(props: FramesProps) {
  const { first, second, isClip = isOneVideo(first), children } = props;
  const places = Math.max(first.length, second?.length ?? 0);
  if (isClip && first.length > 1) return <Clip {...props} />;
  return (
    <>
      {Array.from({ length: places }, (_, i) => {
        const image = first[i] ?? null;
        return children(image, second ? (second[i] ?? null) : image, [i, i]);
      })}
    </>
  );
}

const isOneVideo = (images: readonly PairImage[]): boolean =>
  images.length > 1 && images.every(({ ref }) => isFrame(ref));

/** Minimum duration of a frame. The next constants are the maximum, and the duration of the last frame, in ms. */
const SHORTEST = 60;
const LONGEST = 1000;
const LAST = 700;
/** Number of frames to fetch in advance, because a clip can have thousands of frames. */
export const FRAMES_AHEAD = 8;
/** Duration of a frame whose time is unknown, in ms. */
const USUAL = 250;

/**
 * Returns the current frame of a clip, from 0. During playback, the next frame follows after the time between the two.
 * @param once called after the last frame, instead of starting again
 */
export function useClock(
  n: number,
  isPlaying: boolean,
  { times, once }: Pick<FramesProps, 'times' | 'once'> = {},
): [place: number, show: (place: number) => void] {
  const [at, setAt] = useState(0);
  const place = Math.min(at, n - 1);
  useEffect(() => {
    if (!isPlaying) return;
    const step = times?.length === n ? (times[place + 1] ?? NaN) - times[place]! : NaN;
    const isLast = place === n - 1;
    const ms = isLast && !once ? LAST : Number.isNaN(step) ? USUAL : step * 1000;
    const next = () => (isLast && once ? once() : setAt((place + 1) % n));
    const timer = setTimeout(next, Math.max(SHORTEST, Math.min(LONGEST, ms)));
    return () => clearTimeout(timer);
  }, [isPlaying, place, n]);
  return [place, setAt];
}

/** Current frame, from 0, of the clip around an image; null outside clips. */
export const ClipPlace = createContext<{ n: number; place: number; times: readonly number[] | null } | null>(
  null,
);

/**
 * Clip in two views with a common clock. Each view shows its frames in its own order, so that the reversed clip plays
 * backwards next to the original.
 */
function Clip({ first, second, times, playsByItself = false, once, load, children }: FramesProps) {
  const n = Math.max(first.length, second?.length ?? 0);
  const [isPlaying, play] = useState(once !== undefined && !wantsStillness());
  const [place, show] = useClock(n, isPlaying, { times: times ?? null, ...(once && { once }) });
  const frameIn = (images: readonly PairImage[]) => Math.floor((place * images.length) / n);
  const [left, right] = [frameIn(first), frameIn(second ?? first)];
  useEffect(() => {
    for (const [side, images] of [first, second ?? []].entries()) {
      const from = frameIn(images);
      images.slice(from, from + FRAMES_AHEAD).forEach((image, i) => {
        if ('key' in image && image.key !== null)
          void fetchPicture(image.key, () => load(image, side as 0 | 1, from + i));
      });
    }
  }, [keyOf(first[left]), keyOf((second ?? first)[right])]);
  const waits = once !== undefined && !isPlaying;
  useEffect(() => {
    if (!waits) return;
    const press = (event: KeyboardEvent) => {
      if (nameOf(event) !== 'space') return;
      event.preventDefault();
      play(true);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [waits]);
  if (once)
    return (
      <div class="clip">
        {children(first[left] ?? null, (second ?? first)[right] ?? null, [left, right])}
        {waits && (
          <Button k="Space" onClick={() => play(true)}>
            Play
          </Button>
        )}
      </div>
    );
  const go = (to: number) => {
    play(false);
    show((to + n) % n);
  };
  const keys: Record<string, () => void> = {
    space: () => play(!isPlaying),
    ',': () => go(place - 1),
    '.': () => go(place + 1),
  };
  const playAlone = (on: boolean) => playsByItself && !wantsStillness() && play(on);
  const time = times?.length === n ? `, ${fixed(times[place], 2)} s` : '';
  return (
    <div
      class="clip"
      role="group"
      aria-label={`Clip of ${n} frames. Keys: space to play, comma and full stop to step.`}
      onKeyDown={(event) => {
        const act = keys[nameOf(event)];
        // If a button has the focus, the space bar presses the button.
        if (!act || (nameOf(event) === 'space' && (event.target as Element).matches('button'))) return;
        event.preventDefault();
        event.stopPropagation();
        act();
      }}
      onPointerEnter={() => playAlone(true)}
      onPointerLeave={() => playAlone(false)}
    >
      <ClipPlace.Provider value={{ n, place, times: times ?? null }}>
        {children(first[left] ?? null, (second ?? first)[right] ?? null, [left, right])}
      </ClipPlace.Provider>
      <div class="clip-bar">
        <button
          type="button"
          aria-label={isPlaying ? 'Pause' : 'Play'}
          title={`${isPlaying ? 'Pause' : 'Play'} (space)`}
          onClick={() => play(!isPlaying)}
        >
          <Icon name={isPlaying ? 'debug-pause' : 'play'} />
        </button>
        <Range label="Frame" text={`frame ${place + 1} of ${n}${time}`} max={n - 1} value={place} set={go} />
        <span class="quiet" aria-hidden="true">
          {place + 1}/{n}
          {time}
        </span>
      </div>
    </div>
  );
}

const keyOf = (image: PairImage | undefined): string | null => (image && 'key' in image ? image.key : null);

/** Returns whether the user's system requests reduced motion, which disables automatic playback. */
export const wantsStillness = (): boolean => matchMedia('(prefers-reduced-motion: reduce)').matches;
