import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseMapping } from '../../../../src/lab/datasets/choose-mapping.ts';
import { DataError } from '../../../../src/lab/datasets/data-error.ts';
import type { Row } from '../../../../src/lab/datasets/mappings/mapping.ts';
import { forAllAsync } from '../../../support/property.ts';

const THINGS = ['kettle', 'ladder', 'barrel', 'anvil', 'saddle', 'lantern'];
const table = fc.array(
  fc.record({ options: fc.shuffledSubarray(THINGS, { minLength: 3, maxLength: 5 }), right: fc.nat(2) }),
  { minLength: 3, maxLength: 9 },
);
const answersOf = async (rows: readonly Row[]) => {
  const columns = Object.keys(rows[0]!);
  const mapping = await chooseMapping({}, { columns, first: () => Promise.resolve([...rows]) });
  return rows.map((row, i) => mapping.sample(row, String(i)).answer);
};

describe('format of a reference answer column', () => {
  it('property: detects the answer format from all rows: index from 0 or 1, letter, or text', async () => {
    await forAllAsync(
      [table, fc.constantFrom('from 0', 'from 1', 'letter', 'text')],
      { numRuns: 2000, seed: 5 },
      async (drawn, form) => {
        const rows = drawn.map(({ options, right }, i) => ({
          options: options.slice(0, 3),
          right: i === 0 ? 0 : i === 1 ? 2 : right,
        }));
        const said = {
          'from 0': (i: number) => i,
          'from 1': (i: number) => i + 1,
          letter: (i: number) => 'ABC'[i],
        };
        const asked = rows.map(({ options, right }) => ({
          question: 'Which one is it?',
          options,
          answer: form === 'text' ? options[right] : said[form as 'letter'](right),
        }));
        const expected = rows.map(({ options, right }) =>
          form === 'letter' ? 'ABC'[right] : options[right],
        );
        expect(await answersOf(asked)).toEqual(expected);
      },
    );
  });
});

describe('options in one text cell', () => {
  const choicesOf = async (cell: string, answer: string) => {
    const row = { question: 'Which one is it?', options: cell, answer, image: 'a.png' };
    const mapping = await chooseMapping(
      {},
      { columns: Object.keys(row), first: () => Promise.resolve([row]) },
    );
    const { choices, meta } = mapping.sample(row, '0');
    return { choices, meta };
  };

  it('property: every separator gives the same options', async () => {
    const separators = fc.constantFrom(';', '; ', '|', ' | ', '\n', ',', ', ');
    const options = fc.shuffledSubarray(THINGS, { minLength: 2 });
    await forAllAsync(
      [options, separators, fc.boolean()],
      { numRuns: 300 },
      async (list, separator, ends) => {
        const cell = list.join(separator) + (ends ? separator : '');
        expect(await choicesOf(cell, list[1]!)).toEqual({ choices: list, meta: undefined });
      },
    );
  });

  it('keeps a text without options under the name of its column', async () => {
    for (const cell of ['a kettle', 'a kettle, or none', 'kettle'])
      expect(await choicesOf(cell, 'kettle')).toEqual({ choices: undefined, meta: { options: cell } });
  });
});

describe('a reference answer column with numeric options', () => {
  const row = (options: number[], answer: number) => ({ question: 'How many are there?', options, answer });

  it('requires an explicit rule if several answer formats fit, and counts mismatches', async () => {
    const rows = [row([2, 1, 3, 0], 2), row([1, 0, 2, 3], 3), row([3, 1, 0, 2], 0)];
    const asked = await answersOf(rows).catch((error: unknown) => error as DataError);
    expect(asked).toBeInstanceOf(DataError);
    const { message } = asked as DataError;
    expect(message).toContain(
      'as texts, 0 rows of 3 match no option; from 0, 0 rows of 3 match no option; from 1, 1 row',
    );
    expect(message).toContain('answer_index=answer');
  });

  it('reads numeric answers as text if an index fails, or if both formats give the same answer', async () => {
    expect(await answersOf([row([2, 7, 3], 7), row([1, 0, 2], 2)])).toEqual([7, 2]);
    expect(await answersOf([row([0, 1, 2], 1), row([0, 1, 2], 2)])).toEqual([1, 2]);
  });
});
