import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectMirrorOfBehind, expectSceneLaws } from './worlds-scene-laws.ts';
import '../../support/properties.ts';
import { isSlow } from '../../support/slow.ts';

describe('property: scene views of random worlds', () => {
  it('property: scene views match the image of the moved camera, or are discarded', () => {
    const numRuns = isSlow ? 3000 : 10;
    let had = 0;
    fc.assert(
      fc.property(fc.nat(1e9), (seed) => void (had += expectSceneLaws(seed))),
      { numRuns },
    );
    expect(had).toBeGreaterThan(2.5 * numRuns);
  }, 600_000);

  it('property: the depth mirror equals the mirror of the image from behind', () => {
    fc.assert(fc.property(fc.nat(1e6), expectMirrorOfBehind), { numRuns: 10 });
  });
});
