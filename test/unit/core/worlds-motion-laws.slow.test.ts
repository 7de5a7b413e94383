import { expect, it } from 'vitest';
import { drawnRow, expectFramesLaw, expectRulesLaw, formsOf } from './worlds-motion-laws.ts';

it('property: rules agree with the world in 2000 clips, and frames are mirrored and reversed', () => {
  const all = [
    ...formsOf('english').map((topic) => ['english', topic] as const),
    ...formsOf('compact').map((topic) => ['compact', topic] as const),
  ];
  let written = 0;
  for (let i = 0; i < 2000; i++) {
    const [style, topic] = all[i % all.length]!;
    const row = drawnRow('thousands', style, topic, i);
    written += expectRulesLaw(row, style).length;
    expectFramesLaw(row.clip.moving, { w: 24 + (i % 17), h: 20 + (i % 13) });
  }
  expect(written).toBeGreaterThan(0.9 * 3 * 2000);
});
