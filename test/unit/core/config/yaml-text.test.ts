import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '../../../../src/core/config/config-source.ts';
import { forAll } from '../../../support/property.ts';

describe('yamlText', () => {
  it('quotes texts that YAML 1.1 reads as other types, and writes exponents with a point', () => {
    const value = { mode: 'off', on: 'yes', eps: 1e-8, large: 1e21, at: '12:30', day: '2024-01-01', is: '=' };
    expect(yamlText(value)).toBe(
      [
        'mode: "off"',
        '"on": "yes"',
        'eps: 1.0e-8',
        'large: 1.0e+21',
        'at: "12:30"',
        'day: "2024-01-01"',
        'is: "="',
        '',
      ].join('\n'),
    );
  });

  it('property: yamlText: YAML 1.1 and 1.2 parse the output to the original value', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'off',
        'No',
        'y',
        '~',
        'null',
        '1e-8',
        '1_000',
        '0o17',
        '010',
        '.inf',
        '190:20:30',
        '<<',
      ),
    );
    const leaves = fc.oneof(
      texts,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value || 0),
      fc.boolean(),
      fc.constant(null),
    );
    const values = fc.dictionary(
      texts.filter((key) => key !== '__proto__'),
      fc.oneof(leaves, fc.array(leaves)),
    );
    forAll([values], (value) => {
      const text = yamlText(value);
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(parse(text)).toEqual(plain);
      expect(parse(text, { version: '1.1' })).toEqual(plain);
    });
  });
});
