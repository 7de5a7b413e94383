import { describe, expect, it } from 'vitest';
import { readRow } from '../../../../src/core/read/row.ts';
import type { Trigger } from '../../../../src/core/read/words/writing.ts';
import { triggered, TRIGGERS } from '../../../../src/core/read/reading.ts';

function rulesOf(row: string, { images }: Trigger, chiral = true): string[] {
  const [question = '', answer = '', reasoning] = row.split(' → ');
  const texts = { question, answer, ...(reasoning !== undefined && { reasoning }) };
  const sample = { id: '', ...texts, images: images === 'several' ? ['a.jpg', 'b.jpg'] : ['a.jpg'] };
  return triggered(sample, readRow(sample), chiral, { x: true, y: true }).map(({ rule }) => rule);
}

describe('every trigger', () => {
  it.each(TRIGGERS.map((trigger) => [trigger.rule, trigger.example, trigger] as const))(
    '%s is pulled by: %s',
    (rule, example, trigger) => expect(rulesOf(example, trigger)).toContain(rule),
  );

  it.each(TRIGGERS.map((trigger) => [trigger.rule, trigger.counterExample, trigger] as const))(
    '%s is not pulled by: %s',
    (rule, example, trigger) => expect(rulesOf(example, trigger)).not.toContain(rule),
  );

  it.each(TRIGGERS)('$rule needs a side only if it says so, and has a name and a message', (trigger) => {
    const pulled = rulesOf(trigger.example, trigger, false).includes(trigger.rule);
    expect(pulled).toBe(trigger.chiral !== true);
    expect(trigger.rule).toMatch(/^[a-z]+(?:\.[a-z]+)?$/);
    expect(trigger.message).toMatch(/^[A-Z].*\.$/);
    expect(['review', 'discard']).toContain(trigger.level);
    expect(trigger.counterExample).toMatch(/\w+ \w+/);
  });

  it('of an order needs somebody who lists it', () => {
    const order = TRIGGERS.find(({ rule }) => rule === 'order.unnamed')!;
    expect(rulesOf('Name the cups in order.', order)).toContain('order.unnamed');
    expect(rulesOf('Are the cups in order?', order)).toEqual([]);
  });
});
