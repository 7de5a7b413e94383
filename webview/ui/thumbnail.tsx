import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import type { ImageRef } from '../../src/rows/sample/sample.ts';
import { useClock, wantsStillness } from './frames.tsx';
import { Icon } from './icon.tsx';
import { isSmallLoaded, useSmallPicture } from './pictures.ts';
import { FEW_PIXELS, SeenThumbnail } from './seen.tsx';
import { useSeen } from './seen-family.ts';
import './thumbnail.css';

/** Minimum time for which a card must be visible before its image loads, in ms: users can scroll fast. */
const SETTLE_MS = 80;

interface ThumbnailProps {
  image: PairImage;
  /** All frames of the clip; set if the image is the clip's first frame. */
  frames?: readonly ImageRef[] | undefined;
  /** Time of each frame in seconds; null if unknown. */
  times?: readonly number[] | null | undefined;
  /** Whether the clip plays. Every clip also plays under the pointer. */
  plays?: boolean | undefined;
  /** Fetches an image's bytes from the host. */
  load: (ref: ImageRef) => Promise<ImageBytes>;
}

/** Small image on a card, or the reason why the image is missing. */
export function Thumbnail({ image, frames = [], times, plays, load }: ThumbnailProps) {
  if ('problem' in image) return <span class="quiet">{image.problem.message}</span>;
  if (image.key === null) return <span class="quiet">No image stored</span>;
  return (
    <SmallPicture
      picture={image.key}
      {...{ plays, times }}
      load={async (frame) => ({ ...(await load(frames[frame] ?? image.ref)), frames: frames.length || 1 })}
      instead={(why) => <span class="quiet">{why}</span>}
    />
  );
}

interface SmallProps {
  picture: string;
  plays?: boolean | undefined;
  times?: readonly number[] | null | undefined;
  /** Fetches the image, or a frame of a clip by number from 0. The first frame's data contain the number of frames. */
  load: (frame: number) => Promise<ImageBytes>;
  /** Content that replaces an image that cannot be loaded. */
  instead: (why: string) => ComponentChildren;
}

/** Image that loads after being visible for a while: of a clip the first frame and, when it plays, all frames. */
export function SmallPicture({ picture, plays = false, times = null, load, instead }: SmallProps) {
  const seen = useSeen();
  const [settled, settle] = useState(isSmallLoaded(picture));
  useEffect(() => {
    const timer = setTimeout(() => settle(true), SETTLE_MS);
    return () => clearTimeout(timer);
  }, []);
  const [isPointed, point] = useState(false);
  const poster = useSmallPicture(settled ? picture : null, () => load(0));
  const { frames = 1 } = poster.state === 'shown' ? poster.picture : {};
  const isPlaying = frames > 1 && (isPointed || plays) && !wantsStillness();
  const [place, show] = useClock(frames, isPlaying);
  useEffect(() => {
    if (!isPlaying) show(0);
  }, [isPlaying]);
  const keyOf = (frame: number) => (frame === 0 ? picture : `${picture} ${frame}`);
  const now = useSmallPicture(isPlaying ? keyOf(place) : null, () => load(place));
  const next = (place + 1) % frames;
  useSmallPicture(isPlaying ? keyOf(next) : null, () => load(next));
  const last = useRef<string | null>(null);
  if (poster.state === 'failed') return <>{instead(poster.why)}</>;
  if (poster.state === 'loading') return null;
  // Show the previous frame until the next frame is loaded.
  last.current = now.state === 'shown' ? now.picture.url : isPlaying ? last.current : null;
  const { url: first, size, whole } = poster.picture;
  const url = last.current ?? first;
  // No alternative text, because the question next to the image describes the image.
  const image =
    seen === null ? (
      <img src={url} alt="" class={size.w <= FEW_PIXELS ? 'pixels' : undefined} draggable={false} />
    ) : (
      <SeenThumbnail family={seen} size={whole} shown={size} {...{ url, frames, times }} />
    );
  if (frames === 1) return image;
  return (
    <span class="reel" onPointerEnter={() => point(true)} onPointerLeave={() => point(false)}>
      {image}
      <span class={`count${isPlaying ? ' playing' : ''}`}>
        <Icon name="play" />
        <span class="number">
          {isPlaying && `${place + 1}/`}
          {frames}
        </span>
        <span class="unseen"> frames</span>
      </span>
    </span>
  );
}
