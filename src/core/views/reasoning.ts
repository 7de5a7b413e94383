import type { Sample, ViewVariant } from '../sample/sample.ts';
import { isTrusted } from '../sample/variant.ts';

/** Returns a row without its reasoning. */
export function withoutReasoning<S extends Pick<Sample, 'reasoning'>>(sample: S): S {
  const rest = { ...sample };
  delete rest.reasoning;
  return rest;
}

/**
 * Rewrites a row, or the row without its reasoning if only that is in doubt: the pair stands, and `reasoning_dropped`
 * says why its view has no reasoning. `mayDrop` says whether the doubts can be about the reasoning alone.
 */
export function rewriteOrDrop<V extends ViewVariant>(
  sample: Sample,
  rewrite: (sample: Sample) => V,
  mayDrop: (whole: V) => boolean = () => true,
): V {
  const whole = rewrite(sample);
  if (sample.reasoning === undefined || isTrusted(whole) || !mayDrop(whole)) return whole;
  const pair = rewrite(withoutReasoning(sample));
  return isTrusted(pair)
    ? { ...pair, reasoning_dropped: whole.reason ?? 'Its reasoning is in doubt.' }
    : whole;
}
