import type { RecordedPair } from '../../run-data/trace.ts';
import { UNKNOWN } from '../../decimals.ts';
import { htmlText as escape } from './escape.ts';
import { earnedColumns, pairSentences, pairTitle, textsOf, type PairOrigin } from './pair-facts.ts';
import { isTruncated, judgedText, READ_FROM_TEXT, READ_FROM_TEXT_WHY } from './words.ts';
import { viewOf } from '../../spatial/views/list.ts';

/**
 * Writes a pair as one HTML file that loads nothing and runs no script. @param picture a data: URL with both views
 * drawn
 */
export function pairHtml(pair: RecordedPair, origin: PairOrigin, picture: string | null): string {
  const title = escape(pairTitle(pair, origin));
  const views = pair.views.map(({ view, question, answer, group }, v) => {
    const earned = earnedColumns(pair, v);
    const rows = group.map((completion, g) => {
      const { right } = completion;
      const texts = textsOf(completion);
      const { sign, word } = judgedText(right);
      const mark = `${sign} ${word}${isTruncated(completion) ? ', cut off' : ''}`;
      const said = [texts.graph, texts.raw]
        .filter((text) => text !== null)
        .map((text) => `<pre>${escape(text)}</pre>`);
      return `<tr><td>${mark}</td><td><b><bdi>${escape(texts.answer ?? '—')}</bdi></b>${texts.readFromText ? ` <i title="${escape(READ_FROM_TEXT_WHY)}">${READ_FROM_TEXT}</i>` : ''}${said.join('')}</td>${earned.rows[
        g
      ]!.map(({ text, why }) => number(text, why)).join('')}</tr>`;
    });
    return `<section>
<h2>${viewOf(view).label}</h2>
<p><bdi>${escape(question)}</bdi><br>Reference: <b><bdi>${escape(answer ?? UNKNOWN)}</bdi></b></p>
<table>
<thead><tr>${['', 'answer', ...earned.heads].map((name) => `<th>${escape(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>`;
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${title}</h1>
${pairSentences(pair)
  .map((sentence) => `<p>${escape(sentence)}</p>`)
  .join('\n')}
${picture === null ? '' : `<img src="${escape(picture)}" alt="Original and mirror">`}
${views.join('\n')}
</body>
</html>
`;
}

const number = (text: string, why?: string | null) =>
  `<td class="n"${why == null ? '' : ` title="${escape(why)}"`}>${escape(text)}</td>`;

const STYLE = `
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 1100px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.2rem; } h2 { font-size: 1.05rem; margin-top: 2rem; }
img { max-width: 100%; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 4px 8px; border-bottom: 1px solid #8884; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 400; opacity: 0.75; } td:first-child { white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { margin: 4px 0 0; white-space: pre-wrap; font: 12px/1.45 ui-monospace, monospace; opacity: 0.85; }
`;
