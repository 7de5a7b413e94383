import { drawPairFigure, FIGURE_COLOURS, pairFigure } from '../../src/core/pairs/pair-figure.ts';
import { pairHtml, pairTitle } from '../../src/core/pairs/pair-texts.ts';
import type { TraceSource } from '../../src/core/run-data/trace-summary.ts';
import type { RecordedPair } from '../../src/core/run-data/trace.ts';
import type { TraceModel } from './trace-model.ts';
import { QUIET, pngOf, sheet } from '../ui/sheet.ts';

/** Size of the figure's points in the saved image, and the margin in points. */
const SCALE = 2;
const MARGIN = 12;
const GAP = 24;
const COLUMN = 464;

/** Draws both images side by side with their boxes, as on the page; null without images. */
function drawViews(frames: readonly HTMLElement[]): HTMLCanvasElement | null {
  const [frame] = frames;
  const height = frame?.querySelector('img') ? Math.min(COLUMN / aspectOf(frame), 420) : 0;
  if (height === 0) return null;
  const { canvas, context } = sheet(2 * COLUMN + GAP, height);
  frames.forEach((frame, i) => drawFrame(context, frame, i * (COLUMN + GAP), 0, height));
  return canvas;
}

/** Draws a pair as `chirality trace --figure` does, with the boxes and the model's view that the page shows. */
function drawPair(
  pair: RecordedPair,
  origin: TraceSource,
  frames: readonly HTMLElement[],
): HTMLCanvasElement {
  const sizes = pair.views.map((_, v) => ({ w: frames[v] ? aspectOf(frames[v]) : 1, h: frames[v] ? 1 : 0 }));
  const { width, height, marks } = drawPairFigure(
    pairFigure([{ name: pairTitle(pair, origin), pair }], sizes),
  );
  const { canvas, context } = sheet(SCALE * (width + 2 * MARGIN), SCALE * (height + 2 * MARGIN));
  context.scale(SCALE, SCALE);
  context.translate(MARGIN, MARGIN);
  for (const mark of marks)
    if (mark.kind === 'text') {
      context.font = `${mark.bold ? 'bold ' : ''}${mark.size}px Helvetica, Arial, sans-serif`;
      context.fillStyle = FIGURE_COLOURS[mark.colour];
      context.fillText(mark.text, mark.x, mark.y);
    } else if (mark.kind === 'rule') {
      context.fillStyle = QUIET;
      context.fillRect(mark.x, mark.y, mark.w, 0.5);
    } else if (frames[mark.view]) {
      context.save();
      context.scale(1 / SCALE, 1 / SCALE);
      drawFrame(context, frames[mark.view]!, SCALE * mark.x, SCALE * mark.y, SCALE * mark.h);
      context.restore();
    }
  return canvas;
}

const aspectOf = (frame: HTMLElement) => Number(frame.style.getPropertyValue('--aspect'));

/**
 * Draws the image of a frame element with the overlay of a model, shapes and labels, as large as fits, independent of
 * the page's zoom.
 */
function drawFrame(
  context: CanvasRenderingContext2D,
  frame: HTMLElement,
  x: number,
  y: number,
  height: number,
): void {
  const image = frame.querySelector('img');
  if (!image) return;
  const wide = height * aspectOf(frame);
  const inner = frame.querySelector<HTMLElement>('.image')!;
  // Padding of a model around the image, as shares of the frame.
  const { top, right, bottom, left } = inner.style;
  const [above, after, below, before] = [top, right, bottom, left].map((share) => parseFloat(share) / 100);
  const [width, high] = [wide * (1 - before! - after!), height * (1 - above! - below!)];
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.rect(0, 0, wide, height);
  context.clip();
  context.translate(wide * before!, height * above!);
  context.save();
  if (image.classList.contains('mirrored')) {
    context.translate(width, 0);
    context.scale(-1, 1);
  }
  context.imageSmoothingEnabled = image.naturalWidth > 160;
  context.drawImage(image, 0, 0, width, high);
  context.restore();

  const scale = width / image.naturalWidth;
  for (const path of frame.querySelectorAll('svg path:not(pattern path)')) {
    const style = getComputedStyle(path);
    const line = new Path2D(path.getAttribute('d')!);
    context.save();
    context.scale(scale, scale);
    context.globalAlpha = Number(style.opacity);
    if (style.fill.startsWith('url')) drawHatch(context, line, image);
    else if (style.fill !== 'none') {
      context.fillStyle = style.fill;
      context.fill(line, 'evenodd');
    }
    if (style.stroke !== 'none') {
      context.strokeStyle = style.stroke;
      context.lineWidth = parseFloat(style.strokeWidth) / scale;
      context.lineCap = style.strokeLinecap as CanvasLineCap;
      context.lineJoin = 'round';
      const dashes = style.strokeDasharray.match(/[\d.]+/g) ?? [];
      context.setLineDash(dashes.map((dash) => Number(dash) / scale));
      context.stroke(line);
    }
    context.restore();
  }
  const stage = inner.getBoundingClientRect();
  for (const label of frame.querySelectorAll<HTMLElement>('.labels li')) {
    const style = getComputedStyle(label);
    const box = label.getBoundingClientRect();
    // Convert only the centre of a label, because zooming does not change the size of labels.
    const [cx, cy] = [
      ((box.left + box.width / 2 - stage.left) / stage.width) * width,
      ((box.top + box.height / 2 - stage.top) / stage.height) * high,
    ];
    context.font = '11px system-ui, sans-serif';
    const w = context.measureText(label.textContent).width + 10;
    const from = Math.min(Math.max(cx - w / 2, 0), width - w);
    context.fillStyle = style.backgroundColor;
    context.fillRect(from, cy - 7.5, w, 15);
    context.fillStyle = style.color;
    context.fillText(label.textContent, from + 5, cy + 4);
  }
  context.restore();
}

/** Hatches the inside of a path with lines whose distance depends on the size of the image, as on the page. */
function drawHatch(
  context: CanvasRenderingContext2D,
  path: Path2D,
  { naturalWidth: w, naturalHeight: h }: HTMLImageElement,
): void {
  const far = 2 * (w + h);
  context.clip(path, 'evenodd');
  context.beginPath();
  for (let x = -far; x < far; x += (Math.max(w, h) / 40) * Math.SQRT2) {
    context.moveTo(x + far, -far);
    context.lineTo(x - far, far);
  }
  context.strokeStyle = QUIET;
  context.lineWidth = Math.max(w, h) / 200;
  context.stroke();
}

/** Saves the pair as an image for a paper, or as one HTML file: both views, questions and groups. */
export async function exportPair(model: TraceModel, as: 'png' | 'html'): Promise<void> {
  const { opened, subject } = model.state;
  if (!opened || !subject) return;
  const origin = { run: subject.name, source: subject.source };
  const { traced } = opened.pair;
  const shown = [model.after ?? traced, origin] as const;
  const pictures = await picturesOnPage();
  const bytes =
    as === 'png'
      ? await pngOf(drawPair(...shown, pictures))
      : new TextEncoder().encode(pairHtml(...shown, drawViews(pictures)?.toDataURL('image/png') ?? null));
  await model.host.call('save', { name: `${fileName(pairTitle(traced, origin))}.${as}`, bytes });
}

/** Maximum time, in ms, for images of the page that are loading. */
const LOADING_MS = 10_000;

/** Returns the page's frame elements with the images of original and mirror, once the images are loaded. */
async function picturesOnPage(): Promise<HTMLElement[]> {
  const until = Date.now() + LOADING_MS;
  while (document.querySelector('.inspector .frame[aria-busy="true"]') && Date.now() < until)
    await new Promise((wait) => setTimeout(wait, 50));
  return [...document.querySelectorAll<HTMLElement>('.inspector .frame:not(.empty)')].slice(0, 2);
}

const fileName = (title: string) =>
  title
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100) || 'pair';
