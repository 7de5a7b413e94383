import { it } from 'vitest';
import { expectPanDrawsTurn, expectViewLaws } from './worlds-view-laws.ts';

it.each([1000, 1500, 2000, 2500, 3000, 3500])(
  'views of images and words say what the world says, in 500 worlds from %i on',
  (first) => {
    for (let seed = first; seed < first + 500; seed++) expectViewLaws(seed);
  },
  600_000,
);

it('draws a pan as a camera that turns on the spot, in a hundred worlds', () => {
  for (let seed = 0; seed < 100; seed++) expectPanDrawsTurn(seed, (seed % 15) - 7 || 15);
});
