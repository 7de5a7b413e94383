import { htmlText } from '../../base/escape.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import type { SeenMap } from './seen-map.ts';

/**
 * Returns the padding around an image, as shares of its width and height: left, above, right and below; the area with
 * padding: x, y, width, height; and SVG paths, in source pixels. @param near whether to draw patches
 */
export function seenPaths(map: SeenMap, { w, h }: Size, near: boolean) {
  const [x1, y1, x2, y2] = map.crop;
  const { fill, size } = map;
  const [left, top, right, below] = [fill[0] / size.w, fill[1] / size.h, fill[2] / size.w, fill[3] / size.h];
  const image = `M0 0H${w}V${h}H0Z`;
  // Patches begin at the edge of the padding, not at the edge of the image.
  const edges = (from: number, to: number, pixels: number, before: number) =>
    map.patch === null || !near
      ? []
      : Array.from(
          { length: Math.ceil((pixels + before) / map.patch) - 1 },
          (_, i) => from + (((i + 1) * map.patch! - before) * (to - from)) / pixels,
        ).filter((edge) => edge > from);
  const columns = edges(x1, x2, map.size.w, map.fill[0]).map((x) => `M${x} ${y1}V${y2}`);
  const rows = edges(y1, y2, map.size.h, map.fill[1]).map((y) => `M${x1} ${y}H${x2}`);
  const tiles = map.tiles.flatMap(({ place: [a, b, c, d], whole }) =>
    whole ? [] : [`M${a} ${b}H${c}V${d}H${a}Z`],
  );
  return {
    padding: [left, top, right, below] as const,
    area: [-left * w, -top * h, (left + 1 + right) * w, (top + 1 + below) * h],
    lost: `${image} M${x1} ${y1}H${x2}V${y2}H${x1}Z`,
    filler: map.fill.some(Boolean)
      ? `M${-left * w} ${-top * h}H${(1 + right) * w}V${(1 + below) * h}H${-left * w}Z ${image}`
      : '',
    /** Distance between the lines of the hatched padding. */
    step: Math.max(w, h) / 40,
    patches: [...columns, ...rows].join(''),
    tiles: tiles.join(''),
  };
}

/**
 * Returns an SVG figure of an image as a model sees it. @param url data: URL of the image
 * @param width width of the figure in pixels (default: the viewer decides)
 */
export function seenFigure(map: SeenMap, size: Size, url: string, width?: number): string {
  const { area, lost, filler, step, patches, tiles } = seenPaths(map, size, true);
  const isEnlarged = width !== undefined && size.w < width / 2;
  const dimensions = width === undefined ? '' : ` width="${width}" height="${(width * area[3]!) / area[2]!}"`;
  const line = (path: string, width: number, opacity: number) =>
    `<path d="${path}" fill="none" stroke="#fff" stroke-opacity="${opacity}" stroke-width="${(width * step) / 20}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${area.join(' ')}"${dimensions}>
<pattern id="hatch" width="${step}" height="${step}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V${step}" stroke="#59636e" stroke-width="${step / 5}"/></pattern>
<image href="${htmlText(url)}" width="${size.w}" height="${size.h}" preserveAspectRatio="none"${isEnlarged ? ' style="image-rendering:pixelated"' : ''}/>
<path d="${lost}" fill-rule="evenodd" fill-opacity="0.65"/>
<path d="${filler}" fill-rule="evenodd" fill="url(#hatch)"/>
${line(patches, 1, 0.5)}
${line(tiles, 2, 0.9)}
</svg>
`;
}
