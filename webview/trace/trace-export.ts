import { firstIn } from '../../src/base/numbers.ts';
import { oneLine } from '../../src/base/escape.ts';
import { UNKNOWN, fixed, signed } from '../../src/base/format.ts';
import { pairHtml, pairSentences, pairTitle, textsOf } from '../../src/core/pairs/pair-texts.ts';
import { judgedText } from '../../src/core/pairs/pair-words.ts';
import { isTruncated } from '../../src/core/rewards/rollout.ts';
import type { TraceSource } from '../../src/core/run-data/trace-summary.ts';
import type { RecordedPair } from '../../src/core/run-data/trace.ts';
import { viewOf } from '../../src/rows/view-list.ts';
import type { TraceModel } from './trace-model.ts';
import { INK, QUIET, pngOf, sheet } from '../ui/sheet.ts';

const WIDTH = 1000;
const MARGIN = 24;
const GAP = 24;
const COLUMN = (WIDTH - 2 * MARGIN - GAP) / 2;
const LINE = 20;
const FONT = '13px system-ui, sans-serif';

/** Draws both images side by side with their boxes, as on the page; null without images. */
function drawViews(frames: readonly HTMLElement[]): HTMLCanvasElement | null {
  const height = pictureHeight(frames);
  if (height === 0) return null;
  const { canvas, context } = sheet(2 * COLUMN + GAP, height);
  frames.forEach((frame, i) => drawFrame(context, frame, i * (COLUMN + GAP), 0, height));
  return canvas;
}

/** Draws a pair: its images, its history, and the groups of both views. */
function drawPair(
  pair: RecordedPair,
  origin: TraceSource,
  frames: readonly HTMLElement[],
): HTMLCanvasElement {
  const sentences = pairSentences(pair);
  const pictures = pictureHeight(frames);
  const rows = Math.max(...pair.views.map(({ group }) => group.length));
  const height =
    2 * MARGIN + 30 + sentences.length * LINE + 16 + (pictures > 0 ? pictures + 16 : 0) + (4 + rows) * LINE;
  const { canvas, context } = sheet(WIDTH, height);
  const write = (text: string, x: number, y: number, width: number, style = INK, font = FONT) => {
    context.font = font;
    context.fillStyle = style;
    context.fillText(fitted(context, text, width), x, y);
  };
  let y = MARGIN + 14;
  write(pairTitle(pair, origin), MARGIN, y, WIDTH - 2 * MARGIN, INK, '600 16px system-ui, sans-serif');
  y += 26;
  for (const sentence of sentences) {
    write(sentence, MARGIN, y, WIDTH - 2 * MARGIN, QUIET);
    y += LINE;
  }
  frames.forEach((frame, i) => drawFrame(context, frame, MARGIN + i * (COLUMN + GAP), y, pictures));
  if (pictures > 0) y += pictures + 16;
  y += LINE;

  const scale = Math.max(
    1e-9,
    ...(pair.kind === 'trained'
      ? pair.views.flatMap(({ group }) => group.map(({ advantage }) => Math.abs(advantage ?? 0)))
      : []),
  );
  pair.views.forEach(({ view, question, answer, group }, v) => {
    const x = MARGIN + v * (COLUMN + GAP);
    write(viewOf(view).label, x, y, COLUMN, INK, `600 ${FONT}`);
    write(oneLine(question, 200), x, y + LINE, COLUMN);
    write(`Reference answer: ${oneLine(answer ?? UNKNOWN, 80)}`, x, y + 2 * LINE, COLUMN, QUIET);
    group.forEach((completion, g) => {
      const line = y + (3.4 + g) * LINE;
      const { right } = completion;
      const { answer: said, readFromText } = textsOf(completion);
      write(judgedText(right).sign, x, line, 16, right === null ? QUIET : right ? '#1a7f37' : '#cf222e');
      const text = `${said === null ? '—' : oneLine(said, 60)}${readFromText ? ` (${readFromText.label})` : ''}${isTruncated(completion) ? ' (truncated)' : ''}`;
      const earned = pair.kind === 'trained' ? pair.views[v]!.group[g]! : null;
      write(text, x + 20, line, COLUMN - (earned ? 220 : 20));
      if (!earned) return;
      const { reward, advantage } = earned;
      write(fixed(reward, 3), x + COLUMN - 190, line, 50, QUIET);
      if (advantage === null) return;
      const middle = x + COLUMN - 95;
      context.fillStyle = advantage < 0 ? '#bf8700' : '#0969da';
      context.fillRect(middle, line - 10, (40 * advantage) / scale, 11);
      context.fillStyle = QUIET;
      context.fillRect(middle, line - 12, 1, 15);
      write(signed(advantage, 2), x + COLUMN - 44, line, 50);
    });
  });
  return canvas;
}

function pictureHeight([frame]: readonly HTMLElement[]): number {
  return frame?.querySelector('img') ? Math.min(COLUMN / aspectOf(frame), 420) : 0;
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

/** Returns the longest beginning of a text that fits into a width in pixels. */
function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  const start = (length: number) => `${text.slice(0, length)}…`;
  const isTooLong = (length: number) => context.measureText(start(length)).width > width;
  return start(firstIn(1, text.length + 1, isTooLong) - 1);
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
