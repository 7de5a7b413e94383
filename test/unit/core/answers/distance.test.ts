import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDistance } from '../../../../src/core/answers/distance.ts';
import { LENGTHS, type LengthUnit } from '../../../../src/base/lengths.ts';
import { property } from '../../../support/property.ts';

const units = Object.keys(LENGTHS) as LengthUnit[];

describe('parseDistance', () => {
  it.each<[string, number]>([
    ['**2.5** meters', 2.5],
    ['$2.5\\,\\text{m}$', 2.5],
    ['approximately 1,200 mm', 1.2],
    ['2,5 m', 2.5],
    ['1.2 \\times 10^{3} mm', 1.2],
    ['1.2×10³ mm', 1.2],
    ['1.2e3mm', 1.2],
    ['2½ km', 2500],
    ['1 1/2 m', 1.5],
    ['half a meter', 0.5],
    ['two and a half meters', 2.5],
    ['a meter and a half', 1.5],
    ['three quarters of a kilometre', 750],
    ['a third of a kilometer', 1000 / 3],
    ['one hundred and five centimetres', 1.05],
    ['zero point five m', 0.5],
    ['3 thousand mm', 3],
    ['a 2-meter gap', 2],
    ['1 m 20 cm', 1.2],
    ['1 m and 20 cm', 1.2],
    ['between 1 m and 50 cm', 0.75],
    ['2–3 m', 2.5],
    ['1 m to 1 m 50 cm', 1.25],
    ['2 or 3 meters', 2.5],
    ['2.5 +/- 0.3 m', 2.5],
    ['2.5 m ± 10 %', 2.5],
    ['2 m, give or take 30 cm', 2],
    ['2.5 give or take 0.3 cm', 0.025],
    ['2.5 plus or minus 0.3 cm', 0.025],
    ['1 mile 20 ft', 1615.44],
    ['1.5·10⁺² cm', 1.5],
    ['1\u2009200 mm', 1.2],
    ['2 m (6.6 ft)', 2],
    ['The gap (2 m) is small', 2],
    ['2.5 (meters)', 2.5],
    ['2.5 (in meters)', 2.5],
    ['There are 2 chairs, 3 meters apart.', 3],
    ['The chair is 1 m wide and stands 4 m from the table', 4],
    ['2 m from a yard', 2],
    ['a bullet:\n- 3 m', 3],
    ['\\scalar{2-3} \\distance_unit{m}', 2.5],
    ['\\scalar{250} \\distance_unit{spans}', 2.5],
    ['first \\scalar{1} \\distance_unit{m}, no: \\scalar{2} \\distance_unit{\\text{m}}', 2],
  ])('reads %j as %d m', (text, metres) => expect(parseDistance(text)?.size).toBeCloseTo(metres, 10));

  it.each(['5 ft 3 in', '5\'3"', '5′3″', '5’-3”', "5'3", '5 feet, 3 inches', '5 ft. 3 in.'])('%s', (text) => {
    expect(parseDistance(text)?.size).toBeCloseTo(5 * 0.3048 + 3 * 0.0254, 10);
  });

  it.each([
    '-2 m',
    'minus two meters',
    'a few meters',
    'several hundred meters',
    'hundreds of meters',
    'the 2nd',
    '3:30',
    '10 minutes',
    '20 %',
    '30°',
    '2 m/s',
    '4 m²',
    '4 m2',
    '4 square meters',
    '1e999 m',
    'NaN m',
    '3 chairs',
    'chair 2',
    'The distance between chair 1 and chair 2 is unclear.',
    '10 in front of it',
    'Yes',
    '',
    '\\scalar{-2} \\distance_unit{m}',
  ])('parseDistance: finds no distance in %j', (text) => expect(parseDistance(text)).toBeNull());

  it('assumes the given unit for a bare number, and marks the unit as assumed', () => {
    expect(parseDistance('about 2.5', 'ft')).toMatchObject({
      size: 2.5 * 0.3048,
      unit: 'ft',
      assumed_unit: true,
    });
    expect(parseDistance('"12"', 'cm')).toMatchObject({ assumed_unit: true });
    expect(parseDistance('12"', 'cm')).toMatchObject({ unit: 'in', assumed_unit: false });
  });

  it.each(['less than 3 m', 'up to 3 m', '< 3 m', 'at least about 3 m'])('reads %s as a bound', (text) =>
    expect(parseDistance(text)).toMatchObject({ size: 3, bound: true }),
  );

  property(
    'parseDistance: reads any unit, and scales with the number',
    [fc.integer({ min: 0, max: 99_999 }), fc.constantFrom(...units)],
    (n, unit) => {
      const read = parseDistance(`It is ${n / 100} ${unit}.`);
      expect(read?.size).toBeCloseTo((n / 100) * LENGTHS[unit], 6);
      expect(parseDistance(`It is ${n / 10} ${unit}.`)!.size).toBeCloseTo(10 * read!.size, 4);
    },
  );

  property(
    'parseDistance: reads numbers with thousands commas, also in a sentence',
    [fc.nat(9_999_999)],
    (n) => {
      expect(parseDistance(`${n.toLocaleString('en-US')} mm`)?.size).toBeCloseTo(n / 1000, 8);
      expect(parseDistance(`The cup is ${n} mm to the left of the plate`)?.size).toBeCloseTo(n / 1000, 8);
    },
  );
});
