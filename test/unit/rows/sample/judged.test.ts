import { expect, it } from 'vitest';
import { olderText } from '../../../../src/rows/sample/judged.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { readRows } from '../../../support/rows.ts';

// The Python package reads the same file, and must say the same (python/tests/test_package.py).
const rows = readRows('test/fixtures/judged.qa.jsonl').map((row) => parseSample(row).sample!);
const older = (sample: Sample) => olderText(sample, sample.variants!.mirror!);

it('a decision counts for the row as it was, whatever its size or its order of fields', () => {
  for (const row of rows) {
    expect(older(row)).toBeNull();
    const images = row.images.map((image) =>
      typeof image === 'string' ? { path: image, w: 9, h: 9 } : image,
    );
    expect(older({ meta: { tags: ['new'] }, ...row, images })).toBeNull();
  }
});

it('and for no other text, options, boxes, points, images, or rewrite', () => {
  const changes: Partial<Sample>[] = [
    { question: 'Where?' },
    { answer: 'No' },
    { choices: ['left', 'right'] },
    { boxes: [[1, 2, 3, 4]] },
    { points: [[3, 4]] },
    { images: ['other.png'] },
  ];
  for (const row of rows) {
    const { question, answer } = row;
    for (const change of changes) expect(older({ ...row, ...change })).toMatchObject({ question, answer });
    const mirror = { ...row.variants!.mirror!, answer: 'changed' };
    expect(older({ ...row, variants: { mirror } })).toMatchObject({ question });
  }
});
