import type { ComponentChildren } from 'preact';
import type { ImageBytes, PairImage } from '../../src/core/protocol/pair.ts';
import type { Size } from '../../src/core/spatial/boxes.ts';
import { declaredSize, type ImageRef } from '../../src/core/spatial/sample.ts';
import { PAIR, viewOf, type PixelView, type ViewId } from '../../src/core/spatial/views/list.ts';
import { sizeIn } from '../../src/core/spatial/views/symmetry.ts';
import { usePicture } from './pictures.ts';
import { Overlay } from './overlay.tsx';
import { Pair } from './pair.tsx';
import type { Shape } from './shapes.ts';
import { turnedStyle } from './turned.ts';
import { useZoom } from './zoom.ts';

interface Props {
  image: PairImage;
  flipped: boolean;
  /** The shapes to draw over a view. */
  shapes: (view: PixelView, size: Size) => Shape[];
  /** Elements above the shapes, as large as the picture, such as handles. */
  above?: (view: PixelView, size: Size) => ComponentChildren;
  load: () => Promise<ImageBytes>;
  /** The second view, if it is not the mirror. */
  partner?: ViewId | undefined;
  /** Shows only this view. */
  alone?: PixelView | undefined;
}

/** A picture in two views, with their boxes. */
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
  const { id, label, pixels } = viewOf(rest.partner ?? PAIR[1]);
  const how = pixels === 'original' ? '' : id === PAIR[1] ? ', mirrored' : `, ${label.toLowerCase()}`;
  return <FramePair {...rest} size={size} names={[name, `${name}${how}`]} url={url} />;
}

interface Frames extends Pick<Props, 'shapes' | 'flipped' | 'above' | 'alone' | 'partner'> {
  size: Size;
  names: [original: string, mirror: string];
  /** Undefined while loading; the frames are then empty. */
  url?: string;
}

/** Pictures narrower than this are magnified in any case, so show their pixels sharply. */
const FEW_PIXELS = 160;

/**
 * Frames have the proportions of the picture and are as large as their columns and the window allow. They zoom and move
 * together, each in its own view.
 */
function FramePair(props: Frames) {
  const { size, url, shapes, above, flipped, alone, partner } = props;
  const [original, other] = props.names;
  const { zoom, reset, frameOf } = useZoom(url);
  const zoomed = zoom.scale > 1;
  const pixels = size.w <= FEW_PIXELS || zoom.scale >= 4;
  const frame = (view: PixelView, name: string) => {
    const { place, ...handlers } = frameOf(view);
    const turned = sizeIn(view, size);
    return (
      <figure>
        <div
          class={`frame${url ? '' : ' empty'}${zoomed ? ' zoomed' : ''}${pixels ? ' pixels' : ''}`}
          style={{ '--aspect': turned.w / turned.h }}
          {...(url && {
            ...handlers,
            tabIndex: 0,
            role: 'group',
            'aria-label': `${name}. Keys: plus and minus zoom, arrows move, 0 shows all of it.`,
          })}
        >
          <div class="stage" style={{ '--x': place.x, '--y': place.y, '--scale': zoom.scale }}>
            {/* Another view is the same picture, drawn turned or mirrored. */}
            {url && (
              <img
                src={url}
                alt={name}
                class={view === 'mirror' ? 'mirrored' : undefined}
                style={turnedStyle(view, size)}
                draggable={false}
              />
            )}
            <Overlay shapes={shapes(view, size)} size={turned} />
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
  if (alone) return <div class="pair">{frame(alone, alone === 'original' ? original : other)}</div>;
  const second = viewOf(partner ?? PAIR[1]).pixels;
  return (
    <Pair
      original={frame('original', original)}
      mirror={frame(second, other)}
      flipped={flipped}
      partner={partner}
    />
  );
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
