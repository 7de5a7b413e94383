import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES, FAMILY_NAMES } from '../../src/core/seen/families.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { Random } from '../../src/base/random.ts';
import { scratch, torch } from './open.ts';

/** Families with a rule that were measured not to be mirror-symmetric at one of five sizes. */
const asymmetric = FAMILY_NAMES.filter((name) => FAMILIES[name]!.shapes.some((map) => map && map.shift > 0));

/** Odd, thin, tiny and large. */
const SIZES = [
  [640, 480],
  [1280, 720],
  [1000, 500],
  [720, 1280],
  [437, 331],
  [331, 437],
  [333, 331],
  [641, 480],
  [640, 481],
  [501, 1001],
  [759, 567],
  [427, 640],
  [375, 500],
  [224, 224],
  [225, 225],
  [336, 336],
  [384, 384],
  [448, 448],
  [512, 512],
  [768, 768],
  [1023, 1023],
  [28, 28],
  [29, 31],
  [40, 30],
  [57, 57],
  [64, 48],
  [100, 99],
  [150, 36],
  [36, 150],
  [320, 20],
  [20, 320],
  [900, 60],
  [60, 900],
  [1200, 100],
  [113, 200],
  [300, 900],
  [1333, 1000],
  [2101, 1733],
  [1, 1],
  [3, 200],
] as const;

/** An image of coarse and fine noise. */
function noise(w: number, h: number, seed: number): Promise<Buffer> {
  const random = Random.from(seed);
  const coarse = Array.from({ length: 3 * 64 }, () => random.between(0, 200));
  const rgb = Uint8Array.from({ length: w * h * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % w, Math.floor(i / 3 / w)];
    return coarse[(((x * 8) / w) | 0) * 24 + (((y * 8) / h) | 0) * 3 + (i % 3)]! + random.between(0, 55);
  });
  return encodePng({ w, h, rgb });
}

interface Compared {
  apart: number | null;
}

describe.skipIf(!torch)('images kept symmetric', () => {
  const compare = async (name: string, symmetric: string | undefined, sizes: typeof SIZES | [[437, 331]]) => {
    const folder = scratch();
    const codec = imageCodec({ format: 'png', maxPixels: null, symmetric });
    const lines = [];
    for (const [i, [w, h]] of sizes.entries()) {
      const file = await noise(w, h, i);
      const paths: Record<string, string> = {};
      for (const view of ['original', 'mirror'] as const) {
        paths[view] = join(folder, `${i}-${view}.png`);
        writeFileSync(paths[view], (await codec.encode(file, view)).bytes);
      }
      lines.push(JSON.stringify({ family: name, ...paths }));
    }
    const out = execFileSync(torch!.python, ['test/python/seen_symmetric.py'], {
      input: lines.join('\n'),
      encoding: 'utf8',
    });
    return out
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as Compared).apart);
  };

  // It fills up with a column of patches at any width.
  it('inkling is refused', async () => {
    await expect(compare('inkling', 'inkling', [[437, 331]])).rejects.toThrow(
      'Images of 437 × 331 pixels cannot be kept mirror-symmetric for inkling.',
    );
  });

  it.each(asymmetric.filter((name) => name !== 'inkling'))(
    '%s gets a mirror image as the exact mirror image, at 40 sizes',
    async (name) => {
      expect(await compare(name, name, SIZES)).toEqual(SIZES.map(() => 0));
    },
  );

  it('kimi-k2.5 does not, without filler on all sides', async () => {
    const [apart] = await compare('kimi-k2.5', undefined, [[437, 331]]);
    expect(apart).not.toBe(0);
  });
});
