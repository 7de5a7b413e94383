import { describe, expect, test } from 'vitest';
import { parseSize } from '../../../../src/core/answers/distance.ts';
import { scoreRow } from '../../../../src/core/answers/score-row.ts';
import { isRight } from '../../../../src/core/answers/verdict.ts';

describe('parseSize with areas', () => {
  test.each([
    ['23.5 square meters', 23.5],
    ['23.5', 23.5],
    ['The room is about 24.', 24],
    ['**20 m²**', 20],
    ['20m2', 20],
    ['$20\\,\\text{m}^2$', 20],
    ['20 m^2', 20],
    ['20 sqm', 20],
    ['20 sq. m', 20],
    ['twenty square metres', 20],
    ['20 meters squared', 20],
    ['100 square feet', 9.290304],
    ['100 sq ft', 9.290304],
    ['100 ft²', 9.290304],
    ['5 m x 4 m = 20 square meters', 20],
    ['It has 2 rooms of 10 m² each, 20 m² in all', 20],
    ['between 20 and 30 square meters', 25],
    ['20-30 m²', 25],
    ['The two rooms have 12 m² and 18 m²', 18],
  ])('reads an area from %j', (text, area) => expect(parseSize(text, 2)?.size).toBeCloseTo(area, 6));

  test.each(['', 'large', '5 m by 4 m', '5 m', '5 meters', '20 %', '-20', 'room2', '3 rooms, 20 or so'])(
    'parseSize: finds no area in %j',
    (text) => expect(parseSize(text, 2)).toBeNull(),
  );
});

test('scoreRow: accepts an area within a factor of two of the reference answer', () => {
  const of = (completion: string) => scoreRow({ completion, answer: '20 square meters', task: 'area' });
  expect(of('<answer>19 m²</answer>')).toMatchObject({ parsed_m2: 19, gt_m2: 20, completed: true });
  expect(['19 m²', '10 m²', '41 m²', 'large'].map((text) => isRight(of(text)))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(scoreRow({ completion: '3', answer: 'large', task: 'area' }).problem).toMatch('not a positive area');
});
