import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exactJson } from '../../../../src/lab/datasets/exact-numbers.ts';
import { openDataset } from '../../../../src/lab/datasets/open-dataset.ts';
import { parseJson } from '../../../../src/lab/datasets/parse-json.ts';
import { openWriter } from '../../../../src/lab/datasets/write-dataset.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { parseSample } from '../../../../src/rows/sample/parse-sample.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-exact-');

/** Numbers as files have them, some beyond what JavaScript holds; none is written as JavaScript would otherwise. */
const token = fc.oneof(
  fc.bigInt({ min: 2n ** 53n, max: 10n ** 40n }).map((n) => `${n}`),
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: 310, max: 999 }))
    .map(([a, e]) => `${a || 1}e${e}`),
  fc.stringMatching(/^0\.[1-9]\d{20,30}[1-9]$/),
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.constantFrom('0.30000000000000004', '1.5', '-7.25e-7'),
);
/** JSON texts with such numbers in them, and texts that look like them. */
const { tree } = fc.letrec<{ tree: string }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    token,
    fc.constantFrom('"12345678901234567890"', '"a \\" 1e999"', 'null', 'true'),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom('n', 'x y', 'seed', 'm'), tie('tree')), {
        maxLength: 3,
        selector: ([key]) => key,
      })
      .map((entries) => `{${entries.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
  ),
}));

it('property: writing keeps the exact digits of unedited numbers', async () => {
  await fc.assert(
    fc.asyncProperty(tree, tree, async (a, b) => {
      const own = `{"id":"1","question":"Is the cup left of the jug?","answer":"yes","images":[],"meta":{"a":${a}},"own":${b}}`;
      const { sample } = parseSample(parseJson(own).value);
      expect(exactJson({ ...sample! })).toBe(own);
      const mirrored = exactJson({ ...sample!, variants: { mirror: mirrorSample(sample!) } });
      expect(mirrored.startsWith(own.slice(0, -1))).toBe(true);
      // Another program's rows, whose columns move to meta, and a LLaVA file and a table that are read again.
      const path = join(folder, 'other.json');
      writeFileSync(path, `[{"question":"Where?","answer":"left","image":"a.png","alpha":${a},"beta":${b}}]`);
      const [qa, llava, again, parquet, last] = [
        'other.qa.jsonl',
        'llava.json',
        'again.qa.jsonl',
        'table.parquet',
        'last.qa.jsonl',
      ].map((name) => join(folder, name));
      await convert(path, qa!, 'qa');
      await convert(qa!, llava!, 'llava');
      await convert(llava!, again!, 'qa');
      await convert(qa!, parquet!, 'parquet');
      await convert(parquet!, last!, 'qa');
      for (const file of [qa!, again!, last!])
        for (const [key, value] of [
          ['alpha', a],
          ['beta', b],
        ] as const)
          if (value !== 'null') expect(readFileSync(file, 'utf8')).toContain(`"${key}":${value}`);
    }),
    { numRuns: 25 },
  );
});

async function convert(from: string, to: string, format: 'qa' | 'llava' | 'parquet'): Promise<void> {
  const writer = await openWriter(to, format);
  for await (const { sample } of (await openDataset(from)).rows) await writer.write(sample!);
  await writer.commit();
}
