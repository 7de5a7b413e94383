import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sample } from '../../../../src/rows/sample/sample.ts';

const lists = vi.hoisted((): string[] => []);
vi.mock('../../../../src/rows/read/tokens.ts', async (original) => {
  const module = await original<typeof import('../../../../src/rows/read/tokens.ts')>();
  class Text extends module.Text {
    constructor(text: string) {
      super(text);
      lists.push(text);
    }
  }
  const tokenise: typeof module.tokenise = (text, pieces) => {
    lists.push(text);
    return module.tokenise(text, pieces);
  };
  return { ...module, Text, tokenise };
});
// The process that runs this file may have loaded these modules before, and may load them again.
vi.resetModules();
const { readingOf } = await import('../../../../src/rows/read/reading.ts');
const { rewriteFor } = await import('../../../../src/rows/views/view.ts');
const { rowsOnRecord } = await import('../views/outcomes.ts');
beforeEach(() => {
  lists.length = 0;
});
afterAll(() => {
  vi.resetModules();
});

const sample: Sample = {
  id: 'a',
  question: 'Is the cup left of the plate?',
  answer: 'Yes',
  images: ['a.png'],
};

describe('readingOf', () => {
  it('readingOf reads each text of a row once for all its views', () => {
    const row = { ...sample };
    for (const view of ['polarity', 'converse', 'exchange-names']) rewriteFor(row, view);
    expect(lists.filter((text) => text === sample.question)).toHaveLength(1);
  });

  it('readingOf requires at most 60 token lists to mirror a row of a world', async () => {
    const rows = [...(await rowsOnRecord(5000, 250))].filter(([name]) => name.startsWith('worlds/'));
    lists.length = 0;
    for (const [name, row] of rows) {
      const before = lists.length;
      rewriteFor(row, 'mirror');
      expect(lists.length - before, name).toBeLessThanOrEqual(60);
    }
    expect(rows.length).toBe(20);
    expect(lists.length / rows.length).toBeGreaterThan(5);
  });

  it('readingOf reads a row again after a change', () => {
    const row: Sample = { ...sample };
    const first = readingOf(row);
    expect(readingOf(row)).toBe(first);
    row.answer = 'No';
    expect(readingOf(row).row.answer.text).toBe('No');
    row.box_format = 'xyxy_norm';
    row.answer = 'Yes';
    expect(readingOf(row)).not.toBe(first);
  });
});
