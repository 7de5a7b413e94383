import { isRecord } from '../../base/json.ts';
import type { ReviewedLabel } from '../../core/metrics/reviewed-labels.ts';
import { readLabel } from '../../rows/sample/label-review.ts';
import { parseJson } from '../datasets/parse-json.ts';
import { toSample } from '../datasets/rows.ts';
import { lines } from '../files/lines.ts';
import { streamFile } from '../files/regular.ts';

export function setPaths(manifest: unknown): [set: string, path: string][] {
  const { sets } = isRecord(manifest) ? manifest : {};
  return Object.entries(isRecord(sets) ? sets : {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
}

/**
 * Reads the reviewed labels of an evaluation's sets, by set and row id. Sets without reviewed labels are omitted.
 * @param manifest manifest of the evaluation, not yet validated
 */
export async function reviewedLabelsOf(manifest: unknown): Promise<Map<string, Map<string, ReviewedLabel>>> {
  const labels = new Map<string, Map<string, ReviewedLabel>>();
  for (const [set, path] of setPaths(manifest)) {
    // An evaluation set whose file is missing has no reviews.
    const reviewed = await reviewedIn(path).catch(() => null);
    if (reviewed && reviewed.size > 0) labels.set(set, reviewed);
  }
  return labels;
}

async function reviewedIn(path: string): Promise<Map<string, ReviewedLabel>> {
  const reviewed = new Map<string, ReviewedLabel>();
  for await (const { text } of lines(await streamFile(path))) {
    // Rows without a review are not parsed, because most rows have none.
    if (!text?.includes('"label_review"')) continue;
    const { sample } = toSample(parseJson(text));
    const label = sample && readLabel(sample);
    if (label?.state !== 'kept' && label?.state !== 'corrected') continue;
    const { id, question, answer } = sample!;
    reviewed.set(id, { question, given: label.review!.given, now: answer });
  }
  return reviewed;
}
