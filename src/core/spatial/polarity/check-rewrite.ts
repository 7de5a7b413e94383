import type { CheckResult, Sample } from '../sample.ts';
import { nameKey } from '../language/names.ts';
import { polarPhrases } from '../language/polar.ts';
import { flipChecks } from './checks.ts';

/**
 * Examines a polarity flip that the rules did not write: the checks of their own but `double_flip`, since they have no
 * way from this row and so none back to it; and `predicate_only`: the question differs from the original in polar
 * phrases alone (undecidable where the rules know none in it).
 */
export function checkPolarity(
  sample: Sample,
  rewrite: { question: string; answer: string; choices?: string[] },
): Record<string, CheckResult> {
  const [before, after] = [skeleton(sample.question), skeleton(rewrite.question)];
  const known = polarPhrases(sample.question).length > 0;
  const checks = flipChecks(sample, { status: 'flipped', rules: [], ...rewrite });
  delete checks.double_flip;
  return {
    ...checks,
    predicate_only: before === after ? (known ? 'pass' : 'undecidable') : 'fail',
  };
}

/** A text in which each polar phrase is only its axis. */
function skeleton(text: string): string {
  let out = '';
  let at = 0;
  for (const { axis, start, end } of polarPhrases(text)) {
    // "Shorter" is the opposite of both longer and taller.
    out += `${text.slice(at, start)}<${axis === 'length' ? 'height' : axis}>`;
    at = end;
  }
  return nameKey(out + text.slice(at));
}
