import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cosine, similarities, type Encoder } from '../../../../src/lab/encoders/encoder.ts';
import { openEncoder } from '../../../../src/lab/encoders/open-encoder.ts';
import { openMiniLm, tokenizerOf } from '../../../../src/lab/encoders/minilm.ts';
import { readMiniLm } from '../../../../src/lab/encoders/fetch-encoder.ts';
import { minilmFolder } from '../../../minilm.ts';
import { few } from '../../../support/slow.ts';

/** Recorded from sentence-transformers: test/fixtures/parity/minilm/make.py. */
function recorded<T>(name: string): T[] {
  const path = new URL(`../../../fixtures/parity/minilm/${name}.jsonl`, import.meta.url);
  const rows = readFileSync(path, 'utf8').trim().split('\n');
  return rows.map((line) => JSON.parse(line) as T);
}
const tokens = recorded<{ text: string; ids: number[] }>('tokens');
const pairs = recorded<{ a: string; b: string; cosine: number }>('pairs');

const folder = await minilmFolder();

describe.skipIf(folder === null)('MiniLM', () => {
  let encoder: Encoder;
  beforeAll(async () => {
    encoder = await openMiniLm(await readMiniLm(folder!), { threads: 2 });
  });
  afterAll(() => encoder.close());

  test('MiniLM tokenises like sentence-transformers', async () => {
    const tokenize = tokenizerOf((await readMiniLm(folder!)).tokenizer);
    for (const { text, ids } of tokens) expect(tokenize(text), JSON.stringify(text)).toEqual(ids);
  });

  test('MiniLM matches the cosines of sentence-transformers', async () => {
    const found = await similarities(
      encoder,
      pairs.map(({ a, b }) => [a, b]),
    );
    const errors = pairs.map((pair, i) => Math.abs(found[i]! - pair.cosine));
    expect(Math.max(...errors)).toBeLessThan(2e-4);
  });

  test('MiniLM returns vectors with 384 numbers and length 1', async () => {
    for (const vector of await encoder.embed(['', 'left', 'word '.repeat(400)])) {
      expect(vector).toHaveLength(384);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 6);
    }
  });

  test.each(few(['native', 'wasm'] as const))(
    'MiniLM returns the same vector for a text in any batch (%s)',
    async (runtime) => {
      const files = await readMiniLm(folder!);
      const one = await openMiniLm(files, { runtime, threads: 1 });
      const two = await openMiniLm(files, { runtime, threads: 2 });
      const texts = tokens
        .map(({ text }) => text)
        .filter(({ length }, i) => i % (runtime === 'native' ? 60 : 200) === 0 && length < 120);
      const together = await two.embed(texts);
      expect(await two.embed([...texts].reverse())).toEqual([...together].reverse());
      for (const [i, text] of texts.entries()) expect(await one.embed([text])).toEqual([together[i]]);

      const reference = await encoder.embed(texts);
      together.forEach((vector, i) => expect(cosine(vector, reference[i]!)).toBeCloseTo(1, 6));
      await Promise.all([one.close(), two.close()]);
    },
  );

  test('MiniLM opens from a folder, and caches encoded texts', async () => {
    const opened = await openEncoder({ encoder: 'minilm', encoder_path: folder! });
    const [first] = await opened.embed(['left', 'right']);
    const [again, other] = await opened.embed(['left', 'behind']);
    expect(again).toBe(first);
    expect(other).toEqual((await encoder.embed(['behind']))[0]);
    expect(opened).toMatchObject({ name: 'minilm', identity: encoder.identity });
    await opened.close();
  });
});
