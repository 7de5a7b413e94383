import { it } from 'vitest';
import { expectPanDrawsTurn, expectViewLaws } from './worlds-view-laws.ts';

it('views of pictures and words say what the world says, in thousands of worlds', () => {
  for (let seed = 1000; seed < 4000; seed++) expectViewLaws(seed);
});

it('draws a pan as a camera that turns on the spot, in a hundred worlds', () => {
  for (let seed = 0; seed < 100; seed++) expectPanDrawsTurn(seed, (seed % 15) - 7 || 15);
});
