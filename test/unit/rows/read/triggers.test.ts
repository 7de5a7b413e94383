import { describe, expect, it } from 'vitest';
import { readRow } from '../../../../src/rows/read/asked.ts';
import type { Trigger } from '../../../../src/rows/read/words/conventions.ts';
import { TRIGGER_CASES } from './trigger-cases.ts';
import { triggered, TRIGGERS } from '../../../../src/rows/read/reading.ts';

function rulesOf(row: string, { images }: Trigger, sided = true): string[] {
  const [question = '', answer = '', reasoning] = row.split(' → ');
  const texts = { question, answer, ...(reasoning !== undefined && { reasoning }) };
  const sample = { id: '', ...texts, images: images === 'several' ? ['a.jpg', 'b.jpg'] : ['a.jpg'] };
  return triggered(sample, readRow(sample), sided, { x: true, y: true }).map(({ rule }) => rule);
}

const CASES = TRIGGERS.map((trigger, i) => ({ trigger, texts: TRIGGER_CASES[i] ?? ['', '', ''] }));

it('TRIGGER_CASES: contain a matching and a non-matching text for each trigger', () =>
  expect(TRIGGER_CASES.map(([rule]) => rule)).toEqual(TRIGGERS.map(({ rule }) => rule)));

describe.each(CASES)('trigger $texts.0', ({ trigger, texts: [rule, example, counterExample] }) => {
  it(`triggers: ${example}`, () => expect(rulesOf(example, trigger)).toContain(rule));
  it(`ignores: ${counterExample}`, () => expect(rulesOf(counterExample, trigger)).not.toContain(rule));

  it('a trigger requires a side only if sided, and has a valid name, level and message', () => {
    const pulled = rulesOf(example, trigger, false).includes(rule);
    expect(pulled).toBe(trigger.sided !== true);
    expect(rule).toMatch(/^[a-z]+(?:\.[a-z]+)?$/);
    expect(trigger.message).toMatch(/^[A-Z].*\.$/);
    expect(['review', 'discard']).toContain(trigger.level);
    expect(counterExample).toMatch(/\w+ \w+/);
  });
});

describe('trigger order.unnamed', () => {
  it('order.unnamed matches a request to list an order, but not a question about an order', () => {
    const order = TRIGGERS.find(({ rule }) => rule === 'order.unnamed')!;
    expect(rulesOf('Name the cups in order.', order)).toContain('order.unnamed');
    expect(rulesOf('Are the cups in order?', order)).toEqual([]);
  });
});
