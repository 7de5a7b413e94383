import type { ComponentChildren } from 'preact';
import { fixed } from '../../src/base/format.ts';
import type { ImageBytes, PairImage } from '../../src/panels/pair/pair.contract.ts';
import type { Size } from '../../src/rows/sample/boxes.ts';
import { isFrame } from '../../src/rows/sample/clip.ts';
import { declaredSize, type ImageRef } from '../../src/rows/sample/sample.ts';
import { MIRROR, ORIGINAL, PAIR, viewOf, type PixelView, type ViewId } from '../../src/rows/view-list.ts';
import { sizeIn } from '../../src/rows/symmetry.ts';
import { usePicture } from './pictures.ts';
import { Overlay } from './overlay.tsx';
import { Pair } from './pair.tsx';
import { FEW_PIXELS, fillerOf, SeenCaption, SeenOverlay } from './seen.tsx';
import { useSeen } from './seen-family.ts';
import type { Shape } from './shapes.ts';
import { turnedStyle, useZoom } from './zoom.ts';

interface PicturePairProps {
  image: PairImage;
  load: () => Promise<ImageBytes>;
  /** Image of the second view; set if the second view has its own image. */
  other?: { image: PairImage; load: () => Promise<ImageBytes> } | undefined;
  /** Control below the reason why the image is missing. */
  remedy?: ComponentChildren;
  /** One or two views; by default, original and mirror. */
  views?: readonly [ViewId] | readonly [ViewId, ViewId] | undefined;
  /** Focal length of the row's image in pixels, which pans require. */
  focal?: number | undefined;
  flipped: boolean;
  /** Key of a zoom that several images share, such as all frames of a clip. */
  zoomOf?: string | undefined;
  /** Returns the shapes to draw over a view. @param size image size before the view's transform */
  shapes: (pixels: PixelView, size: Size, side: 0 | 1) => Shape[];
  /** Returns elements that cover the image, above the shapes, such as handles. */
  above?: (pixels: PixelView, size: Size, side: 0 | 1) => ComponentChildren;
}

/** Aspect ratio of an image until its size is known. */
const FOUR_TO_THREE: Size = { w: 4, h: 3 };

/**
 * Image in two views, or two images, with their boxes. Frames have the proportions of the image, and are as large as
 * their columns and the window allow. Both sides zoom and move together, each in its own view.
 */
export function PicturePair(props: PicturePairProps) {
  const { image, load, other, remedy, views = PAIR, focal, flipped, zoomOf, shapes, above } = props;
  const first = useFound(image, load, { view: views[0], focal });
  const pixels = (view: ViewId) => JSON.stringify(viewOf(view).resamples);
  const differs = views[1] !== undefined && pixels(views[1]) !== pixels(views[0]);
  const separate = other?.image ?? (differs ? image : undefined);
  const secondFound = useFound(separate, other?.load ?? load, { view: views[1] ?? views[0], focal });
  const second = secondFound ?? first!;
  const { zoom, reset, frameOf } = useZoom(zoomOf ?? ('why' in first! ? undefined : first!.url));
  const zoomed = zoom.scale > 1;
  const seen = useSeen();
  const frame = (found: Found, side: 0 | 1) => {
    if ('why' in found) return <Missing {...found} remedy={remedy} />;
    const { size, url, waits } = found;
    const { pixels: view } = viewOf(views[side] ?? views[0]);
    const name = url ? `${found.name}${suffixOf(views[side] ?? views[0])}` : found.name;
    const { place, ...handlers } = frameOf(view);
    const turned = sizeIn(view, size);
    const [left, top, right, below] = fillerOf(seen, turned);
    const [wide, high] = [left + 1 + right, top + 1 + below];
    const inset = [top / high, right / wide, below / high, left / wide].map((share) => `${100 * share}%`);
    const sharp = size.w <= FEW_PIXELS || zoom.scale >= 4;
    return (
      <figure>
        <div
          class={`frame${url ? '' : ' empty'}${zoomed ? ' zoomed' : ''}${sharp ? ' pixels' : ''}`}
          style={{ '--aspect': (turned.w * wide) / (turned.h * high) }}
          aria-busy={waits}
          {...(url && {
            ...handlers,
            tabIndex: 0,
            role: 'group',
            'aria-label': `${name}. Keys: plus and minus to zoom, arrows to move, 0 to fit the image.`,
          })}
        >
          <div class="stage" style={{ '--x': place.x, '--y': place.y, '--scale': zoom.scale }}>
            <div class="image" style={{ inset: inset.join(' ') }}>
              {/* If the other view has no image of its own, draw the same image transformed. */}
              {url && (
                <img
                  src={url}
                  alt={name}
                  class={view === MIRROR ? 'mirrored' : undefined}
                  style={turnedStyle(view, size)}
                  draggable={false}
                />
              )}
              {seen !== null && <SeenOverlay family={seen} size={turned} zoom={zoom.scale} />}
              <Overlay shapes={waits ? [] : shapes(view, size, side)} size={turned} />
              {!waits && above?.(view, size, side)}
            </div>
          </div>
        </div>
        <figcaption>
          {/* Without folders, so that the end of the name is not cut. */}
          <span title={name}>{name.replace(/^.*\//, '')}</span>
          <SeenCaption size={turned} family={seen} first={side === 0} />
          {zoomed && (
            <button type="button" title="Fit image (0)" onClick={reset}>
              {fixed(zoom.scale, 1)}×
            </button>
          )}
        </figcaption>
      </figure>
    );
  };
  // If neither view's image is available, show only one message.
  if ('why' in first! && !secondFound) return <Missing {...first} remedy={remedy} />;
  if (views.length === 1) return <div class="pair">{frame(first!, 0)}</div>;
  return <Pair original={frame(first!, 0)} mirror={frame(second, 1)} flipped={flipped} views={views} />;
}

/** Image, or the reason why it is missing. Without `url`, only its size is known. `waits`: whether it is loading. */
type Found = { name: string; size: Size; url?: string; waits?: boolean } | { name: string; why: string };

function useFound(
  image: PairImage | undefined,
  load: () => Promise<ImageBytes>,
  made: Parameters<typeof usePicture>[2],
): Found | null {
  const key = image && 'key' in image ? image.key : null;
  const loaded = usePicture(key, load, made);
  if (!image) return null;
  const name = nameOf(image.ref);
  if ('problem' in image) return { name, why: `${image.problem.message} ${image.problem.fix ?? ''}` };
  const size = declaredSize(image.ref);
  if (key === null) return { name: `No image stored (size ${size!.w} × ${size!.h})`, size: size! };
  if (loaded.state === 'failed') return { name, why: loaded.why };
  if (loaded.state === 'loading')
    return { name: `Loading ${name}…`, size: size ?? FOUR_TO_THREE, waits: true };
  return { name, ...loaded.picture };
}

/** Returns the suffix for the name of a transformed image. The suffix describes the image's view. */
function suffixOf(view: ViewId): string {
  const { label, pixels } = viewOf(view);
  const isFile = pixels === ORIGINAL && viewOf(view).resamples.length === 0;
  return isFile ? '' : view === MIRROR ? ', mirrored' : `, ${label.toLowerCase()}`;
}

/** Message in place of an image that cannot be shown. */
function Missing({ name, why, remedy }: { name: string; why: string; remedy: ComponentChildren }) {
  return (
    <div class="missing">
      <strong>{name}</strong>
      <p>{why}</p>
      {remedy}
    </div>
  );
}

function nameOf(ref: ImageRef): string {
  if (typeof ref === 'string') return ref;
  if (ref.parquet !== undefined) return `${ref.parquet}, row ${ref.row}`;
  if (isFrame(ref)) return `${ref.video}, frame ${ref.frame + 1} of ${ref.frames}`;
  return ref.path ?? '';
}
