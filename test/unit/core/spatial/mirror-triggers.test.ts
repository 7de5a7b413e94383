import { describe, expect, it } from 'vitest';
import { readRow } from '../../../../src/core/spatial/mirror/surroundings.ts';
import type { Trigger } from '../../../../src/core/spatial/mirror/writing.ts';
import { triggered, TRIGGERS } from '../../../../src/core/spatial/mirror/triggers.ts';

function rulesOf(row: string, { images }: Trigger): string[] {
  const [question = '', answer = ''] = row.split(' → ');
  const sample = { id: '', question, answer, images: images === 'several' ? ['a.jpg', 'b.jpg'] : ['a.jpg'] };
  return triggered(sample, readRow(sample), true).map(({ rule }) => rule);
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
});
