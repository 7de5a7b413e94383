import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import type { ImageRef } from '../../src/core/sample/sample.ts';
import type { ComponentChildren } from 'preact';
import { useSmallPicture } from './pictures.ts';
import './thumbnail.css';

interface ThumbnailProps {
  image: PairImage;
  /** Fetches the picture's bytes from the host. */
  load: (ref: ImageRef) => Promise<ImageBytes>;
}

/** A small picture on a card, or why there is none. */
export function Thumbnail({ image, load }: ThumbnailProps) {
  if ('problem' in image) return <span class="quiet">{image.problem.message}</span>;
  if (image.key === null) return <span class="quiet">No picture, only its size.</span>;
  return (
    <SmallPicture
      picture={image.key}
      load={() => load(image.ref)}
      instead={(why) => <span class="quiet">{why}</span>}
    />
  );
}

interface SmallProps {
  picture: string;
  load: () => Promise<ImageBytes>;
  /** Shown if it cannot be loaded. */
  instead: (why: string) => ComponentChildren;
}

export function SmallPicture({ picture, load, instead }: SmallProps) {
  const loaded = useSmallPicture(picture, load);
  if (loaded.state === 'failed') return <>{instead(loaded.why)}</>;
  if (loaded.state === 'loading') return null;
  const { url, size } = loaded.picture;
  // No alternative text, because the question beside it says what is asked about the picture.
  return <img src={url} alt="" class={size.w <= 160 ? 'pixels' : undefined} draggable={false} />;
}
