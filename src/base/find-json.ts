import { isRecord } from './json.ts';
import { mendJson, parseStrict, readLenient } from './lenient-json.ts';
import type { Problem } from './problem.ts';

/** Location of the JSON in a model's text. `raw`: the text contains no JSON. */
export const JSON_SOURCES = ['whole', 'code_block', 'braces', 'code_tag', 'raw'] as const;
export type JsonSource = (typeof JSON_SOURCES)[number];

/** JSON found in a text. `repairs` is empty if the JSON was valid as written. */
interface FoundJson {
  source: JsonSource;
  value: unknown;
  repairs: Problem[];
}

interface FindOptions {
  /** Returns whether a JSON value is accepted. Default: accepts objects. */
  accept?: (value: unknown) => boolean;
  /**
   * Whether to also repair missing quotes, colons or brackets if a text or block contains only JSON (`mendJson`).
   * Training does not use this repair, because the model should learn to write JSON.
   */
  mend?: boolean;
}

/**
 * Finds the JSON that a model meant: the whole text, else the last fenced block, else the longest balanced braces, else
 * the content of a `<code>` tag (with its own source name). Each candidate is parsed strictly first, then with repairs
 * (comments, trailing commas, single quotes, Python literals and tuples, a truncated end). Returns null if `accept`
 * rejects every value. Never throws, and takes linear time.
 */
export function findJson(
  text: string,
  { accept = isRecord, mend = false }: FindOptions = {},
): FoundJson | null {
  const readAll = (part: string, source: JsonSource): FoundJson | null => {
    const strict = parseStrict(part);
    if (strict && accept(strict.value)) return { source, value: strict.value, repairs: [] };
    const read = readLenient(part, 0) ?? (mend ? mendJson(part) : null);
    if (!read || read.tooDeep || part.slice(read.end).trim() !== '' || !accept(read.value)) return null;
    return { source, value: read.value, repairs: read.repairs };
  };
  const whole = text.trim();
  const ofWhole = /^[[{]/.test(whole) ? readAll(whole, 'whole') : null;
  if (ofWhole) return ofWhole;
  for (const block of [...text.matchAll(/```[^\S\n]*\w*\s*([^]*?)(?:```|$)/g)].reverse()) {
    const inBlock = readAll(block[1]!.trim(), 'code_block') ?? longest(block[1]!, 'code_block', accept);
    if (inBlock) return inBlock;
  }
  const tags = [...text.matchAll(/<code[^>]*>([^]*?)(?:<\/code>|$)/gi)];
  const outside = tags.reduce((rest, tag) => rest.replace(tag[0], ' '), text);
  const inBraces = longest(outside, 'braces', accept);
  if (inBraces) return inBraces;
  for (const tag of tags.reverse()) {
    const inTag = longest(tag[1]!, 'code_tag', accept);
    if (inTag) return inTag;
  }
  return null;
}

/** Finds the longest JSON value that starts with a brace or bracket anywhere in the text. */
function longest(text: string, source: JsonSource, accept: (value: unknown) => boolean): FoundJson | null {
  let best: { length: number; found: FoundJson } | null = null;
  for (let at = text.search(/[[{]/); at >= 0 && at < text.length;) {
    const read = readLenient(text, at);
    if (read && !read.tooDeep && accept(read.value) && read.end - at > (best?.length ?? 0)) {
      const strict = parseStrict(text.slice(at, read.end));
      const json = { source, value: (strict ?? read).value, repairs: strict ? [] : read.repairs };
      best = { length: read.end - at, found: json };
    }
    const from = read ? Math.max(read.end, at + 1) : at + 1;
    const next = text.slice(from).search(/[[{]/);
    at = next < 0 ? -1 : from + next;
  }
  return best?.found ?? null;
}
