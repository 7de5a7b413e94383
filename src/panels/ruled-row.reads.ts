import { thousands } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { withMisfit } from '../core/answers/set-misfits.ts';
import { checkSample } from '../rows/sample/check-sample.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import { checkGraphOf } from '../rows/views/check-row.ts';
import { mirrorSample } from '../rows/views/mirror/mirror-sample.ts';
import { parseJson } from '../lab/datasets/parse-json.ts';
import { toSample } from '../lab/datasets/rows.ts';
import type { RuledRow } from './pair/pair.contract.ts';

/**
 * Maximum length of a row that rules and checks process, in characters. Longer rows would block the service: a million
 * characters take about three seconds.
 */
export const LONGEST = 1 << 18;

/** Parses a row and reports all its problems. */
export function checkRow(text: string): ParsedSample {
  const parsed = toSample(parseJson(text));
  if (!parsed.sample) return parsed;
  const { sample, problems } = parsed;
  return {
    sample,
    problems: [...problems, ...withMisfit(checkSample(sample), sample), ...checkGraphOf(sample)],
  };
}

/** Returns what checks and rules find in the text of a row, with its mirror: see `PairRows.read`. */
export function ruledRow(text: string): RuledRow {
  const long = text.length > LONGEST;
  const { sample, problems } = long ? unchecked(text) : checkRow(text);
  const stored = sample?.variants?.mirror;
  const mirror = stored ?? (long || !sample ? null : mirrorSample(sample));
  return { sample, problems, mirror, mirrorFrom: stored ? 'file' : 'rules' };
}

function unchecked(text: string): ParsedSample {
  const { sample, problems } = toSample(parseJson(text));
  const long: Problem = {
    severity: 'warning',
    code: 'long-row',
    message: `The row is too long to check or mirror in the panel (${thousands(text.length)} characters).`,
    fix: 'For rows of any length, run “Chirality: Check Data File” or “Chirality: Mirror Dataset”.',
  };
  return { sample, problems: [...problems, long] };
}
