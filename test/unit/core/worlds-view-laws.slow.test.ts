import { it } from 'vitest';
import { expectPanDrawsTurn, expectViewLaws } from './worlds-view-laws.ts';

it.each([1000, 1500, 2000, 2500, 3000, 3500])(
  'property: views of images and texts match 500 worlds from seed %i on',
  (first) => {
    for (let seed = first; seed < first + 500; seed++) expectViewLaws(seed);
  },
  600_000,
);

it('property: pan view: draws the image of a rotating camera in a hundred worlds', () => {
  for (let seed = 0; seed < 100; seed++) expectPanDrawsTurn(seed, (seed % 15) - 7 || 15);
});
