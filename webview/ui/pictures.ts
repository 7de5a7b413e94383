import { useEffect, useState } from 'preact/hooks';
import type { ImageBytes } from '../../src/core/protocol/pair.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
import { Lru } from './lru.ts';

/** A picture that can be drawn at once; `url` is a blob's. */
export interface Picture {
  url: string;
  size: Size;
  bytes: number;
}

/** The pictures of the last rows: stepping back and forth asks the host for nothing. */
const pictures = new Lru<Picture>(
  256 * 2 ** 20,
  ({ bytes }) => bytes,
  ({ url }) => URL.revokeObjectURL(url),
);

export type Loaded =
  { state: 'loading' } | { state: 'shown'; picture: Picture } | { state: 'failed'; why: string };

/** A picture by a key that names its content; `load` fetches its bytes from the host. */
export function usePicture(key: string, load: () => Promise<ImageBytes>): Loaded {
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded } | null>(null);
  const known = pictures.get(key);
  useEffect(() => {
    if (known) return;
    let wanted = true;
    const settle = (result: Loaded) => wanted && setLoaded({ key, result });
    load()
      .then(decode)
      .then(
        (picture) => {
          pictures.set(key, picture);
          settle({ state: 'shown', picture });
        },
        (error: unknown) => settle({ state: 'failed', why: (error as Error).message }),
      );
    return () => {
      wanted = false;
    };
  }, [key]);
  if (known) return { state: 'shown', picture: known };
  return loaded?.key === key ? loaded.result : { state: 'loading' };
}

async function decode({ bytes, type }: ImageBytes): Promise<Picture> {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    throw new Error('The picture is damaged.');
  }
  return { url, size: { w: image.naturalWidth, h: image.naturalHeight }, bytes: bytes.length };
}
