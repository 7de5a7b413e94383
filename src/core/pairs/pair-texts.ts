import { fixed, signed, UNKNOWN } from '../../base/format.ts';
import type { TraceSource } from '../run-data/trace-summary.ts';
import { readCompletion, thinkText } from '../answers/extract.ts';
import { isTruncated } from '../rewards/rollout.ts';
import type { Completion, RecordedPair, TracedPair } from '../run-data/trace.ts';
import { couplingText, judgedText, keptText, READ_FROM_TEXT, verdictMeaning } from './pair-words.ts';
import { htmlText as escape, markdownText, visible } from '../../base/escape.ts';
import { htmlPage } from '../reports/html.ts';
import { viewOf } from '../../rows/view-list.ts';
import { inEnglish } from '../worlds/questions/in-english.ts';

export function pairTitle({ step, pair, sample }: RecordedPair, { run, source }: TraceSource): string {
  return source === undefined
    ? `${run}, step ${step}, pair ${pair}: ${sample}`
    : `${run}, evaluation ${source}: ${sample}`;
}

const groupTexts = ({ logged_by: by, group_uncertain: isUncertain }: TracedPair): string[] => [
  ...(by === 'evaluation' ? ['This group is from an evaluation of the run.'] : []),
  ...(isUncertain ? ['The boundaries of this group are uncertain.'] : []),
];

export function pairSentences(pair: RecordedPair): string[] {
  return [
    ...(pair.kind === 'trained' ? groupTexts(pair) : []),
    pair.verdict && verdictMeaning(pair.verdict, pair.views),
    ...(pair.kind === 'trained' ? [couplingText(pair), keptText(pair)] : []),
  ].filter((text) => text !== null);
}

/** Returns the rewards of a view's completions as columns of a table; no columns if the pair has no rewards. */
function earnedColumns(
  pair: RecordedPair,
  view: number,
): { heads: string[]; rows: { text: string; why?: string | null | undefined }[][] } {
  if (pair.kind === 'evaluated') return { heads: [], rows: pair.views[view]!.group.map(() => []) };
  const { group } = pair.views[view]!;
  const parts = [...new Set(group.flatMap(({ rewards }) => Object.keys(rewards)))];
  const rows = group.map(({ rewards, penalty, reward, advantage }) => [
    ...parts.map((part) => ({
      text: part in rewards ? fixed(rewards[part]!.value, 3) : '',
      why: rewards[part]?.why,
    })),
    { text: penalty ? signed(-penalty, 3) : '' },
    { text: fixed(reward, 3) },
    { text: signed(advantage) },
  ]);
  return { heads: [...parts, 'penalty', 'reward', 'advantage'], rows };
}

interface CompletionTexts {
  /** Text of all stages before the last one; null if the rollout has only one stage. */
  graph: string | null;
  thought: string;
  /** Completion of the last stage, unchanged. */
  raw: string;
  /** Text that is scored as the answer; null if no text can count as an answer. */
  answer: string | null;
  /**
   * Note that the text has no closed answer block, so that `answer` is the text that evaluations extract (R19). Null
   * for external runs, which have no penalties and whose rewards use their own extraction.
   */
  readFromText: typeof READ_FROM_TEXT | null;
}

/** Splits a completion into its parts, stage by stage. */
export function textsOf(completion: Completion & { penalty?: number | null }): CompletionTexts {
  const { segments, answer_text, right, penalty } = completion;
  const raw = segments.at(-1)?.text ?? '';
  const answer = answer_text ?? (readCompletion(raw).lenient.text || null);
  const isReadFromText = answer_text === null && answer !== null && right !== null && penalty !== null;
  const graphs = segments.slice(0, -1).map(({ text }) => text);
  return {
    graph: graphs.length > 0 ? graphs.join('\n') : null,
    thought: thinkText(raw),
    raw,
    answer,
    readFromText: isReadFromText ? READ_FROM_TEXT : null,
  };
}

/** Writes a pair as Markdown, for notes and issues. Code spans contain texts of data and models, without markup. */
export function pairMarkdown(pair: RecordedPair, origin: TraceSource): string {
  const lines = [`## ${markdownText(pairTitle(pair, origin))}`, '', ...pairSentences(pair)];
  for (const [v, { view, question, answer, group }] of pair.views.entries()) {
    lines.push('', `### ${markdownText(viewOf(view).label)}`, '');
    lines.push(
      `Question: ${code(inEnglish(question))}  `,
      `Reference answer: ${answer === null ? UNKNOWN : code(answer)}`,
      '',
    );
    const { heads, rows } = earnedColumns(pair, v);
    lines.push(row(['', 'answer', ...heads]), row(['---', '---', ...heads.map(() => '---:')]));
    for (const [g, completion] of group.entries()) {
      const { answer, readFromText } = textsOf(completion);
      const mark = `${judgedText(completion.right).sign}${isTruncated(completion) ? ' (truncated)' : ''}`;
      const numbers = rows[g]!.map(({ text }) => text);
      const shown =
        answer === null ? '—' : `${code(answer)}${readFromText ? ` (${readFromText.label})` : ''}`;
      lines.push(row([mark, shown, ...numbers]));
    }
    for (const [g, completion] of group.entries()) {
      const { graph, raw } = textsOf(completion);
      lines.push('', `${g + 1}.`, '', ...(graph === null ? [] : [fence(graph), '']), fence(raw));
    }
  }
  return `${lines.join('\n')}\n`;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Returns a code delimiter that is longer than every run of backticks in the text. */
const ticks = (text: string, least: number) =>
  '`'.repeat(Math.max(least, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length + 1)));

function code(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  const mark = ticks(line, 1);
  // In Markdown, a pipe would end the table cell, even in a code span.
  return `${mark} ${line.replaceAll('|', '¦')} ${mark}`;
}

function fence(text: string): string {
  const shown = visible(text);
  const mark = ticks(shown, 3);
  return `${mark}text\n${shown}\n${mark}`;
}

/**
 * Writes a pair as one HTML file without external resources and scripts. @param picture data: URL of both views
 * @param before markup above the pair
 */
export function pairHtml(
  pair: RecordedPair,
  origin: TraceSource,
  picture: string | null,
  before = '',
): string {
  const views = pair.views.map(({ view, question, answer, group }, v) => {
    const earned = earnedColumns(pair, v);
    const rows = group.map((completion, g) => {
      const { right } = completion;
      const texts = textsOf(completion);
      const { sign, word } = judgedText(right);
      const mark = `${sign} ${word}${isTruncated(completion) ? ', truncated' : ''}`;
      const blocks = [texts.graph, texts.raw]
        .filter((text) => text !== null)
        .map((text) => `<pre>${escape(text)}</pre>`);
      return `<tr><td>${mark}</td><td><b><bdi>${escape(texts.answer ?? '—')}</bdi></b>${texts.readFromText ? ` <i title="${escape(texts.readFromText.why)}">${texts.readFromText.label}</i>` : ''}${blocks.join('')}</td>${earned.rows[
        g
      ]!.map(({ text, why }) => number(text, why)).join('')}</tr>`;
    });
    return `<section>
<h2>${escape(viewOf(view).label)}</h2>
<p><bdi>${escape(inEnglish(question))}</bdi><br>Reference answer: <b><bdi>${escape(answer ?? UNKNOWN)}</bdi></b></p>
<table>
<thead><tr>${['score', 'answer', ...earned.heads].map((name) => `<th>${escape(name)}</th>`).join('')}</tr></thead>
<tbody>
${rows.join('\n')}
</tbody>
</table>
</section>`;
  });
  const body = [
    before,
    pairSentences(pair)
      .map((sentence) => `<p>${escape(sentence)}</p>`)
      .join('\n'),
    picture === null
      ? ''
      : `<img src="${escape(picture)}" alt="${escape(pair.views.map(({ view }) => viewOf(view).label).join(', '))}">`,
    ...views,
  ];
  return htmlPage({ title: pairTitle(pair, origin), style: STYLE, body: body.join('\n'), pictures: true });
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
