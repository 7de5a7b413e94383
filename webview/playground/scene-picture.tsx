import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fixed } from '../../src/base/format.ts';
import { MIRROR, type PairView } from '../../src/rows/view-list.ts';
import type { Observation } from '../../src/core/worlds/observation.ts';
import { floorAt, standingAt } from '../../src/core/worlds/sandbox/move-solids.ts';
import { drawScene, type SandboxScene } from '../../src/core/worlds/sandbox/sandbox-scene.ts';
import type { SandboxModel } from './sandbox-model.ts';

/** Side lengths of rendered images, in pixels, the largest first. */
const SIDES = [448, 384, 320, 256, 192];
/** Time budget for rendering an image in ms. At 30 images per second, it leaves time for all other work of the page. */
const BUDGET_MS = 24;
/** Time after which the scene is rendered at full size if no object moves, in ms. */
const REST_MS = 150;

/** Chooses the largest size at which recent images were rendered within the budget. */
class Pace {
  private at = 0;
  private mean = 0;

  get side(): number {
    return SIDES[this.at]!;
  }

  took(ms: number): void {
    this.mean = this.mean === 0 ? ms : 0.8 * this.mean + 0.2 * ms;
    const step = this.mean > BUDGET_MS ? 1 : this.mean < BUDGET_MS / 2 ? -1 : 0;
    const next = Math.max(0, Math.min(SIDES.length - 1, this.at + step));
    if (next === this.at) return;
    this.mean *= (SIDES[next]! / this.side) ** 2;
    this.at = next;
  }
}
const pace = new Pace();

interface Drawn {
  image: ImageData;
  observation: Observation;
}

function drawn(scene: Pick<SandboxScene, 'world' | 'size'>, side: number, smooth = true): Drawn {
  const { picture, observation } = drawScene(scene, side, smooth);
  const { w, h, rgb } = picture;
  const image = new ImageData(w, h);
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    image.data[to] = rgb[from]!;
    image.data[to + 1] = rgb[from + 1]!;
    image.data[to + 2] = rgb[from + 2]!;
    image.data[to + 3] = 255;
  }
  return { image, observation };
}

/** Returns a scene's image. During changes, the image is not smoothed, and is smaller if rendering is too slow. */
export function useDrawn({ world, size }: SandboxScene): Drawn {
  const [rested, setRested] = useState(world);
  useEffect(() => {
    if (rested === world) return;
    const timer = setTimeout(() => setRested(world), REST_MS);
    return () => clearTimeout(timer);
  }, [world, rested]);
  const isAtRest = rested === world;
  const side = isAtRest ? SIDES[0]! : pace.side;
  return useMemo(() => {
    const begin = performance.now();
    const made = drawn({ world, size }, side, isAtRest);
    if (!isAtRest) pace.took(performance.now() - begin);
    return made;
  }, [world, size, side, isAtRest]);
}

function usePixels({ image }: Pick<Drawn, 'image'>): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => canvas.current!.getContext('2d')!.putImageData(image, 0, 0), [image]);
  return canvas;
}

interface SmallProps {
  scene: SandboxScene;
  name: string;
  view?: PairView;
}

export function Small({ scene: { world, size }, name, view }: SmallProps) {
  const { image } = useMemo(() => drawn({ world, size }, SIDES.at(-1)!), [world, size]);
  const canvas = usePixels({ image });
  return (
    <canvas
      ref={canvas}
      width={image.width}
      height={image.height}
      class={view === MIRROR ? 'mirrored' : undefined}
      role="img"
      aria-label={name}
    />
  );
}

/** View of the scene, with a handle on each object. Only handles in the original can have the keyboard focus. */
export function SceneView(props: { sandbox: SandboxModel; view: PairView; drawn: Drawn }) {
  const { sandbox, view, drawn: made } = props;
  const { scene, selected } = sandbox.state;
  const canvas = usePixels(made);
  const grab = useRef<{ index: number; x: number; y: number } | null>(null);
  const isMirror = view === MIRROR;
  const { image, observation } = made;
  /** Returns the pointer's position, as shares of the original's width and height. */
  const pointOf = ({ clientX, clientY }: PointerEvent): { x: number; y: number } => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    const x = (clientX - left) / width;
    return { x: isMirror ? 1 - x : x, y: (clientY - top) / height };
  };
  const handlers = (index: number) => ({
    onPointerDown: (event: PointerEvent) => {
      (event.currentTarget as Element).setPointerCapture(event.pointerId);
      const [pointer, foot] = [pointOf(event), standingAt(scene, index)];
      grab.current = { index, x: pointer.x - foot.x, y: pointer.y - foot.y };
      sandbox.select(index);
    },
    onPointerMove: (event: PointerEvent) => {
      if (grab.current?.index !== index) return;
      const { x, y } = pointOf(event);
      const to = floorAt(scene, x - grab.current.x, y - grab.current.y);
      if (to) sandbox.move(index, to);
    },
    onPointerUp: () => (grab.current = null),
    onPointerCancel: () => (grab.current = null),
  });
  return (
    <figure>
      <div class="frame scene" style={{ '--aspect': image.width / image.height }}>
        <canvas
          ref={canvas}
          width={image.width}
          height={image.height}
          class={isMirror ? 'mirrored' : undefined}
          role="img"
          aria-label={isMirror ? 'Mirrored scene' : 'Scene'}
        />
        {observation.solids.map((solid, i) => {
          if (!solid.box) return null;
          const [x1, y1, x2, y2] = solid.box;
          const left = isMirror ? image.width - x2 : x1;
          const style = {
            left: `${(100 * left) / image.width}%`,
            top: `${(100 * y1) / image.height}%`,
            width: `${(100 * (x2 - x1)) / image.width}%`,
            height: `${(100 * (y2 - y1)) / image.height}%`,
          };
          const role = scene.question.objects.indexOf(i);
          const tag = role >= 0 && (
            <span class="letter" aria-hidden="true">
              {'AB'[role]}
            </span>
          );
          const look = `solid${i === selected ? ' selected' : ''}`;
          if (isMirror)
            return (
              <div key={i} class={look} style={style} aria-hidden="true" {...handlers(i)}>
                {tag}
              </div>
            );
          return (
            <button
              key={i}
              type="button"
              class={look}
              style={style}
              aria-pressed={i === selected}
              aria-roledescription="movable object"
              title={`${solid.name}, ${placeText(solid)}`}
              aria-label={`${solid.name}, ${placeText(solid)}. Use the arrow keys to move the object.`}
              onFocus={() => i !== selected && sandbox.select(i)}
              {...handlers(i)}
            >
              {tag}
            </button>
          );
        })}
      </div>
    </figure>
  );
}

function placeText({ right, distance }: Drawn['observation']['solids'][0]): string {
  const percent = Math.round(100 * Math.abs(right));
  const side = percent === 0 ? 'in the middle' : `${percent}% of the width ${right < 0 ? 'left' : 'right'}`;
  return `${side}, ${fixed(distance, 1)} metres away`;
}
