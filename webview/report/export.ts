import type { Channel } from '../../src/core/protocol/channel.ts';
import type { ReportHost } from '../../src/core/protocol/report-panel.ts';
import type { ReportDocument } from '../../src/core/reports/document.ts';
import { reportHtml } from '../../src/core/reports/html.ts';
import { reportLatex } from '../../src/core/reports/latex.ts';
import { reportMarkdown } from '../../src/core/reports/markdown.ts';

/** What a whole report can be saved as; single tables also as CSV, and as pictures like charts. */
export const FORMATS = {
  Markdown: { name: 'report.md', write: reportMarkdown },
  LaTeX: { name: 'report.tex', write: reportLatex },
  HTML: { name: 'report.html', write: reportHtml },
} as const;

type Host = Channel<ReportHost>;

export function exportReport(
  document: ReportDocument,
  format: keyof typeof FORMATS,
  host: Host,
): Promise<void> {
  const { name, write } = FORMATS[format];
  return save(host, name, write(document));
}

export const save = (host: Host, name: string, text: string): Promise<void> =>
  host.call('save', { name, bytes: new TextEncoder().encode(text) });

export async function savePng(host: Host, name: string, canvas: HTMLCanvasElement): Promise<void> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('The picture cannot be drawn.');
  await host.call('save', { name, bytes: new Uint8Array(await blob.arrayBuffer()) });
}
