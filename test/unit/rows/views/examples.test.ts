import { describe, expect, it } from 'vitest';
import type { Sample, ViewVariant } from '../../../../src/rows/sample/sample.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { rewriteFor } from '../../../../src/rows/views/view.ts';
import { NEW_PIXEL_EXAMPLES } from '../../../support/new-pixel-examples.ts';
import { SEQUENCE_EXAMPLES } from '../../../support/sequence-examples.ts';
import { EXAMPLES, rowOfExample } from '../../../support/view-examples.ts';

describe('worked examples of views', () => {
  it.each(
    [...EXAMPLES, ...NEW_PIXEL_EXAMPLES, ...SEQUENCE_EXAMPLES].map(
      (example) => [example.n, example.view, example] as const,
    ),
  )('rewrites example %i as documented: %s', (_, view, example) => {
    const { sample, problems } = parseSample(rowOfExample(example));
    expect(problems).toEqual([]);
    const { to, boxes, code, status, anchor } = example;
    const variant: ViewVariant = rewriteFor(sample as Sample, view, { anchor: anchor ? 'image' : 'none' });
    expect({ trusted: isTrusted(variant), reason: to ? (variant.reason ?? '') : '' }).toEqual({
      trusted: to !== null,
      reason: '',
    });
    if (to) expect([variant.question, variant.answer]).toEqual(to);
    if (boxes) expect(variant.boxes).toEqual(boxes);
    if (code) expect(variant.code).toBe(code);
    if (status) expect(variant.status).toBe(status);
  });
});
