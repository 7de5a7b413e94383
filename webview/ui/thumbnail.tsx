import type { ImageBytes, PairImage } from '../../src/core/protocol/pair.ts';
import type { ImageRef } from '../../src/core/sample/sample.ts';
import { useSmallPicture } from './pictures.ts';
import './thumbnail.css';

interface Props {
  image: PairImage;
  /** Fetches the picture's bytes from the host. */
  load: (ref: ImageRef) => Promise<ImageBytes>;
}

/** A small picture on a card, or why there is none. */
export function Thumbnail({ image, load }: Props) {
  if ('problem' in image) return <span class="quiet">{image.problem.message}</span>;
  if (image.key === null) return <span class="quiet">No picture, only its size.</span>;
  return <Loaded picture={image.key} load={() => load(image.ref)} />;
}

function Loaded({ picture, load }: { picture: string; load: Parameters<typeof useSmallPicture>[1] }) {
  const loaded = useSmallPicture(picture, load);
  if (loaded.state === 'failed') return <span class="quiet">{loaded.why}</span>;
  if (loaded.state === 'loading') return null;
  const { url, size } = loaded.picture;
  // No alternative text, because the question below says what is asked about the picture.
  return <img src={url} alt="" class={size.w <= 160 ? 'pixels' : undefined} draggable={false} />;
}
