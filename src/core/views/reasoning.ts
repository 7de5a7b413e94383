import type { Axes } from '../read/doubts.ts';
import { readingOf } from '../read/reading.ts';
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
 * says why its view has no reasoning. `axes` are those of the picture that the view turns.
 */
export function rewriteOrDrop<V extends ViewVariant>(
  sample: Sample,
  axes: Axes,
  rewrite: (sample: Sample) => V,
): V {
  const whole = rewrite(sample);
  if (sample.reasoning === undefined || isTrusted(whole)) return whole;
  const alone = withoutReasoning(sample);
  if (!readingOf(sample).doubtsOnlyReasoning(readingOf(alone), axes)) return whole;
  const pair = rewrite(alone);
  return isTrusted(pair)
    ? { ...pair, reasoning_dropped: whole.reason ?? 'Its reasoning is in doubt.' }
    : whole;
}
