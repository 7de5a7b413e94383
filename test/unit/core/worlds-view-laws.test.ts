import { expect, it } from 'vitest';
import { expectPanDrawsTurn, expectViewLaws } from './worlds-view-laws.ts';

it('property: views of images and texts match the world', () => {
  const had: Record<string, number> = {};
  for (let seed = 0; seed < 8; seed++)
    for (const [view, n] of Object.entries(expectViewLaws(seed))) had[view] = (had[view] ?? 0) + n;
  delete had.grey; // few questions of worlds name no colour
  expect(Object.keys(had).sort()).toEqual([
    'antitranspose',
    'converse',
    'crop',
    'exchange-names',
    'flip',
    'light',
    'mirror',
    'pad',
    'pan',
    'roll',
    'rotate:180',
    'rotate:270',
    'rotate:90',
    'scale',
    'slant',
    'transpose',
    'turned',
  ]);
});

it('pan view: draws the image of a rotating camera', () => {
  for (const degrees of [5, -12]) expectPanDrawsTurn(degrees + 20, degrees);
});
