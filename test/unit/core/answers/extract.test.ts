import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCompletion, thinkText } from '../../../../src/core/answers/extract.ts';
import { property } from '../../../support/property.ts';

const plain = fc.string().map((text) => text.replace(/[<>]/g, ''));
const shards = fc
  .array(
    fc.oneof(
      fc.constantFrom('<think>', '</think>', '<answer>', '</answer>', '< Answer >', '</ THINK>', '<think'),
      fc.string({ maxLength: 6 }),
    ),
  )
  .map((parts) => parts.join(''));

describe('format check', () => {
  it.each([
    ['<think>a</think><answer>b</answer>', true],
    [' \u00a0<think></think>\n\n<answer>b\nc</answer>\u00a0', true],
    ['<think>a</think><answer> </answer>', false],
    ['<think>a</think> so <answer>b</answer>', false],
    ['<think>a</think><answer>b</answer>.', false],
    ['<Think>a</Think><answer>b</answer>', false],
    ['<think>a<think>b</think></think><answer>c</answer>', false],
    ['<think>a</think><answer>b</answer><answer>c</answer>', false],
    ['<answer>b</answer><think>a</think>', false],
    ['<answer>b</answer>', false],
  ])('the format check of %j returns %s', (text, ok) => expect(readCompletion(text).format_ok).toBe(ok));

  property(
    'the format check passes only if strict and lenient extraction are equal',
    [
      fc.oneof(
        shards,
        fc.tuple(plain, plain).map(([t, a]) => `<think>${t}</think><answer>${a}</answer>`),
      ),
    ],
    (text) => {
      const { format_ok, strict, lenient } = readCompletion(text);
      if (!format_ok) return;
      expect(strict).not.toBeNull();
      expect(lenient).toEqual({ text: strict, path: 'tags' });
    },
  );
});

describe('readCompletion: answers in tags', () => {
  it.each([
    // completion, strict, lenient, path
    ['<think>a</think><answer>b</answer>', 'b', 'b', 'tags'],
    ['<answer>b</answer>', 'b', 'b', 'tags'],
    ['<think>x</think><answer>a</answer> or <answer>b</answer>', 'b', 'b', 'tags'],
    ['<think>a</think>< Answer >b</ANSWER>', null, 'b', 'loose_tags'],
    ['<think>a</think><answer>b', null, 'b', 'unclosed_answer'],
    ['<think>a <answer>b</answer>', 'b', 'b', 'unclosed_think'],
    ['<think>a</think> b', null, 'b', 'after_think'],
    ['a</think>b', null, 'b', 'after_think'],
    ['<answer>b</answer><think>a</think>', null, 'b', 'before_think'],
    ['b', null, 'b', 'whole'],
    ['b</answer>', null, 'b', 'whole'],
    ['<think>a <answer>b</answer></think>', null, '', 'none'],
    ['a <answer>b</answer></think>', null, '', 'none'],
    ['<think>a', null, '', 'none'],
    ['<think>a</think><answer></answer>', '', '', 'none'],
    [' ', null, '', 'none'],
  ])('readCompletion: extracts the answer from %j', (completion, strict, text, path) => {
    expect(readCompletion(completion)).toMatchObject({ strict, lenient: { text, path } });
  });

  property(
    'readCompletion ignores answers inside a closed thought, and never throws',
    [shards, plain],
    (text, inside) => {
      const { lenient } = readCompletion(text);
      expect(lenient.text).toBe(lenient.text.trim());
      expect(readCompletion(`<think>${inside}<answer>5</answer></think>`).lenient.text).toBe('');
    },
  );

  it.each([
    ['<think>a</think><answer>b</answer>', 'a'],
    ['a</think>b', 'a'],
    ['<think>a', 'a'],
    ['<think>a</think><think>b</think>c', 'a\nb'],
    ['First I look. <answer>b</answer>', 'First I look.'],
    ['just this', ''],
  ])('thinkText(%j) returns %j', (completion, thought) => expect(thinkText(completion)).toBe(thought));
});
