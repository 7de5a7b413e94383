import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectMirrorOfBehind, expectSceneLaws } from './worlds-scene-laws.ts';
import '../../support/properties.ts';

describe('property: scene views of random worlds', () => {
  it('property: scene views match the image of the moved camera, or are discarded', () => {
    let had = 0;
    fc.assert(
      fc.property(fc.nat(1e6), (seed) => void (had += expectSceneLaws(seed))),
      { numRuns: 40 },
    );
    expect(had).toBeGreaterThan(100);
  });

  it('property: the depth mirror equals the mirror of the image from behind', () => {
    fc.assert(fc.property(fc.nat(1e6), expectMirrorOfBehind), { numRuns: 10 });
  });
});
