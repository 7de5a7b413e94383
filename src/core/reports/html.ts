import { htmlText } from '../../base/escape.ts';
import { besideText, shadeStep, type Cell, type Chart, type ReportDocument, type Table } from './document.ts';
import { CHART_WIDTH, drawChart } from './drawing.ts';
import type { Mark } from './drawing-parts.ts';
import { Notes } from './cells.ts';

/**
 * Writes a report with its charts as one HTML file, in the reader's light or dark theme. The file uses neither external
 * resources nor scripts.
 */
export const reportHtml = (report: ReportDocument): string =>
  htmlPage({
    title: report.title,
    style: REPORT_STYLE,
    body: reportBody(report),
    pictures: report.sections.some(({ charts }) => charts.some(({ map }) => map?.picture != null)),
  });

/** Returns the markup below the title of a report. @param before markup between the introduction and the sections */
export function reportBody({ lead, sections }: ReportDocument, before = ''): string {
  const paragraphs = (texts: readonly string[]) => texts.map((text) => `<p>${withCode(text)}</p>`);
  // The first paragraph is the main result.
  const opening = ([finding, ...rest]: readonly string[]) =>
    finding === undefined
      ? []
      : [`<div class="finding">${paragraphs([finding]).join('')}</div>`, ...paragraphs(rest)];
  const parts = sections.map(({ id, title: heading, text, tables, charts }) =>
    [
      `<section id="${htmlText(id)}">`,
      `<h2>${htmlText(heading)}</h2>`,
      ...paragraphs(text),
      ...tables.map(tableHtml),
      ...charts.map(chartHtml),
      '</section>',
    ].join('\n'),
  );
  return [...opening(lead), before, ...parts].join('\n');
}

/** Returns the markup of a text. Text between backticks becomes code. */
const withCode = (text: string): string => htmlText(text).replace(/`([^`]+)`/g, '<code>$1</code>');

function tableHtml(table: Table): string {
  const { id, caption, columns, rows } = table;
  const notes = new Notes(table);
  const raised = (note: string | undefined) => {
    const number = notes.numberOf(note);
    return number === null ? '' : `<sup>${number}</sup>`;
  };
  const hover = (note: string | undefined) => (note === undefined ? '' : ` title="${htmlText(note)}"`);
  const head = columns.map(
    ({ title, note, align }) =>
      `<th scope="col" class="${align}"${hover(note)}>${htmlText(title)}${raised(note)}</th>`,
  );
  const cellHtml = (cell: Cell, c: number) => {
    const beside = besideText(cell);
    const text = `${htmlText(cell.text)}${beside && ` <small>${beside}</small>`}`;
    const linked = cell.href ? `<a href="${htmlText(cell.href)}">${text}</a>` : text;
    const tag = c === 0 ? 'th scope="row"' : 'td';
    const shade = cell.shade === undefined ? '' : ` data-shade="${shadeStep(cell)}"`;
    const right = cell.right === undefined ? '' : ` data-right="${cell.right}"`;
    return `<${tag} class="${columns[c]!.align}${cell.best ? ' best' : ''}${cell.few ? ' few' : ''}"${shade}${right}${hover(cell.note)}>${linked}${raised(cell.note)}</${c === 0 ? 'th' : 'td'}>`;
  };
  return [
    `<div class="wide" tabindex="0" role="region" aria-label="${htmlText(caption)}"><table id="${htmlText(id)}">`,
    `<caption>${htmlText(caption)}</caption>`,
    `<thead><tr>${head.join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map(
      ({ cells, origin }) => `<tr${origin ? ` class="${origin}"` : ''}>${cells.map(cellHtml).join('')}</tr>`,
    ),
    '</tbody>',
    '</table></div>',
    ...notes.list.map((note, i) => `<p class="note"><sup>${i + 1}</sup> ${withCode(note)}</p>`),
    ...table.notes.map((note) => `<p class="note">${withCode(note)}</p>`),
  ].join('\n');
}

function chartHtml(chart: Chart): string {
  const { id, caption, notes } = chart;
  return [
    `<figure id="${htmlText(id)}">`,
    `<figcaption>${htmlText(caption)}</figcaption>`,
    chartSvg(chart, `role="img" aria-label="${htmlText(caption)}"`),
    ...notes.map((note) => `<p class="note">${withCode(note)}</p>`),
    '</figure>',
  ].join('\n');
}

export const chartFile = (chart: Chart): string =>
  chartSvg(chart, `width="${CHART_WIDTH}"`).replace(
    '>',
    `><style>${FILE_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>`,
  );

/** Draws a chart as SVG with classes for colours. @param attributes attributes of the SVG element, already escaped */
function chartSvg(chart: Chart, attributes: string): string {
  const { width, height, marks } = drawChart(chart);
  const element = ({ tag, at, text, title }: Mark) => {
    const attributes = Object.entries(at).map(([name, value]) => ` ${name}="${htmlText(String(value))}"`);
    const tooltip = title === undefined ? '' : `<title>${htmlText(title)}</title>`;
    return `<${tag}${attributes.join('')}>${tooltip}${htmlText(text ?? '')}</${tag}>`;
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${attributes}>${marks.map(element).join('')}</svg>`;
}

const COLOURS = ['#0b62c4', '#b3530e', '#1a7f37', '#8438c9', '#b8256e', '#6b6400'];

/** Style in a chart file, without CSS variables, which renderers of such files might not support. */
const FILE_STYLE = `
text { font: 11px sans-serif; fill: #222; } .range { fill-opacity: 0.2; stroke-dasharray: 3 2; } .reach { stroke-width: 4; opacity: 0.6; } .grid { stroke: #ddd; } .base { stroke: #222; } .curve { fill: none; stroke-width: 1.5; }
.bar { fill-opacity: 0.75; } .spread { opacity: 0.6; } .curve.published { stroke-dasharray: 5 3; }
${COLOURS.map((colour, s) => `.s${s}.dot, .s${s}.bar, .s${s}.range, .s${s}.band { fill: ${colour}; } .s${s} { stroke: ${colour}; }`).join('\n')}
.band { fill-opacity: 0.15; stroke-width: 0; } .spread.whisker { stroke: #222; } .dot.published, .bar.published { fill-opacity: 0; }
`;

export const REPORT_STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif;
  --quiet: #5a5a5a; --line: #8884; ${COLOURS.map((colour, s) => `--s${s}: ${colour};`).join(' ')} }
@media (prefers-color-scheme: dark) { :root {
  --quiet: #a6a6a6; --s0: #6cb2ff; --s1: #f0a35e; --s2: #5ed07a; --s3: #c9a0ff; --s4: #ff8fc0; --s5: #d6cf5a; } }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1rem; font-weight: 400; color: var(--quiet); } .finding { font-size: 1.5rem; line-height: 1.3; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
p { max-width: 75ch; overflow-wrap: anywhere; }
.wide { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; }
caption, figcaption { text-align: left; font-weight: 600; padding: 4px 0; }
th, td { padding: 4px 10px; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; font-weight: 400; }
thead th { color: var(--quiet); vertical-align: bottom; } th:first-child { position: sticky; left: 0; background: Canvas; }
tbody th { min-width: 11em; } thead .right { min-width: 5.5em; white-space: normal; }
.right { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
[data-right='true'] { color: var(--s2); } [data-right='false'] { color: light-dark(#b3261e, #ff8a80); } .best { font-weight: 700; } .published th { color: var(--quiet); }
[data-shade] { --shade: var(--s0); background: color-mix(in srgb, var(--shade) var(--strength, 0%), transparent); } [data-shade^='-'] { --shade: var(--s1); }
${[1, 2, 3, 4].map((n) => `[data-shade='${n}'], [data-shade='-${n}'] { --strength: ${4 + 8 * n}%; }`).join(' ')}
.few { background-image: repeating-linear-gradient(-45deg, transparent 0 5px, #8886 5px 6px); }
sup { line-height: 0; } small { font-weight: 400; } small, .note { color: var(--quiet); font-size: 0.85em; } .note { margin: 2px 0; }
figure { margin: 1.5rem 0; max-width: 760px; } svg { width: 100%; height: auto; }
svg .label { font-size: 11px; fill: currentColor; } .grid { stroke: var(--line); } .base { stroke: currentColor; }
.dot, .bar, .range { fill: var(--colour); stroke: var(--colour); } .range { fill-opacity: 0.2; stroke-dasharray: 3 2; } .reach { stroke: var(--colour); stroke-width: 4; opacity: 0.6; } .band { fill: var(--colour); fill-opacity: 0.15; } .curve { fill: none; stroke: var(--colour); stroke-width: 1.5; }
.spread { stroke: var(--colour); opacity: 0.6; } .spread.whisker { stroke: currentColor; } .bar { fill-opacity: 0.75; }
.dot.published, .bar.published { fill-opacity: 0; } .curve.published { stroke-dasharray: 5 3; }
${[0, 1, 2, 3, 4, 5].map((s) => `.s${s} { --colour: var(--s${s}); }`).join(' ')}
`;

/**
 * Writes one HTML file without external resources and scripts. The title is also the heading.
 * @param page `body` is markup, `title` is text; with `pictures`, the body can display images from data: URLs
 */
export function htmlPage({
  title,
  style,
  body,
  pictures = false,
}: {
  title: string;
  style: string;
  body: string;
  pictures?: boolean;
}): string {
  const policy = `default-src 'none'; ${pictures ? 'img-src data:; ' : ''}style-src 'unsafe-inline'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${htmlText(title)}</title>
<style>html { background: Canvas; color: CanvasText; }${style}</style>
</head>
<body>
<main>
<h1>${htmlText(title)}</h1>
${body}
</main>
</body>
</html>
`;
}
