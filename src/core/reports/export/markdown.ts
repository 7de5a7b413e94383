import type { RecordedPair } from '../../run-data/trace.ts';
import { UNKNOWN } from '../../decimals.ts';
import { markdownText } from './escape.ts';
import { earnedColumns, pairSentences, pairTitle, textsOf, type PairOrigin } from './pair-facts.ts';
import { visible } from './visible.ts';
import { isTruncated, judgedText, READ_FROM_TEXT } from './words.ts';
import { viewOf } from '../../spatial/views/list.ts';

/**
 * Writes a pair as Markdown, to paste into notes and issues. Texts from data and models are put in code spans, where
 * markup has no effect.
 */
export function pairMarkdown(pair: RecordedPair, origin: PairOrigin): string {
  const lines = [`## ${markdownText(pairTitle(pair, origin))}`, '', ...pairSentences(pair)];
  for (const [v, { view, question, answer, group }] of pair.views.entries()) {
    lines.push('', `### ${viewOf(view).label}`, '');
    lines.push(`Question: ${code(question)}  `, `Reference: ${answer === null ? UNKNOWN : code(answer)}`, '');
    const { heads, rows } = earnedColumns(pair, v);
    lines.push(row(['', 'answer', ...heads]), row(['---', '---', ...heads.map(() => '---:')]));
    for (const [g, completion] of group.entries()) {
      const { answer, readFromText } = textsOf(completion);
      const mark = `${judgedText(completion.right).sign}${isTruncated(completion) ? ' (cut off)' : ''}`;
      const numbers = rows[g]!.map(({ text }) => text);
      const shown = answer === null ? '—' : `${code(answer)}${readFromText ? ` (${READ_FROM_TEXT})` : ''}`;
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

/** A code mark that is longer than every run of backticks in the text. */
const ticks = (text: string, least: number) =>
  '`'.repeat(Math.max(least, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length + 1)));

function code(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  const mark = ticks(line, 1);
  // A pipe would end the table cell, even in code.
  return `${mark} ${line.replaceAll('|', '¦')} ${mark}`;
}

function fence(text: string): string {
  const shown = visible(text);
  const mark = ticks(shown, 3);
  return `${mark}text\n${shown}\n${mark}`;
}
