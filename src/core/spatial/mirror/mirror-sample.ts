import type { Random } from '../../random.ts';
import type { MirrorVariant, RewrittenFields, Sample } from '../sample.ts';
import { checkMirror, graphAgrees } from './checks.ts';
import type { Note } from './edits.ts';
import { keepQuestion } from './keep-question.ts';
import { rewriteSample, type Rewrite } from './rewrite.ts';

/** How the texts are mirrored. `mix` randomly chooses one of the two for each row that allows both. */
export type Strategy = 'swap-words' | 'keep-question' | 'mix';

export type MirrorOptions =
  { strategy?: 'swap-words' | 'keep-question' } | { strategy: 'mix'; random: Random };

/**
 * Mirrors a sample by rules: right or deferred, never wrong. `flipped`: texts changed; `invariant`: they stay (boxes,
 * points, masks and graph are mirrored in any case); `needs_llm`: undecided, with a proposal of what is certain and, if
 * a person must decide, `review.state: pending`; `discard`: no mirror exists. `strategy` in the result is the one that
 * was used.
 */
export function mirrorSample(sample: Sample, options: MirrorOptions = {}): MirrorVariant {
  const rewrite = rewriteSample(sample);
  const checks = checkMirror(sample, rewrite.fields, rewrite);
  const failed = Object.keys(checks)
    .filter((name) => checks[name] !== 'pass')
    .map((name): Note => ({
      level: 'llm',
      rule: `check.${name}`,
      message: `The check ${name} does not pass.`,
    }));
  // If something is undecided anyway, the checks of the unfinished rewrite add nothing.
  const notes = rewrite.notes.length > 0 ? rewrite.notes : failed;
  const texts = Object.values(rewrite.texts);
  const status = notes.some((n) => n.level === 'discard')
    ? 'discard'
    : notes.length > 0
      ? 'needs_llm'
      : texts.some((t) => t.changes.length > 0)
        ? 'flipped'
        : 'invariant';
  const kept = status === 'flipped' && wantsQuestion(options) ? keepQuestion(sample, rewrite) : null;
  return {
    status,
    ...(kept?.fields ?? rewrite.fields),
    route: 'rules',
    rules: kept ? [kept.rule] : rulesOf(rewrite, notes),
    // Keep-question needs no other check: its rules only fire if the answer is determined.
    checks: kept ? { answer_determined: 'pass', ...graphAgrees(sample, kept.fields, rewrite) } : checks,
    category: categoryOf(sample, rewrite),
    strategy: kept ? 'keep-question' : 'swap-words',
    ...(notes.length > 0 && { reason: [...new Set(notes.map((n) => n.message))].join(' ') }),
    ...(status === 'needs_llm' &&
      notes.some((n) => n.level === 'review') && { review: { state: 'pending' } }),
  };
}

const wantsQuestion = (options: MirrorOptions): boolean =>
  options.strategy === 'mix' ? options.random.chance(0.5) : options.strategy === 'keep-question';

function rulesOf({ texts }: Rewrite, notes: readonly Note[]): string[] {
  const edits = Object.values(texts).flatMap((t) => [...t.changes, ...t.kept]);
  return [...new Set([...edits, ...notes].map((entry) => entry.rule))];
}

const GEOMETRY: readonly (keyof RewrittenFields)[] = ['boxes', 'points', 'masks'];

/** The paper's three kinds: left and right in the words, boxes, or neither. */
function categoryOf(sample: Sample, { texts }: Rewrite): NonNullable<MirrorVariant['category']> {
  const read = Object.values(texts);
  const rules = read.flatMap((t) => [...t.changes, ...t.notes]).map((entry) => entry.rule);
  if (rules.some((rule) => !rule.startsWith('coordinates'))) return 'left_right';
  // A centred box is mirrored too, although its numbers do not change.
  const kept = read.flatMap((t) => t.kept).some((entry) => entry.rule === 'coordinates');
  const boxed = GEOMETRY.some((key) => (sample[key] as unknown[] | undefined)?.length);
  return rules.length > 0 || kept || boxed ? 'box' : 'unaffected';
}
