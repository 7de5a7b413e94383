import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../../src/base/problem.ts';
import { FAULT_KINDS, faultOf, placesText, RowFaults, usableText } from '../../../src/base/row-faults.ts';
import { forAll } from '../../support/property.ts';

const problem = (code: string, severity: Problem['severity'] = 'error'): Problem => ({
  severity,
  code,
  message: `It is ${code}.`,
});

describe('summary of unusable rows', () => {
  it('counts each row once per fault, and only under its first fault', () => {
    const faults = new RowFaults();
    faults.add(1, []);
    faults.add(2, [problem('image-missing'), problem('image-encoding')]);
    faults.add(3, [problem('image-encoding')]);
    faults.add(4, [problem('image-missing')]);
    faults.add(5, [problem('image-damaged'), problem('utf8', 'warning')]);
    const usable = faults.of(13);
    expect(usableText(usable)).toBe(
      '9 of 13 rows usable: 2 names not UTF-8 · 1 image missing · 1 image damaged',
    );
    expect(placesText(usable.faults[0]!)).toBe('lines 2, 3');
    expect(placesText(usable.faults[1]!)).toBe('line 4');
  });

  it('reports that all rows are usable, even rows with warnings', () => {
    const faults = new RowFaults();
    expect(faults.add(1, [problem('utf8', 'warning')])).toBe(false);
    expect(usableText(faults.of(2))).toBe('all 2 rows usable');
    expect(usableText(faults.of(1))).toBe('1 row usable');
  });

  it('lists the first eight unusable rows, and the number of the remaining rows', () => {
    const faults = new RowFaults();
    for (let row = 0; row < 5000; row++) faults.add(`row ${row}`, [problem('table')]);
    const [fault] = faults.of(5000).faults;
    expect(placesText(fault!)).toBe('rows 0, 1, 2, 3, 4, 5, 6, 7 and 4,992 more');
    expect(fault!.rows.length).toBeLessThanOrEqual(1000);
  });

  it('property: counts each row either as usable or under exactly one fault', () => {
    const codes = [
      'image-encoding',
      'image-missing',
      'image-damaged',
      'json',
      'duplicate-id',
      'boxes',
      'utf8',
    ];
    const problems = fc.array(
      fc.record({ code: fc.constantFrom(...codes), severity: fc.constantFrom('error', 'warning') }),
      { maxLength: 3 },
    );
    forAll([fc.array(problems)], (rows) => {
      const faults = new RowFaults();
      rows.forEach((found, i) =>
        faults.add(
          i + 1,
          found.map(({ code, severity }) => problem(code, severity as Problem['severity'])),
        ),
      );
      const { usable, faults: kinds } = faults.of(rows.length);
      const bad = rows.filter((found) => found.some(({ severity }) => severity === 'error')).length;
      expect(usable).toBe(rows.length - bad);
      expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(bad);
      const order = kinds.map(({ kind }) => FAULT_KINDS.indexOf(kind));
      expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
    });
  });
});

it('faultOf: counts an unknown problem code as an incomplete row', () => {
  expect(faultOf([problem('boxes')])?.kind).toBe('incomplete');
  expect(faultOf([])).toBeNull();
});
