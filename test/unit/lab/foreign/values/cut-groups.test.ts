import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ADVANTAGE_CONVENTIONS, advantages } from '../../../../../src/core/rewards/advantages.ts';
import { findGroupSize } from '../../../../../src/lab/foreign/values/cut-groups.ts';
import { property } from '../../../../support/property.ts';

const groups = fc
  .integer({ min: 2, max: 8 })
  .chain((size) =>
    fc.array(fc.array(fc.constantFrom(0, 0.5, 1), { minLength: size, maxLength: size }), {
      minLength: 1,
      maxLength: 6,
    }),
  )
  .filter((all) => all.some((group) => new Set(group).size > 1));

property(
  'findGroupSize: infers the group size from advantages divided by group std',
  [groups, fc.option(fc.integer({ min: 2, max: 16 }))],
  (all, told) => {
    const size = all[0]!.length;
    const stored = advantages(
      all.map((group) => [group]),
      ADVANTAGE_CONVENTIONS.trl,
    ).flat(2);
    // One question about several images: equal prompts for all groups.
    const keys = stored.map(() => 'prompt');
    const file = { keys, advantages: stored, rewards: stored.map(() => null), mayBeEvaluation: false };
    expect(findGroupSize([file], told)).toEqual({ size, convention: 'trl' });
  },
);

test('findGroupSize: returns null for undivided advantages without rewards', () => {
  const file = { keys: ['q', 'q', 'q', 'q'], mayBeEvaluation: false, rewards: [null, null, null, null] };
  expect(findGroupSize([{ ...file, advantages: [0.5, -0.5, 0.5, -0.5] }])).toBeNull();
  expect(findGroupSize([{ ...file, advantages: [0, 0, 0, 0] }])).toBeNull();
});
