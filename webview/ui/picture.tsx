import type { ComponentChildren } from 'preact';
import type { ImageBytes, PairImage } from '../../src/core/protocol/pair.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
import { declaredSize, type ImageRef } from '../../src/core/spatial/sample.ts';
import { isMirrored, PAIR, type PixelView } from '../../src/core/spatial/views/list.ts';
import { usePicture } from './pictures.ts';
import { Overlay } from './overlay.tsx';
import { Pair } from './pair.tsx';
import type { Shape } from './shapes.ts';
import { useZoom } from './zoom.ts';

interface Props {
  image: PairImage;
  flipped: boolean;
  /** The shapes to draw over a view. */
  shapes: (view: PixelView, size: Size) => Shape[];
  /** Elements above the shapes, as large as the picture, such as handles. */
  above?: (view: PixelView, size: Size) => ComponentChildren;
  load: () => Promise<ImageBytes>;
  /** Shows only this view. */
  alone?: PixelView | undefined;
}

/** A picture and its mirror, with their boxes. */
export function PicturePair({ image, ...rest }: Props) {
  if ('problem' in image) {
    return <Missing name={nameOf(image.ref)} why={`${image.problem.message} ${image.problem.fix ?? ''}`} />;
  }
  const size = declaredSize(image.ref);
  if (image.key !== null) {
    return (
      <LoadedPair name={nameOf(image.ref)} picture={image.key} expected={size ?? FOUR_TO_THREE} {...rest} />
    );
  }
  const name = `No picture: only its size, ${size!.w} × ${size!.h}, is known.`;
  return <FramePair size={size!} names={[name, name]} {...rest} />;
}

/** Proportions until the size of the picture is known. */
const FOUR_TO_THREE: Size = { w: 4, h: 3 };

function LoadedPair(props: { name: string; picture: string; expected: Size } & Omit<Props, 'image'>) {
  const { name, expected, picture, load, ...rest } = props;
  const loaded = usePicture(picture, load);
  if (loaded.state === 'failed') return <Missing name={name} why={loaded.why} />;
  if (loaded.state === 'loading') {
    const names: [string, string] = [`Loading ${name}…`, `Loading ${name}…`];
    return <FramePair {...rest} size={expected} names={names} shapes={() => []} above={() => null} />;
  }
  const { url, size } = loaded.picture;
  const names: [string, string] = [name, `${name}, mirrored`];
  return <FramePair {...rest} size={size} names={names} url={url} />;
}

interface Frames extends Pick<Props, 'shapes' | 'flipped' | 'above' | 'alone'> {
  size: Size;
  names: [original: string, mirror: string];
  /** Undefined while loading; the frames are then empty. */
  url?: string;
}

/** Pictures narrower than this are magnified in any case, so show their pixels sharply. */
const FEW_PIXELS = 160;

/**
 * Frames have the proportions of the picture and are as large as their columns and the window allow. They zoom and move
 * together, mirrored.
 */
function FramePair({ size, names: [original, mirror], url, shapes, above, flipped, alone }: Frames) {
  const { zoom, reset, frameOf } = useZoom(url);
  const zoomed = zoom.scale > 1;
  const pixels = size.w <= FEW_PIXELS || zoom.scale >= 4;
  const frame = (view: PixelView, name: string) => {
    const { place, ...handlers } = frameOf(view);
    return (
      <figure>
        <div
          class={`frame${url ? '' : ' empty'}${zoomed ? ' zoomed' : ''}${pixels ? ' pixels' : ''}`}
          style={{ '--aspect': size.w / size.h }}
          {...(url && {
            ...handlers,
            tabIndex: 0,
            role: 'group',
            'aria-label': `${name}. Keys: plus and minus zoom, arrows move, 0 shows all of it.`,
          })}
        >
          <div class="stage" style={{ '--x': place.x, '--y': place.y, '--scale': zoom.scale }}>
            {/* The mirror is the same picture, drawn mirrored. */}
            {url && (
              <img src={url} alt={name} class={isMirrored(view) ? 'mirrored' : undefined} draggable={false} />
            )}
            <Overlay shapes={shapes(view, size)} size={size} />
            {above?.(view, size)}
          </div>
        </div>
        <figcaption>
          <span>{name}</span>
          {zoomed && (
            <button type="button" title="Show all of it (0)" onClick={reset}>
              {zoom.scale.toFixed(1)}×
            </button>
          )}
        </figcaption>
      </figure>
    );
  };
  if (alone) return <div class="pair">{frame(alone, isMirrored(alone) ? mirror : original)}</div>;
  const [first, second] = PAIR;
  return <Pair original={frame(first, original)} mirror={frame(second, mirror)} flipped={flipped} />;
}

/** Replaces pictures that cannot be shown. */
function Missing({ name, why }: { name: string; why: string }) {
  return (
    <div class="missing">
      <strong>{name}</strong>
      <p>{why}</p>
    </div>
  );
}

function nameOf(ref: ImageRef): string {
  if (typeof ref === 'string') return ref;
  if (ref.parquet !== undefined) return `${ref.parquet}, row ${ref.row}`;
  return ref.path ?? '';
}
