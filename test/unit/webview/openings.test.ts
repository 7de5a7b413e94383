import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openingsOf, withoutOpening } from '../../../webview/trace/list/list-rows.ts';

const TEMPLATE = 'Considering the relative positions of the ';
const asked = (thing: string) => `${TEMPLATE}${thing} and the lamp in the image, where is it?`;

test('openingsOf: omits the shared opening of a template, and keeps questions distinguishable', () => {
  const questions = ['mug', 'cat', 'sofa', 'chair', 'pen'].map(asked);
  const openings = openingsOf([...questions, 'How far is the mug from the lamp, in metres?']);
  expect(openings).toEqual([TEMPLATE]);
  expect(questions.map((question) => withoutOpening(question, openings).slice(0, 6))).toEqual([
    '…mug a',
    '…cat a',
    '…sofa ',
    '…chair',
    '…pen a',
  ]);
  expect(withoutOpening('How far is the mug?', openings)).toBe('How far is the mug?');
});

test('openingsOf: keeps words shared by only a few questions of a template', () => {
  const mugs = ['cat', 'sofa', 'chair', 'pen', 'cup'].map((thing) => asked(`mug, the ${thing}`));
  const others = ['pen', 'cup', 'box', 'dog'].map(asked);
  expect(openingsOf([...mugs, ...others])).toEqual([TEMPLATE]);
});

test('openingsOf: ignores repeated questions, and fewer than five similar questions', () => {
  expect(openingsOf(Array.from({ length: 50 }, () => asked('mug')))).toEqual([]);
  expect(openingsOf(['mug', 'cat', 'sofa', 'pen'].map(asked))).toEqual([]);
});

test('property: openingsOf: keeps different questions different and non-empty', () => {
  const word = fc.constantFrom('the', 'left', 'considering', 'relative', 'positions', 'mug?');
  const question = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.uniqueArray(question, { maxLength: 40 }), (questions) => {
      const openings = openingsOf(questions);
      for (const text of questions) expect(withoutOpening(text, openings).length).toBeGreaterThan(1);
      // Two may only look alike where what was left out differs, as it does between templates.
      for (const opening of openings) {
        const own = questions.filter((text) => openings.find((o) => text.startsWith(o)) === opening);
        expect(new Set(own.map((text) => withoutOpening(text, openings))).size).toBe(own.length);
      }
    }),
  );
});
