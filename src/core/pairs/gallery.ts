import type { Verdict } from '../answers/pair-verdict.ts';
import { htmlText } from '../../base/escape.ts';
import type { MetricsRow } from '../rewards/metrics-row.ts';
import type { RecordedPair } from '../run-data/trace.ts';
import type { TraceSource, ListedPair } from '../run-data/trace-summary.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';
import { evaluationsReport } from '../reports/build-report.ts';
import { DEFAULT_CHOICES } from '../reports/report-choices.ts';
import { sectionOf, type ReportDocument } from '../reports/document.ts';
import type { Evaluation } from '../reports/evaluation.ts';
import { htmlPage, REPORT_STYLE, reportBody } from '../reports/html.ts';
import { trainingCharts } from '../reports/sweep/sweep-charts.ts';
import { pairHtml } from './pair-texts.ts';
import { VERDICT_WORDS } from './pair-words.ts';

/** A run in a gallery. The texts are untrusted; `folder` and `file` are safe in links. */
export interface GalleryRun {
  folder: string;
  name: string;
  parts: GalleryPart[];
  /** Metrics of every step of the run. */
  metrics: readonly MetricsRow[];
}

/** Pairs from one source: the training steps, or an evaluation. */
interface GalleryPart {
  title: string;
  /** Total number of pairs of the source; the page contains only the pairs in `pairs`. */
  total: number;
  pairs: GalleryPair[];
}

interface GalleryPair {
  file: string;
  page: string;
  question: string;
  verdict: Verdict | null;
  /** Data: URL of one image with both views next to each other; null without an image. */
  picture: string | null;
}

/**
 * Returns a pair for a gallery, with the page of the pair.
 * @param number number of the pair in its run, from 1
 * @param pictures data: URLs of images with both views; null without an image
 */
export function galleryPair(
  pair: RecordedPair,
  origin: TraceSource,
  { question, verdict }: Pick<ListedPair, 'question' | 'verdict'>,
  number: number,
  pictures: { small: string; large: string } | null,
): GalleryPair {
  const before = upTo('index.html', 'All pairs of this run');
  return {
    file: `${String(number).padStart(4, '0')}.html`,
    page: pairHtml(pair, origin, pictures?.large ?? null, before),
    question,
    verdict,
    picture: pictures?.small ?? null,
  };
}

/** Returns the pages of a gallery by path: a report on all runs with their metrics, one page per run, one per pair. */
export const galleryPages = (
  title: string,
  evaluations: readonly Evaluation[],
  runs: readonly GalleryRun[],
): Map<string, string> =>
  new Map([
    ...runs.flatMap((run): [string, string][] => [
      ...run.parts.flatMap(({ pairs }) =>
        pairs.map(({ file, page }): [string, string] => [`${run.folder}/${file}`, page]),
      ),
      [`${run.folder}/index.html`, galleryRun(run)],
    ]),
    ['index.html', galleryIndex(galleryReport(title, evaluations, runs), runs)],
  ]);

function galleryReport(
  title: string,
  evaluations: readonly Evaluation[],
  runs: readonly GalleryRun[],
): ReportDocument {
  const choices = { ...DEFAULT_CHOICES, title };
  const { document } = evaluationsReport(evaluations, choices);
  const charts = trainingCharts(runs.map(({ name, metrics }) => ({ label: name, runs: [{ metrics }] })));
  const curves = sectionOf('curves', 'Training', [], [], charts);
  return { ...document, sections: [...document.sections, ...(curves ? [curves] : [])] };
}

/** Returns the first page: the report on all runs, with links to the pairs of each run. */
function galleryIndex(report: ReportDocument, runs: readonly GalleryRun[]): string {
  const cards = runs.map(({ folder, name, parts }) => {
    const pairs = parts.flatMap((part) => part.pairs);
    const shown = pairs.find(({ picture }) => picture !== null);
    return `<li><a href="${folder}/index.html">${shown ? pictureHtml(shown) : ''}<b>${htmlText(name)}</b> ${pairs.length} pairs</a></li>`;
  });
  const before = `<ul class="cards">\n${cards.join('\n')}\n</ul>`;
  return htmlPage({
    title: report.title,
    style: REPORT_STYLE + GALLERY_STYLE,
    body: reportBody(report, before),
    pictures: true,
  });
}

function galleryRun({ name, parts }: GalleryRun): string {
  const body = parts.map(({ title, total, pairs }) => {
    const count = pairs.length < total ? `${pairs.length} of ${total} pairs.` : `${total} pairs.`;
    const cards = pairs.map((pair) => {
      const { sign, label } = pair.verdict ? VERDICT_WORDS[pair.verdict] : { sign: '–', label: 'not scored' };
      return `<li><a href="${pair.file}">${pictureHtml(pair)}<bdi>${htmlText(inEnglish(pair.question))}</bdi> <small>${sign} ${label}</small></a></li>`;
    });
    return `<section>\n<h2>${htmlText(title)}</h2>\n<p>${count}</p>\n<ul class="cards">\n${cards.join('\n')}\n</ul>\n</section>`;
  });
  return htmlPage({
    title: name,
    style: REPORT_STYLE + GALLERY_STYLE,
    body: [upTo('../index.html', 'All runs'), ...(body.length > 0 ? body : [NO_PAIRS])].join('\n'),
    pictures: true,
  });
}

const NO_PAIRS = '<p>This run has no pairs, because the run was neither evaluated nor traced.</p>';

/** Returns the link to the parent page. @param title trusted text */
const upTo = (href: string, title: string): string => `<nav><a href="${href}">← ${title}</a></nav>`;

const pictureHtml = ({ picture }: GalleryPair): string =>
  picture === null ? '' : `<img src="${htmlText(picture)}" alt="">`;

const GALLERY_STYLE = `
nav a, .cards a { color: inherit; } .cards { list-style: none; padding: 0; display: grid; gap: 12px; grid-template-columns: repeat(auto-fill, minmax(220px, 1fr)); }
.cards a { display: flex; flex-direction: column; gap: 6px; padding: 8px; height: 100%; box-sizing: border-box; border: 1px solid var(--line); text-decoration: none; overflow-wrap: anywhere; }
.cards a:hover, .cards a:focus { border-color: currentColor; } .cards img { width: 100%; height: auto; }
`;
