import { NO, OPPOSITES, YES } from './words/lists.ts';

/** A yes or no at the beginning of an answer. */
export interface YesNo {
  value: boolean;
  /** The words of the verdict, as written, without the punctuation that follows. */
  head: string;
  /** Punctuation and space between head and explanation. */
  joint: string;
  /** The text after the verdict, or ''. */
  explanation: string;
}

const HEAD = new RegExp(
  `^\\s*(${[...YES, ...NO].sort((a, b) => b.length - a.length).join('|')})(?![\\w-])(\\s*[,.!:;–—-]*\\s*)`,
  'i',
);

/**
 * Reads the leading yes or no. "In fact" and "Actually" begin denials in the templates from which many spatial data
 * sets were made; without a comma after them they do not count.
 */
export function verdictOf(answer: string): YesNo | null {
  const match = HEAD.exec(answer.replaceAll('’', "'"));
  if (!match) return null;
  const [all, head, joint] = match as unknown as [string, string, string];
  const explanation = answer.slice(all.length);
  const plain =
    /^(?:yes|no)$/i.test(head) && /^(?:it|they|there|he|she|the|this|that|because)\b/i.test(explanation);
  if (joint.trim() === '' && explanation !== '' && !plain) return null;
  return { value: YES.includes(head.toLowerCase()), head, joint, explanation };
}

/** The opposite verdict in the same style: Yes ↔ No, True ↔ False, TRUE ↔ FALSE. */
export function oppositeHead(head: string): string {
  const lower = head.toLowerCase().replace(/^that'?s? (?:is )?/, '');
  const word = OPPOSITES[lower] ?? (YES.includes(head.toLowerCase()) ? 'no' : 'yes');
  const whole =
    /^that/i.test(head) && OPPOSITES[lower] ? head.replace(/(true|false|correct|incorrect)$/i, word) : word;
  if (head.length > 1 && head === head.toUpperCase()) return whole.toUpperCase();
  return /^\p{Lu}/u.test(head) ? whole[0]!.toUpperCase() + whole.slice(1) : whole;
}
