import { useEffect, useState } from 'preact/hooks';
import type { ImageBytes } from '../../src/panels/pair/pair.contract.ts';
import { type ViewId, viewOf } from '../../src/rows/view-list.ts';
import { resamplePixels } from '../../src/rows/views/resample/pixels.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';

/** Decoded image. Its `url` refers to a blob. */
interface Picture {
  url: string;
  size: Size;
  /** Size of the loaded image, of which a small image has fewer pixels. */
  whole: Size;
  bytes: number;
  /** Number of frames, if the image is the first frame of a clip. */
  frames?: number | undefined;
}

type Loaded = { state: 'loading' } | { state: 'shown'; picture: Picture } | { state: 'failed'; why: string };

/**
 * Loads an image once. `file` identifies the image's content; `load` fetches its bytes from the host. If `file` is
 * null, loads no image.
 * @param made view whose new pixels are computed from the image, and the focal length for pans
 */
export function usePicture(
  file: string | null,
  load: () => Promise<ImageBytes>,
  made?: { view: ViewId; focal: number | undefined },
): Loaded {
  const steps = made ? viewOf(made.view).resamples : [];
  const key = file === null || steps.length === 0 ? file : JSON.stringify([file, steps, made!.focal]);
  const [loaded, setLoaded] = useState<{ key: string; result: Loaded } | null>(null);
  const kept = key === null ? undefined : pictures.get(key);
  useEffect(() => {
    if (kept || key === null) return;
    let wanted = true;
    const settle = (result: Loaded) => wanted && setLoaded({ key, result });
    loadOnce(key, async () => {
      const picture = await decode(await load());
      return steps.length > 0 ? withNewPixels(picture, steps, made!.focal) : picture;
    }).then(
      (picture) => settle({ state: 'shown', picture }),
      (error: unknown) => settle({ state: 'failed', why: (error as Error).message }),
    );
    return () => {
      wanted = false;
    };
  }, [key]);
  if (kept) return { state: 'shown', picture: kept };
  return loaded?.key === key ? loaded.result : { state: 'loading' };
}

/** Longer side of small images, in pixels: enough for a card on a screen with double resolution. */
const SMALL = 400;

/** Loads an image for a card or a tile. Large images are stored in a small size, so that many fit into memory. */
export const useSmallPicture = (file: string | null, load: () => Promise<ImageBytes>): Loaded =>
  usePicture(file === null ? null : smallKey(file), async () => {
    const loaded = await load();
    return { ...loaded, ...(await smaller(loaded)) };
  });

/** Returns whether the small version of an image can be shown immediately. */
export const isSmallLoaded = (file: string): boolean => pictures.get(smallKey(file)) !== undefined;

const smallKey = (file: string) => `small ${file}`;

/** Returns an image with fewer pixels. A small or unreadable image (which `decode` reports) is returned unchanged. */
async function smaller({ bytes, type }: ImageBytes): Promise<ImageBytes & { whole?: Size }> {
  const blob = new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
  const whole = await createImageBitmap(blob).catch(() => null);
  if (!whole) return { bytes, type };
  const size = { w: whole.width, h: whole.height };
  const scale = SMALL / Math.max(size.w, size.h);
  if (scale >= 1) {
    whole.close();
    return { bytes, type };
  }
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.round(size.w * scale)),
    Math.max(1, Math.round(size.h * scale)),
  );
  const drawing = canvas.getContext('2d')!;
  drawing.imageSmoothingQuality = 'high';
  drawing.drawImage(whole, 0, 0, canvas.width, canvas.height);
  whole.close();
  const small = await canvas.convertToBlob({ type: 'image/webp', quality: 0.85 });
  return { bytes: new Uint8Array(await small.arrayBuffer()), type: small.type, whole: size };
}

/** Loads an image before the page shows it. After a failure, showing the image tries again and reports the reason. */
export async function fetchPicture(key: string, load: () => Promise<ImageBytes>): Promise<void> {
  if (!pictures.get(key)) await loadOnce(key, async () => decode(await load())).catch(() => undefined);
}

/** Images that are being loaded. */
const loading = new Map<string, Promise<Picture>>();

/** Loads an image only once if several elements show the image. All elements get the same URL. */
function loadOnce(key: string, load: () => Promise<Picture>): Promise<Picture> {
  const begun = loading.get(key);
  if (begun) return begun;
  const work = load().then((picture) => {
    pictures.set(key, picture);
    return picture;
  });
  loading.set(key, work);
  const done = () => loading.delete(key);
  work.then(done, done);
  return work;
}

async function decode({ bytes, type, frames, whole }: ImageBytes & { whole?: Size }): Promise<Picture> {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    throw new Error('Cannot decode the image.');
  }
  const size = { w: image.naturalWidth, h: image.naturalHeight };
  return { url, size, whole: whole ?? size, bytes: bytes.length, frames };
}

/** Returns an image with the new pixels of a view, as models receive it. Releases the original image. */
async function withNewPixels(
  { url, size }: Picture,
  steps: ReturnType<typeof viewOf>['resamples'],
  focal: number | undefined,
): Promise<Picture> {
  const image = new Image();
  image.src = url;
  await image.decode();
  URL.revokeObjectURL(url);
  const canvas = new OffscreenCanvas(size.w, size.h);
  const drawing = canvas.getContext('2d')!;
  // Models also receive transparent pixels as white.
  drawing.fillStyle = '#fff';
  drawing.fillRect(0, 0, size.w, size.h);
  drawing.drawImage(image, 0, 0);
  const { data } = drawing.getImageData(0, 0, size.w, size.h);
  let picture = { width: size.w, height: size.h, data: new Uint8Array(size.w * size.h * 3) };
  picture.data.forEach((_, i) => (picture.data[i] = data[i + Math.floor(i / 3)]!));
  for (const step of steps) picture = resamplePixels(picture, step, focal) as typeof picture;
  const { width: w, height: h } = picture;
  const shown = new ImageData(w, h);
  shown.data.forEach((_, i) => (shown.data[i] = i % 4 === 3 ? 255 : picture.data[i - Math.floor(i / 4)]!));
  Object.assign(canvas, { width: w, height: h });
  canvas.getContext('2d')!.putImageData(shown, 0, 0);
  const blob = await canvas.convertToBlob();
  return { url: URL.createObjectURL(blob), size: { w, h }, whole: { w, h }, bytes: blob.size };
}

/** Cache limited by total weight. Drops the least recently used entries, but always keeps the newest entry. */
export class Lru<V> {
  private readonly entries = new Map<string, V>();
  private total = 0;

  constructor(
    private readonly budget: number,
    private readonly weigh: (value: V) => number,
    /** Receives each dropped value, to release its resources. */
    private readonly leaves: (value: V) => void,
  ) {}

  get(key: string): V | undefined {
    const value = this.entries.get(key);
    if (value !== undefined) {
      this.entries.delete(key); // The last entry of the map is the most recently used entry.
      this.entries.set(key, value);
    }
    return value;
  }

  set(key: string, value: V): void {
    this.remove(key);
    this.entries.set(key, value);
    this.total += this.weigh(value);
    for (const oldest of this.entries.keys()) {
      if (this.total <= this.budget || oldest === key) break;
      this.remove(oldest);
    }
  }

  private remove(key: string): void {
    const value = this.entries.get(key);
    if (value === undefined) return;
    this.entries.delete(key);
    this.total -= this.weigh(value);
    this.leaves(value);
  }
}

/** Images of recently shown rows, so that stepping back and forth requires no request to the host. */
const pictures = new Lru<Picture>(
  256 * 2 ** 20,
  ({ bytes }) => bytes,
  ({ url }) => URL.revokeObjectURL(url),
);
