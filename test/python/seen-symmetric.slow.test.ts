import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAMILIES, FAMILY_NAMES, familyOf } from '../../src/core/seen/families.ts';
import { seenBy } from '../../src/core/seen/seen-map.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { Random } from '../../src/base/random.ts';
import { scratch, torch } from './open.ts';
import { parseRows } from '../support/rows.ts';

/** Families with a rule that were measured not to be mirror-symmetric at one of five sizes. */
const asymmetric = FAMILY_NAMES.filter((name) => FAMILIES[name]!.shapes.some((map) => map && map.shift > 0));

/** Odd, thin, tiny and large. */
const SIZES = `
  640x480 1280x720 1000x500 720x1280 437x331 331x437 333x331 641x480 640x481 501x1001 759x567 427x640
  375x500 224x224 225x225 336x336 384x384 448x448 512x512 768x768 1023x1023 28x28 29x31 40x30 57x57
  64x48 100x99 150x36 36x150 320x20 20x320 900x60 60x900 1200x100 113x200 300x900 1333x1000 2101x1733
  1x1 3x200
`
  .trim()
  .split(/\s+/)
  .map((size) => size.split('x').map(Number) as [number, number]);

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

describe.skipIf(!torch)('mirror-symmetric image padding', () => {
  const compare = async (name: string, symmetric: string | undefined, sizes: [number, number][]) => {
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
    return parseRows<Compared>(out).map((row) => row.apart);
  };

  // It fills up with a column of patches at any width.
  it('rejects symmetric padding for inkling', async () => {
    await expect(compare('inkling', 'inkling', [[437, 331]])).rejects.toThrow(
      'Images of 437 × 331 pixels cannot be kept mirror-symmetric for inkling.',
    );
  });

  it.each(asymmetric.filter((name) => name !== 'inkling'))(
    'padding makes %s process a mirrored image as the exact mirror, at 40 sizes',
    async (name) => {
      const accepted = SIZES.filter(([w, h]) => seenBy(familyOf(name), { w, h }) !== null);
      const apart = await compare(name, name, accepted);
      // Phi-4 resizes its overview after it became floating-point numbers: a few of their last digits differ.
      const exact = apart.map((most) => (name === 'phi-4-multimodal' && most! < 1e-6 ? 0 : most));
      expect(exact).toEqual(accepted.map(() => 0));
    },
  );

  it('kimi-k2.5 is not mirror-symmetric without padding', async () => {
    const [apart] = await compare('kimi-k2.5', undefined, [[437, 331]]);
    expect(apart).not.toBe(0);
  });
});
