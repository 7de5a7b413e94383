import { coordinates } from './coordinates.ts';
import { doubts } from './doubts.ts';
import { applyEdits, type Edit, type Note } from './edits.ts';
import { protectedSpans } from './protect.ts';
import { sides } from './sides.ts';
import { surroundings, type Role, type Surroundings } from './surroundings.ts';
import type { Text } from '../language/tokens.ts';
import { readRow } from './surroundings.ts';
import { arrows, bearings, rotations, ships } from './rotations.ts';

export interface MirroredText {
  text: string;
  /** What was replaced, in order of position. */
  changes: Edit[];
  /** What looks like a side and was deliberately kept, in order of position. */
  kept: Edit[];
  /** What the rules cannot decide; those places are unchanged in `text`. */
  notes: Note[];
}

/**
 * Mirrors the words and coordinates of one text: all chirality words are exchanged for their partners at once, keeping
 * case, hyphens and endings; false friends stay. The text is read by itself, as a description of a picture (`question`)
 * or as a name in a graph (`label`).
 */
export function mirrorText(text: string, role: Role = 'question'): MirroredText {
  const row = readRow(role === 'question' ? { question: text, answer: '' } : { question: '', answer: text });
  const read = role === 'question' ? row.question : row.answer;
  return mirrorRead(read, { role, ...surroundings(row, { format: undefined, width: null }) });
}

/** Mirrors one text of a row, using the others as context. */
export function mirrorRead({ text, tokens }: Text, context: Surroundings): MirroredText {
  const spans = protectedSpans(text);
  const found = [
    sides(tokens, context),
    ships(tokens, context.row.words),
    bearings(tokens, context.row.words),
    arrows(tokens),
    coordinates(
      text,
      context.role,
      context.coordinates,
      spans.filter((s) => s.rule !== 'kept.markup'),
    ),
    { edits: rotations(text, tokens, context.counter), notes: doubts(text, tokens) },
  ];
  const shield = (at: { start?: number; end?: number }) =>
    spans.find((span) => at.start !== undefined && span.start < at.end! && at.start < span.end);
  const edits = found
    .flatMap((f) => f.edits)
    .map((edit): Edit => {
      const span = edit.rule === 'coordinates' ? undefined : shield(edit);
      return span ? { ...edit, to: edit.from, rule: span.rule } : edit;
    })
    .sort((a, b) => a.start - b.start);
  const changes = edits.filter((edit) => edit.to !== edit.from);
  return {
    text: applyEdits(text, changes),
    changes,
    kept: edits.filter((edit) => edit.to === edit.from),
    notes: found.flatMap((f) => f.notes).filter((note) => !shield(note)),
  };
}
