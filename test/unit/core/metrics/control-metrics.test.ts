import { expect, it } from 'vitest';
import { compareControls } from '../../../../src/core/metrics/control-metrics.ts';
import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { controlOf } from '../../../../src/core/prompts/strategy.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';
import { scored } from './rows.ts';

const rows = (rightOf: (i: number) => boolean): JudgedRow[] =>
  Array.from({ length: 40 }, (_, i) => ({
    ...scored({ id: `r${i}`, question: 'q', answer: 'Yes', completion: 'Yes' }),
    right: rightOf(i),
  }));

it('compareControls: alerts if accuracy stays the same without the image [A-44]', () => {
  const all = rows(() => true);
  const [fell] = compareControls(
    'blind',
    all,
    rows((i) => i % 2 === 0),
  );
  expect(fell).toMatchObject({ accuracy: 1, control: 0.5, difference: -0.5, n: 40, alert: false });
  expect(
    compareControls(
      'blind',
      all,
      rows((i) => i > 0),
    )[0],
  ).toMatchObject({ alert: true });
});

it('controlOf: removes images for blind, and shuffles graph names for shuffled', () => {
  const strategy = openStrategy('scene-graph');
  const blind = controlOf(strategy, 'blind')!;
  expect(blind.stages.map(({ images, user }) => [images, user.includes('{images}')])).toEqual([
    ['none', false],
    ['none', false],
  ]);
  const shipped = openStrategy('scene-graph-shuffled');
  expect(controlOf(strategy, 'shuffled')!.stages).toEqual(shipped.stages);
  expect(controlOf(openStrategy('scene-graph-one-stage'), 'shuffled')).toBeNull();
});
