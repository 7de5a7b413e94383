import type { Channel } from '../../src/base/channel.ts';
import type { ReportHost } from '../../src/panels/report/report.contract.ts';
import type { Chart, ReportDocument } from '../../src/core/reports/document.ts';
import { chartFile } from '../../src/core/reports/html.ts';
import { reportFile } from '../../src/core/reports/report-file.ts';
import { INK, pngOf, QUIET, sheet } from '../ui/sheet.ts';

const MARGIN = 16;
const TITLE = 26;
const LINE = '#d1d9e0';

export function drawTable(table: HTMLTableElement, caption: string): HTMLCanvasElement {
  const frame = table.getBoundingClientRect();
  const { canvas, context } = captioned(frame.width, frame.height, caption);
  for (const row of table.rows) {
    const { bottom } = row.getBoundingClientRect();
    context.fillStyle = LINE;
    context.fillRect(0, bottom - frame.top, frame.width, 1);
    for (const { text, box, style } of textsIn(row)) {
      context.font = `${style.fontWeight} ${style.fontSize} system-ui, sans-serif`;
      context.fillStyle = row.parentElement?.tagName === 'THEAD' ? QUIET : INK;
      context.fillText(
        text,
        box.left - frame.left,
        box.bottom - frame.top - box.height * 0.25,
        box.width + 2,
      );
    }
  }
  return canvas;
}

/**
 * Yields the lines of text in an element, with their positions. A wrapped text has several lines. Omits the numbers of
 * footnotes, because an image does not contain the footnotes.
 */
function* textsIn(element: Element): Generator<{ text: string; box: DOMRect; style: CSSStyleDeclaration }> {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement!.tagName === 'SUP') continue;
    const text = node.textContent ?? '';
    const style = getComputedStyle(node.parentElement!);
    const boxAt = (from: number, to: number) => {
      range.setStart(node, from);
      range.setEnd(node, to);
      return range.getBoundingClientRect();
    };
    let start = 0;
    for (let end = 1; end <= text.length; end++) {
      const ends = end === text.length || boxAt(end, end + 1).top > boxAt(start, end).bottom - 2;
      if (!ends) continue;
      yield { text: text.slice(start, end), box: boxAt(start, end), style };
      start = end;
    }
  }
}

export async function drawFigure(chart: Chart): Promise<HTMLCanvasElement> {
  const picture = new Image();
  picture.src = URL.createObjectURL(new Blob([chartFile(chart)], { type: 'image/svg+xml' }));
  try {
    await picture.decode();
  } finally {
    URL.revokeObjectURL(picture.src);
  }
  const { width, height } = picture;
  const { canvas, context } = captioned(width, height, chart.caption);
  context.drawImage(picture, 0, 0, width, height);
  return canvas;
}

/** Returns a white canvas with a caption. Drawings start at (0, 0) below the caption. */
function captioned(width: number, height: number, caption: string) {
  const { canvas, context } = sheet(width + 2 * MARGIN, height + TITLE + 2 * MARGIN);
  context.fillStyle = INK;
  context.font = '600 14px system-ui, sans-serif';
  context.fillText(caption, MARGIN, MARGIN + 12, width);
  context.translate(MARGIN, MARGIN + TITLE);
  return { canvas, context };
}

/** Formats for saving a whole report. Single tables can also be saved as CSV, and tables and charts as images. */
export const FORMATS = {
  Markdown: ['report.md', 'markdown'],
  LaTeX: ['report.tex', 'latex'],
  HTML: ['report.html', 'html'],
} as const;

type Host = Channel<ReportHost>;

export function exportReport(
  document: ReportDocument,
  chosen: keyof typeof FORMATS,
  host: Host,
): Promise<void> {
  const [name, format] = FORMATS[chosen];
  return save(host, name, reportFile(document, format));
}

export const save = (host: Host, name: string, text: string): Promise<void> =>
  host.call('save', { name, bytes: new TextEncoder().encode(text) });

export const savePng = async (
  host: Host,
  name: string,
  canvas: HTMLCanvasElement | Promise<HTMLCanvasElement>,
): Promise<void> => host.call('save', { name, bytes: await pngOf(await canvas) });
