/**
 * The format check and the two ways of taking the answer out of a completion: strict, as a reward sees it, and
 * lenient, as an evaluation should (R19: report both). Every function is linear in the text and never throws.
 */

/** How the lenient extraction found its text. */
export type ExtractionPath =
  /** A closed answer block, tags as asked for. */
  | 'tags'
  /** The same, with other case or spaces inside the tags. */
  | 'loose_tags'
  /** The last answer block is not closed. */
  | 'unclosed_answer'
  /** An answer block after a think that is never closed. */
  | 'unclosed_think'
  /** Nothing follows the last closed think: an answer block before it. */
  | 'before_think'
  /** No answer block: all that follows the last closed think. */
  | 'after_think'
  /** No tag that delimits anything: the whole text. */
  | 'whole'
  /** Nothing that may count as an answer. */
  | 'none';

interface Tag {
  name: 'think' | 'answer';
  close: boolean;
  start: number;
  end: number;
}

interface Block {
  text: string;
  open: Tag;
  closed: boolean;
}

const EXACT = /<(\/?)(think|answer)>/g;
const LOOSE = /<\s*(?:(\/)\s*)?(think|answer)\s*>/gi;

/**
 * Whether the whole completion, trimmed, is one `<think>…</think>`, white space, one `<answer>…</answer>`: lower
 * case, each tag once, the answer not blank. An empty think is allowed.
 */
export function isFormatOk(completion: string): boolean {
  const text = completion.trim();
  const tags = tagsOf(text, EXACT);
  if (tags.map((tag) => (tag.close ? '/' : '') + tag.name).join() !== 'think,/think,answer,/answer')
    return false;
  const [open, close, answer, end] = tags as [Tag, Tag, Tag, Tag];
  return (
    open.start === 0 &&
    end.end === text.length &&
    text.slice(close.end, answer.start).trim() === '' &&
    text.slice(answer.end, end.start).trim() !== ''
  );
}

/** The last closed answer block after the last `</think>`, trimmed, tags in lower case; null when there is none. */
export function extractStrict(completion: string): string | null {
  const tags = afterThink(tagsOf(completion, EXACT));
  const block = answerBlocks(completion, tags).findLast(({ closed }) => closed);
  return block ? block.text : null;
}

/** What an evaluation scores: the most plausible answer text, perhaps empty, and how it was found. */
export function extractLenient(completion: string): { text: string; path: ExtractionPath } {
  const all = tagsOf(completion, LOOSE);
  const tags = afterThink(all);
  const block = answerBlocks(completion, tags).findLast(({ text }) => text !== '');
  const openThink = tags.find((tag) => tag.name === 'think');
  if (block) return { text: block.text, path: blockPath(completion, block, openThink) };
  if (openThink) return { text: '', path: 'none' };

  const thought = all.length > tags.length;
  const from = thought ? all[all.length - tags.length - 1]!.end : 0;
  const rest = completion.slice(from).replace(LOOSE, ' ').trim();
  if (rest !== '') return { text: rest, path: thought ? 'after_think' : 'whole' };

  const outside = answerBlocks(completion, all).findLast(
    ({ text, open }) =>
      text !== '' && !thinkSpans(completion, all).some(([a, b]) => a <= open.start && open.start < b),
  );
  return outside ? { text: outside.text, path: 'before_think' } : { text: '', path: 'none' };
}

/**
 * What the model thought: the text inside think tags, closed or not. A `</think>` without an opening tag closes a
 * think that began in the prompt; without any think tag, all that stands before the answer block is the thought.
 */
export function thinkText(completion: string): string {
  const tags = tagsOf(completion, LOOSE);
  const spans = thinkSpans(completion, tags);
  const answer = tags.find((tag) => tag.name === 'answer');
  if (spans.length === 0 && answer) spans.push([0, answer.start]);
  return spans.map(([start, end]) => completion.slice(start, end).replace(LOOSE, ' ').trim()).join('\n');
}

function tagsOf(text: string, pattern: RegExp): Tag[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    name: match[2]!.toLowerCase() as Tag['name'],
    close: match[1] === '/',
    start: match.index,
    end: match.index + match[0].length,
  }));
}

/** The tags that follow the last `</think>`; all of them when there is none. */
function afterThink(tags: Tag[]): Tag[] {
  return tags.slice(tags.findLastIndex((tag) => tag.name === 'think' && tag.close) + 1);
}

/** Every `<answer>` with the text up to the next tag of any kind, or up to the end. */
function answerBlocks(text: string, tags: Tag[]): Block[] {
  return tags.flatMap((open, i) => {
    if (open.name !== 'answer' || open.close) return [];
    const next = tags[i + 1];
    const closed = next?.name === 'answer' && next.close;
    return [{ text: text.slice(open.end, next?.start).trim(), open, closed }];
  });
}

function blockPath(completion: string, block: Block, openThink: Tag | undefined): ExtractionPath {
  if (openThink && openThink.start < block.open.start) return 'unclosed_think';
  if (!block.closed) return 'unclosed_answer';
  return extractStrict(completion) === block.text ? 'tags' : 'loose_tags';
}

/** Where the completion is thought: [start, end) of the text inside outermost think tags. */
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
