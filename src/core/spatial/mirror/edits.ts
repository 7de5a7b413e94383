/** A token that a rule handled: replaced, or deliberately kept (`to` equals `from`). */
export interface Edit {
  start: number;
  end: number;
  from: string;
  to: string;
  rule: string;
}

/**
 * Something that the rules cannot decide. `llm`: ambiguous words; `review`: a person must decide; `discard`: no mirror
 * exists.
 */
export interface Note {
  level: 'llm' | 'review' | 'discard';
  rule: string;
  /** One sentence for people. */
  message: string;
  start?: number;
  end?: number;
  /** The replacement if the place does turn out to be a side. */
  to?: string;
}

export interface Findings {
  edits: Edit[];
  notes: Note[];
}

/** Replaces the spans of the edits, which must not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let out = '';
  let at = 0;
  for (const { start, end, to } of [...edits].sort((a, b) => a.start - b.start)) {
    out += text.slice(at, start) + to;
    at = end;
  }
  return out + text.slice(at);
}
