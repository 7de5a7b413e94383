import { remembered } from '../../base/recent-map.ts';
import { ownText, withThoughts } from './last-turn.ts';

/**
 * The format check, and two extractions of the answer: strict for rewards, lenient for evaluations (R19: report both).
 * Every function runs in linear time in the length of the text, and never throws.
 */

/** Source of the text that the lenient extraction returns. */
export type ExtractionPath =
  /** Answer block that is closed and has the exact requested tags. */
  | 'tags'
  /** Closed answer block whose tags differ in case or spaces. */
  | 'loose_tags'
  /** Last answer block, without a closing tag. */
  | 'unclosed_answer'
  /** Answer block after a think tag that is never closed. */
  | 'unclosed_think'
  /** Answer block before the last `</think>`, because no text follows this tag. */
  | 'before_think'
  /** All text after the last `</think>`, because there is no answer block. */
  | 'after_think'
  /** Whole text, because it has no usable tags. */
  | 'whole'
  /** The completion has no text that could be an answer. */
  | 'none';

export interface ReadCompletion {
  /**
   * Whether the whole completion, trimmed, is one `<think>…</think>`, white space, and one `<answer>…</answer>`: tags
   * in lower case, each tag once, the answer not blank. The think block can be empty.
   */
  format_ok: boolean;
  /** Last closed answer block after the last `</think>`, trimmed; only lower-case tags count. Null without one. */
  strict: string | null;
  /** Most plausible answer, which an evaluation scores (possibly empty), and the source of that answer. */
  lenient: { text: string; path: ExtractionPath };
}

interface Tag {
  name: 'think' | 'answer';
  close: boolean;
  /** True if the tag is in lower case, without spaces. */
  exact: boolean;
  start: number;
  end: number;
}

interface Block {
  text: string;
  open: Tag;
  closed: boolean;
}

const TAG = /<\s*(?:(\/)\s*)?(think|answer)\s*>/gi;

/** Reads a completion. Results are cached, because short answers repeat. */
export const readCompletion = remembered(300, (completion: string): ReadCompletion => {
  // The format check covers the whole completion, but an answer must be in the text that the model itself wrote.
  const said = withThoughts(ownText(completion).last);
  const tags = tagsOf(said);
  const exact = tags.filter((tag) => tag.exact);
  const strict = answerBlocks(said, afterThink(exact)).findLast(({ closed }) => closed)?.text ?? null;
  const written = said === completion ? exact : tagsOf(completion).filter((tag) => tag.exact);
  return { format_ok: isFormatOk(completion, written), strict, lenient: extractLenient(said, tags, strict) };
});

function isFormatOk(completion: string, tags: readonly Tag[]): boolean {
  const [open, close, answer, end] = tags;
  if (tags.length !== 4 || !open || !close || !answer || !end) return false;
  const between = (from: number, to?: number) => completion.slice(from, to).trim();
  return (
    tags.every(({ name, close }, i) => name === (i < 2 ? 'think' : 'answer') && close === (i % 2 === 1)) &&
    between(0, open.start) === '' &&
    between(close.end, answer.start) === '' &&
    between(answer.end, end.start) !== '' &&
    between(end.end) === ''
  );
}

function extractLenient(completion: string, all: Tag[], strict: string | null): ReadCompletion['lenient'] {
  const tags = afterThink(all);
  const block = answerBlocks(completion, tags).findLast(({ text }) => text !== '');
  const openThink = tags.find((tag) => tag.name === 'think');
  if (block) return { text: block.text, path: blockPath(block, openThink, strict) };
  if (openThink) return { text: '', path: 'none' };

  const thought = all.length > tags.length;
  const from = thought ? all[all.length - tags.length - 1]!.end : 0;
  const rest = completion.slice(from).replace(TAG, ' ').trim();
  if (rest !== '') return { text: rest, path: thought ? 'after_think' : 'whole' };

  const outside = answerBlocks(completion, all).findLast(
    ({ text, open }) =>
      text !== '' && !thinkSpans(completion, all).some(([a, b]) => a <= open.start && open.start < b),
  );
  return outside ? { text: outside.text, path: 'before_think' } : { text: '', path: 'none' };
}

/**
 * Returns the model's reasoning: the text inside think tags, closed or not. A `</think>` without an opening tag ends
 * reasoning that began in the prompt. Without think tags, returns everything before the answer block.
 */
export function thinkText(completion: string): string {
  const said = withThoughts(ownText(completion).all);
  const tags = tagsOf(said);
  const spans = thinkSpans(said, tags);
  const answer = tags.find((tag) => tag.name === 'answer');
  if (spans.length === 0 && answer) spans.push([0, answer.start]);
  return spans.map(([start, end]) => said.slice(start, end).replace(TAG, ' ').trim()).join('\n');
}

function tagsOf(text: string): Tag[] {
  return Array.from(text.matchAll(TAG), (match) => ({
    name: match[2]!.toLowerCase() as Tag['name'],
    close: match[1] === '/',
    exact: /^<\/?[a-z]+>$/.test(match[0]),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** Returns the tags after the last `</think>`; all tags if the completion has no `</think>`. */
function afterThink(tags: Tag[]): Tag[] {
  return tags.slice(tags.findLastIndex((tag) => tag.name === 'think' && tag.close) + 1);
}

/** Returns every `<answer>` with the text up to the next tag of any kind or the end. */
function answerBlocks(text: string, tags: Tag[]): Block[] {
  return tags.flatMap((open, i) => {
    if (open.name !== 'answer' || open.close) return [];
    const next = tags[i + 1];
    const closed = next?.name === 'answer' && next.close;
    return [{ text: text.slice(open.end, next?.start).trim(), open, closed }];
  });
}

function blockPath(block: Block, openThink: Tag | undefined, strict: string | null): ExtractionPath {
  if (openThink && openThink.start < block.open.start) return 'unclosed_think';
  if (!block.closed) return 'unclosed_answer';
  return strict === block.text ? 'tags' : 'loose_tags';
}

/** Returns ranges [start, end) of the text inside the outermost think tags. */
function thinkSpans(text: string, tags: Tag[]): [number, number][] {
  const spans: [number, number][] = [];
  const thinks = tags.filter((tag) => tag.name === 'think');
  let depth = thinks[0]?.close ? 1 : 0;
  let start = 0;
  for (const tag of thinks) {
    if (!tag.close && depth === 0) start = tag.end;
    if (tag.close && depth === 1) spans.push([start, tag.start]);
    depth = Math.max(0, depth + (tag.close ? -1 : 1));
  }
  if (depth > 0) spans.push([start, text.length]);
  return spans;
}
