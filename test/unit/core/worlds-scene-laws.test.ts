import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectMirrorOfBehind, expectSceneLaws } from './worlds-scene-laws.ts';
import '../../support/properties.ts';
import { isSlow } from '../../support/slow.ts';
import { forAll, property } from '../../support/property.ts';

describe('property: scene views of random worlds', () => {
  it('property: scene views match the image of the moved camera, or are discarded', () => {
    const numRuns = isSlow ? 3000 : 10;
    let had = 0;
    forAll([fc.nat(1e9)], { numRuns }, (seed) => void (had += expectSceneLaws(seed)));
    expect(had).toBeGreaterThan(2.5 * numRuns);
  }, 600_000);

  property(
    'the depth mirror equals the mirror of the image from behind',
    [fc.nat(1e6)],
    { numRuns: 10 },
    expectMirrorOfBehind,
  );
});
