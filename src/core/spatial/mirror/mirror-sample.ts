import type { MirrorVariant, Sample } from '../sample.ts';
import { checkMirror } from './checks.ts';
import type { Note } from './edits.ts';
import { rewriteSample, type MirrorFields, type Rewrite } from './rewrite.ts';

/**
 * The mirror of a sample by rules: right or deferred, never wrong. `flipped`: texts changed; `invariant`: they stay
 * (boxes, points, masks and graph are mirrored all the same); `needs_llm`: undecided, with what is sure as a proposal
 * and, where a person must know, `review.state: pending`; `discard`: no mirror exists.
 */
export function mirrorSample(sample: Sample): MirrorVariant {
  const rewrite = rewriteSample(sample);
  const checks = checkMirror(sample, rewrite.fields, rewrite);
  const failed = Object.keys(checks).filter((name) => checks[name] !== 'pass');
  const notes: Note[] = [
    ...rewrite.notes,
    ...failed.map((name): Note => ({
      level: 'llm',
      rule: `check.${name}`,
      message: `The check ${name} does not pass.`,
    })),
  ];
  const texts = Object.values(rewrite.texts);
  const status = notes.some((n) => n.level === 'discard')
    ? 'discard'
    : notes.length > 0
      ? 'needs_llm'
      : texts.some((t) => t.changes.length > 0)
        ? 'flipped'
        : 'invariant';
  return {
    status,
    ...rewrite.fields,
    route: 'rules',
    rules: rulesOf(rewrite, notes),
    checks,
    category: categoryOf(sample, rewrite),
    ...(notes.length > 0 && { reason: [...new Set(notes.map((n) => n.message))].join(' ') }),
    ...(status === 'needs_llm' &&
      notes.some((n) => n.level === 'review') && { review: { state: 'pending' } }),
  };
}

function rulesOf({ texts }: Rewrite, notes: readonly Note[]): string[] {
  const edits = Object.values(texts).flatMap((t) => [...t.changes, ...t.kept]);
  return [...new Set([...edits, ...notes].map((entry) => entry.rule))];
}

const GEOMETRY: readonly (keyof MirrorFields)[] = ['boxes', 'points', 'masks'];

/** The paper's three kinds: left and right in the words, boxes, or neither. */
function categoryOf(sample: Sample, { texts }: Rewrite): NonNullable<MirrorVariant['category']> {
  const read = Object.values(texts);
  const rules = read.flatMap((t) => [...t.changes, ...t.notes]).map((entry) => entry.rule);
  if (rules.some((rule) => !rule.startsWith('coordinates'))) return 'left_right';
  // A centred box is mirrored too, although its numbers stay.
  const kept = read.flatMap((t) => t.kept).some((entry) => entry.rule === 'coordinates');
  const boxed = GEOMETRY.some((key) => (sample[key] as unknown[] | undefined)?.length);
  return rules.length > 0 || kept || boxed ? 'box' : 'unaffected';
}
