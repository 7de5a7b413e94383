import { pairHtml } from '../../src/core/reports/export/html.ts';
import { pairTitle } from '../../src/core/reports/export/pair-facts.ts';
import type { TraceModel } from './model.ts';
import { drawPair, drawViews } from './figure.ts';

/** Saves the pair as a picture, as for a paper: both views, questions, groups. */
export async function exportPng(model: TraceModel): Promise<void> {
  const { opened, place } = model.state;
  if (!opened || !place) return;
  const origin = { run: place.name, source: place.source };
  const canvas = drawPair(model.after ?? opened.pair.traced, origin, picturesOnPage());
  const name = `${fileName(pairTitle(opened.pair.traced, origin))}.png`;
  await model.host.call('save', { name, bytes: await pngOf(canvas) });
}

/** Saves the pair as one HTML file, pictures included. */
export async function exportHtml(model: TraceModel): Promise<void> {
  const { opened, place } = model.state;
  if (!opened || !place) return;
  const origin = { run: place.name, source: place.source };
  const pictures = drawViews(picturesOnPage());
  const html = pairHtml(
    model.after ?? opened.pair.traced,
    origin,
    pictures ? pictures.toDataURL('image/png') : null,
  );
  const name = `${fileName(pairTitle(opened.pair.traced, origin))}.html`;
  await model.host.call('save', { name, bytes: new TextEncoder().encode(html) });
}

/** The original's picture with what is drawn over it, and the mirror's, as they stand in the page; unzoomed. */
function picturesOnPage(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>('.inspector .frame:not(.empty)')].slice(0, 2);
}

async function pngOf(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('The picture cannot be drawn.');
  return new Uint8Array(await blob.arrayBuffer());
}

const fileName = (title: string) =>
  title
    .normalize('NFKD')
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100) || 'pair';
