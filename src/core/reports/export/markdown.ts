import type { TracedPair } from '../../run-data/trace.ts';
import { markdownText } from './escape.ts';
import { pairSentences, pairTitle, textsOf, type PairOrigin } from './pair-facts.ts';
import { visible } from './visible.ts';
import { isTruncated, signed } from './words.ts';
import { fixed } from '../../decimals.ts';
import { viewOf } from '../../spatial/views/list.ts';

/** A pair as Markdown, to paste into notes and issues. Texts of data and models stand in code, where nothing of them acts. */
export function pairMarkdown(pair: TracedPair, origin: PairOrigin): string {
  const evaluated = origin.source !== undefined;
  const lines = [`## ${markdownText(pairTitle(pair, origin))}`, '', ...pairSentences(pair, evaluated)];
  for (const { view, question, answer, group } of pair.views) {
    lines.push('', `### ${viewOf(view).label}`, '');
    lines.push(`Question: ${code(question)}  `, `Reference: ${code(answer)}`, '');
    const parts = [...new Set(group.flatMap(({ rewards }) => Object.keys(rewards)))];
    const head = ['', 'answer', ...(evaluated ? [] : [...parts, 'penalty', 'reward', 'advantage'])];
    lines.push(row(head), row(head.map((_, i) => (i < 2 ? '---' : '---:'))));
    for (const completion of group) {
      const { right, answer_text, rewards, penalty, reward, advantage } = completion;
      const numbers = [
        ...parts.map((part) => (part in rewards ? fixed(rewards[part]!.value, 3) : '')),
        penalty === 0 ? '' : `−${penalty.toFixed(3)}`,
        fixed(reward, 3),
        signed(advantage),
      ];
      const mark = `${right ? '✓' : '✗'}${isTruncated(completion) ? ' (cut off)' : ''}`;
      lines.push(row([mark, answer_text === null ? '—' : code(answer_text), ...(evaluated ? [] : numbers)]));
    }
    for (const [g, completion] of group.entries()) {
      const { graph, raw } = textsOf(completion);
      lines.push('', `${g + 1}.`, '', ...(graph === null ? [] : [fence(graph), '']), fence(raw));
    }
  }
  return `${lines.join('\n')}\n`;
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

/** Longer than every run of backticks in it. */
const ticks = (text: string, least: number) =>
  '`'.repeat(Math.max(least, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length + 1)));

function code(text: string): string {
  const line = visible(text).replace(/\s+/g, ' ').trim();
  const mark = ticks(line, 1);
  // A pipe would end the cell of a table, even in code.
  return `${mark} ${line.replaceAll('|', '¦')} ${mark}`;
}

function fence(text: string): string {
  const shown = visible(text);
  const mark = ticks(shown, 3);
  return `${mark}text\n${shown}\n${mark}`;
}
