import { htmlText } from '../../escape.ts';
import type { Verdict } from '../../answers/pair-verdict.ts';
import type { ReportDocument } from '../document.ts';
import { REPORT_STYLE, reportBody, htmlPage } from '../html.ts';
import { VERDICT_WORDS } from './words.ts';

/** A run whose pairs a gallery shows. Texts are untrusted; `folder` and `file` are safe in links. */
export interface GalleryRun {
  folder: string;
  name: string;
  parts: GalleryPart[];
}

/** Pairs that were recorded together. */
interface GalleryPart {
  title: string;
  /** How many there are; those of `pairs` are shown. */
  total: number;
  pairs: GalleryPair[];
}

export interface GalleryPair {
  file: string;
  question: string;
  verdict: Verdict | null;
  /** A data: URL with the views beside each other; null without a picture. */
  picture: string | null;
}

/** The first page: the report on all runs, and the ways to the pairs of each. */
export function galleryIndex(report: ReportDocument, runs: readonly GalleryRun[]): string {
  const cards = runs.map(({ folder, name, parts }) => {
    const pairs = parts.flatMap((part) => part.pairs);
    const shown = pairs.find(({ picture }) => picture !== null);
    return `<li><a href="${folder}/index.html">${shown ? pictureHtml(shown) : ''}<b>${htmlText(name)}</b> ${pairs.length} pairs</a></li>`;
  });
  const before = `<ul class="cards">\n${cards.join('\n')}\n</ul>`;
  return htmlPage({
    title: report.title,
    style: REPORT_STYLE + STYLE,
    body: reportBody(report, before),
    pictures: true,
  });
}

/** The page of a run: its pairs, by the parts of the run. */
export function galleryRun({ name, parts }: GalleryRun): string {
  const body = parts.map(({ title, total, pairs }) => {
    const count = pairs.length < total ? `${pairs.length} of ${total} pairs.` : `${total} pairs.`;
    const cards = pairs.map((pair) => {
      const { sign, label } = pair.verdict ? VERDICT_WORDS[pair.verdict] : { sign: '–', label: 'not judged' };
      return `<li><a href="${pair.file}">${pictureHtml(pair)}<bdi>${htmlText(pair.question)}</bdi> <small>${sign} ${label}</small></a></li>`;
    });
    return `<section>\n<h2>${htmlText(title)}</h2>\n<p>${count}</p>\n<ul class="cards">\n${cards.join('\n')}\n</ul>\n</section>`;
  });
  return htmlPage({
    title: name,
    style: REPORT_STYLE + STYLE,
    body: [upTo('../index.html', 'All runs'), ...(body.length > 0 ? body : [NO_PAIRS])].join('\n'),
    pictures: true,
  });
}

const NO_PAIRS = '<p>This run recorded no pairs: it was neither evaluated nor traced.</p>';

/** The way back, above a page. @param title a text of ours */
export const upTo = (href: string, title: string): string => `<nav><a href="${href}">← ${title}</a></nav>`;

const pictureHtml = ({ picture }: GalleryPair): string =>
  picture === null ? '' : `<img src="${htmlText(picture)}" alt="">`;

const STYLE = `
nav a, .cards a { color: inherit; } .cards { list-style: none; padding: 0; display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
.cards a { display: flex; flex-direction: column; gap: 6px; padding: 8px; height: 100%; box-sizing: border-box; border: 1px solid var(--line); text-decoration: none; overflow-wrap: anywhere; }
.cards a:hover, .cards a:focus { border-color: currentColor; } .cards img { width: 100%; height: auto; }
`;
