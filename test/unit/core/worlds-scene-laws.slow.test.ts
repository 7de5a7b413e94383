import fc from 'fast-check';
import { it } from 'vitest';
import { expectSceneLaws } from './worlds-scene-laws.ts';
import '../../support/properties.ts';

it('property: scene views match the moved camera in 3000 worlds', () => {
  fc.assert(
    fc.property(fc.nat(1e9), (seed) => void expectSceneLaws(seed)),
    { numRuns: 3000 },
  );
}, 600_000);
