import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrecisionTally } from '../../../../src/core/annotation/review-figures.ts';
import { ReviewTable } from '../../../../src/core/annotation/review-table.ts';
import { WAITING } from '../../../../src/core/annotation/waiting.ts';
import { decide, reviewItem, type Decision } from '../../../../src/core/annotation/review.ts';
import { wordDiff } from '../../../../src/base/word-diff.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import { flipPolarity } from '../../../../src/rows/views/polarity/flip.ts';
import type { MirrorVariant, Sample } from '../../../../src/rows/sample/sample.ts';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { judgedOf } from '../../../../src/rows/sample/judged.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';
import { inView } from '../../../../src/rows/views/view.ts';
import { property } from '../../../support/property.ts';

const WHO = { by: 'mira', at: '2026-02-03T04:05:06Z' };

const row = (question: string, answer: string, more: Partial<MirrorVariant> = {}): Sample => {
  const sample = { id: question, question, answer, images: [] };
  return { ...sample, variants: { mirror: { ...mirrorSample(sample), ...more } } };
};
/** Accepts an untouched text in which a side may have to change. */
const ALTHOUGH = { kind: 'accept', although: ['side_changed'] } as const;
const CAKE = row('What is left of the cake?', 'crumbs', { review: { state: 'pending' } });

describe('row changed by another program after its review', () => {
  const accepted = decide(
    row('Is the cup left or right of the jug?', 'left'),
    'mirror',
    { kind: 'accept' },
    WHO,
  );
  const changed = { ...accepted, question: 'Is the glass left or right of the jug?' };

  it('returns a row changed by another program to pending, and reruns checks', () => {
    expect(reviewItem(accepted, 'mirror')).toMatchObject({ state: 'accepted', failed: [] });
    const item = reviewItem(changed, 'mirror')!;
    expect(item).toMatchObject({ state: 'pending', older: { question: accepted.question } });
    expect(item.failed).toEqual(expect.arrayContaining(['sides_swapped', 'double_flip']));
    expect(() => decide(changed, 'mirror', { kind: 'accept' }, WHO)).toThrow(
      /Cannot accept .*a side word is unchanged, or another word changes/,
    );
    const although = ['pair_words_only', 'sides_swapped', 'double_flip'];
    const { mirror } = decide(changed, 'mirror', { kind: 'accept', although }, WHO).variants!;
    expect(mirror!.review).toMatchObject({ state: 'accepted', although });
    expect(mirror!.checks).toMatchObject({ sides_swapped: 'fail', side_changed: 'pass' });
  });
});

describe('decide: review decisions', () => {
  it('records reviewer, time and note, and changes no other field', () => {
    const after = decide(CAKE, 'mirror', { ...ALTHOUGH, note: 'clear' }, WHO);
    const { review, ...rest } = after.variants!.mirror!;
    const before = { ...CAKE.variants!.mirror! };
    delete before.review;
    expect(review).toEqual({
      state: 'accepted',
      ...WHO,
      note: 'clear',
      judged: judgedOf(CAKE, CAKE.variants!.mirror!),
      although: ['side_changed'],
    });
    expect(rest).toEqual(before);
    expect({ ...after, variants: 0 }).toEqual({ ...CAKE, variants: 0 });
  });

  it('sets whether the variant is trusted, regardless of its status', () => {
    const after = (decision: Decision, sample = CAKE) =>
      isTrusted(decide(sample, 'mirror', decision, WHO).variants!.mirror);
    expect(after(ALTHOUGH)).toBe(true);
    expect(after({ kind: 'edit', texts: { answer: 'the fork' } })).toBe(true);
    const sure = row('Is it left of the cup?', 'Yes');
    expect(after({ kind: 'discard' }, sure)).toBe(false);
    expect(after({ kind: 'reopen' }, sure)).toBe(false);
    for (const kind of ['accept', 'discard'] as const)
      expect(after({ kind: 'reopen' }, decide(sure, 'mirror', { kind }, WHO))).toBe(true);
  });

  it('applies an edit as text by a person, and runs the same checks', () => {
    const texts = { question: 'What is right of the big cake?' };
    const sample = decide(CAKE, 'mirror', { kind: 'edit', texts }, WHO);
    expect(sample.variants!.mirror).toMatchObject({
      question: texts.question,
      answer: 'crumbs',
      route: 'human',
      status: 'needs_llm',
      review: { state: 'edited' },
      checks: { pair_words_only: 'fail' },
    });
    expect(inView(sample, 'mirror')!.question).toBe(texts.question);
  });

  it('rejects a text that contradicts the boxes, with an explanation', () => {
    const box = (id: string, x: number) => ({
      id,
      label: id,
      box: [x, 10, x + 20, 30] as [number, number, number, number],
      box_format: 'xyxy_px' as const,
    });
    const sample: Sample = {
      id: 'a',
      question: 'Which side of the cup is the plate on?',
      answer: 'left',
      images: [{ path: 'a.png', w: 100, h: 60 }],
      scene_graph: { version: 1, objects: [box('cup', 5), box('plate', 60)], relations: [] },
    };
    const mirrored = { ...sample, variants: { mirror: mirrorSample(sample) } };
    const reason = 'According to the boxes, the plate is right of the cup; the answer is "left".';
    expect(mirrored.variants.mirror).toMatchObject({ status: 'needs_llm', reason });
    expect(() => decide(mirrored, 'mirror', { kind: 'accept' }, WHO)).toThrow(
      `${reason} Correct one of them in row "a".`,
    );
    expect(() => decide(mirrored, 'mirror', { kind: 'discard' }, WHO)).not.toThrow();

    const right = { ...sample, answer: 'right' };
    const pair = { ...right, variants: { mirror: mirrorSample(right) } };
    expect(pair.variants.mirror).toMatchObject({ status: 'flipped', checks: { graph_agrees: 'pass' } });
    expect(() => decide(pair, 'mirror', { kind: 'accept' }, WHO)).not.toThrow();
    const wrong = { kind: 'edit', texts: { answer: 'right' } } as const;
    expect(() => decide(pair, 'mirror', wrong, WHO)).toThrow(
      'In the mirror: According to the boxes, the plate is left of the cup; the answer is "right".',
    );
  });

  it('counts a text as edited whoever accepts it, again or after discarding it', () => {
    const edit = { kind: 'edit', texts: { question: 'What is right of the cake?' } } as const;
    const edited = decide(CAKE, 'mirror', edit, WHO);
    const stateAfter = (...decisions: Decision[]) =>
      reviewItem(
        decisions.reduce((sample, decision) => decide(sample, 'mirror', decision, WHO), edited),
        'mirror',
      )!.state;
    expect(stateAfter(ALTHOUGH)).toBe('edited');
    expect(stateAfter({ kind: 'discard' }, { kind: 'accept' })).toBe('edited');
    expect(reviewItem(decide(edited, 'mirror', ALTHOUGH, { ...WHO, by: 'jon' }), 'mirror')).toMatchObject({
      state: 'edited',
      people: [{ said: 'edited' }, { by: 'jon', said: 'edited' }],
    });
  });

  it('treats an edit without changes as an acceptance', () => {
    const sure = row('Is it left of the cup?', 'Yes');
    const same = { kind: 'edit', texts: { answer: 'Yes' } } as const;
    expect(decide(sure, 'mirror', same, WHO)).toEqual(decide(sure, 'mirror', { kind: 'accept' }, WHO));
  });

  it('rejects a copy of the original as an opposite question', () => {
    const sample: Sample = {
      id: 'a',
      question: 'Is the cup left of the jug and above the plate?',
      answer: 'Yes',
      images: [],
    };
    const made = { ...sample, variants: { polarity: flipPolarity(sample) } };
    expect(made.variants.polarity).toMatchObject({ status: 'needs_llm', question: sample.question });
    const same = { kind: 'edit', texts: { answer: 'Yes' } } as const;
    expect(() => decide(made, 'polarity', { kind: 'accept' }, WHO)).toThrow('repeats the original');
    expect(() => decide(made, 'polarity', same, WHO)).toThrow('repeats the original');
    expect(() => decide(made, 'polarity', { kind: 'discard' }, WHO)).not.toThrow();

    const texts = { question: 'Is the cup right of the jug or below the plate?', answer: 'No' };
    const written = decide(made, 'polarity', { kind: 'edit', texts }, WHO);
    expect(decide(written, 'polarity', { kind: 'accept' }, WHO).variants!.polarity).toMatchObject({
      ...texts,
      review: { state: 'edited' },
    });
    const { question, answer } = sample;
    const back = decide(written, 'polarity', { kind: 'edit', texts: { question, answer } }, WHO);
    expect(back.variants!.polarity!.review).toEqual({ state: 'pending' });
    expect(isTrusted(back.variants!.polarity)).toBe(false);
  });

  it('does not trust an accepted copy of the original, and returns the row to pending', () => {
    const question = 'Is the cup left of the jug and above the plate?';
    const original: Sample = { id: 'a', question, answer: 'Yes', images: [] };
    const copy = { ...flipPolarity(original), review: { state: 'accepted' as const } };
    const held: Sample = { ...original, variants: { polarity: copy } };
    expect(inView(held, 'polarity')).toBeNull();
    expect(reviewItem(held, 'polarity')).toMatchObject({ state: 'pending' });
    expect(checkSample(held).map(({ code }) => code)).toEqual(['opposite-repeats']);
    const written = { ...held, variants: { polarity: { ...copy, answer: 'No' } } };
    expect(inView(written, 'polarity')).toMatchObject({ answer: 'No' });
    expect(reviewItem(written, 'polarity')).toMatchObject({ state: 'accepted' });
    const thrown = { ...copy, review: { state: 'discarded' as const } };
    expect(reviewItem({ ...held, variants: { polarity: thrown } }, 'polarity')).toMatchObject({
      state: 'discarded',
    });
  });

  it('accepts a mirror identical to the original, because some rows have no side to flip', () => {
    const sure = row('How far is the cake?', '2 m');
    for (const { variants } of [sure, CAKE].map((one) => decide(one, 'mirror', ALTHOUGH, WHO)))
      expect(isTrusted(variants!.mirror)).toBe(true);
  });

  it('rejects a missing variant, and the acceptance of an empty answer', () => {
    expect(() => decide(CAKE, 'polarity', { kind: 'accept' }, WHO)).toThrow('has no polarity');
    const empty = row('What is left of the cake?', 'crumbs', { answer: ' ' });
    expect(() => decide(empty, 'mirror', { kind: 'accept' }, WHO)).toThrow('lacks a question or an answer');
    expect(() => decide(empty, 'mirror', { kind: 'discard' }, WHO)).not.toThrow();
  });
});

it('reviewItem: shows the original author of a text even after an edit by a person', () => {
  const attempt = (prompt: string, answer: string) => ({
    prompt,
    raw: '',
    question: CAKE.question,
    answer,
    checks: {},
  });
  const llm = {
    model: 'm',
    images: false,
    attempts: [attempt('naive', 'the fork'), attempt('verify', 'crumbs')],
  };
  const sample = row(CAKE.question, 'crumbs', { llm, checks: { a: 'pass', b: 'fail', c: 'undecidable' } });
  expect(reviewItem(sample, 'mirror')).toMatchObject({
    route: 'verified',
    failed: ['b', 'c'],
    state: 'pending',
    category: 'left_right',
    rules: ['ambiguous.left'],
    prompts: [
      { name: 'naive', same: false },
      { name: 'verify', same: true },
    ],
  });
  const edited = decide(sample, 'mirror', { kind: 'edit', texts: { answer: 'the fork' } }, WHO);
  expect(reviewItem(edited, 'mirror')).toMatchObject({
    route: 'verified',
    state: 'edited',
    prompts: [{ same: true }, { same: false }],
  });
  expect(reviewItem({ ...sample, variants: {} }, 'mirror')).toBeNull();
  const broken = row('?', '!', {
    llm: { attempts: [null, 3, { prompt: 'p' }] } as never,
    checks: undefined as never,
  });
  expect(reviewItem(broken, 'mirror')).toMatchObject({ route: 'llm', failed: [] });
});

it('ReviewTable: filters the queue by state, check and text', () => {
  const samples = [
    CAKE,
    row('Is it left of the cup?', 'Yes', { checks: { double_flip: 'fail', graph_agrees: 'fail' } }),
    row('How far is the CAKE?', '2 m'),
    decide(row('Is the jug left?', 'No'), 'mirror', ALTHOUGH, WHO),
    row('What is left of the jug?', 'No'),
  ];
  const rowsOf = (filter: string) => {
    const table = new ReviewTable(filter);
    samples.forEach((sample, i) => table.add(10 * i, reviewItem(sample, 'mirror')!, sample));
    return table.select();
  };
  expect(rowsOf('')).toEqual([0, 10, 20, 30, 40]);
  expect(rowsOf(WAITING)).toEqual([0, 40]);
  expect(rowsOf('status = needs_llm or state = accepted')).toEqual([0, 30, 40]);
  expect(rowsOf('check contains double_flip')).toEqual([10]);
  expect(rowsOf('category = unaffected')).toEqual([20]);
  expect(rowsOf('rule contains side.of and not state = accepted')).toEqual([10]);
  expect(rowsOf('cake')).toEqual([0, 20]);
  expect(rowsOf('answer = No')).toEqual(
    samples.flatMap(({ answer }, i) => (answer === 'No' ? [10 * i] : [])),
  );
  expect(rowsOf('question contains jug')).toEqual([30, 40]);
  expect(rowsOf('"right of the cup"')).toEqual([10]);
  expect(() => rowsOf('colour = red')).toThrow(/colour/);
});

describe('PrecisionTally', () => {
  it('counts rows by source and trust: accepted as right, edited and discarded as wrong', () => {
    const tally = new PrecisionTally();
    const sure = row('Is it left of the cup?', 'Yes');
    tally.count(reviewItem(CAKE, 'mirror')!, 'a.png', 1);
    tally.count(reviewItem(sure, 'mirror')!, 'a.png', 1);
    expect(tally.rows()).toEqual([]);
    for (const kind of ['accept', 'accept', 'discard'] as const)
      tally.count(reviewItem(decide(sure, 'mirror', { kind }, WHO), 'mirror')!, 'a.png', 1);
    const edit = { kind: 'edit', texts: { answer: 'the fork' } } as const;
    tally.count(reviewItem(decide(CAKE, 'mirror', edit, WHO), 'mirror')!, 'a.png', 1);
    expect(
      tally.rows().map(({ kind, name, deferred, right, n }) => [kind, name, deferred, right, n]),
    ).toEqual([
      ['route', 'rules', false, 2, 3],
      ['route', 'rules', true, 0, 1],
      ['rule', 'side.of', false, 2, 3],
      ['rule', 'ambiguous.left', true, 0, 1],
    ]);
  });

  it('computes the interval by image: ten rows of one image count as one row', () => {
    const of = (imageOf: (i: number) => string) => {
      const tally = new PrecisionTally();
      const accepted = reviewItem(decide(CAKE, 'mirror', ALTHOUGH, WHO), 'mirror')!;
      for (let i = 0; i < 10; i++) tally.count(accepted, imageOf(i), 1);
      tally.count(accepted, 'again', 1);
      tally.count(accepted, 'again', -1);
      return tally.rows()[0]!.interval[0];
    };
    // The exact lower ends for 1 of 1 and 10 of 10, 0.025^(1/n).
    expect(of(() => 'a.png')).toBeCloseTo(0.025, 4);
    expect(of((i) => `${i}.png`)).toBeCloseTo(0.6915, 4);
  });
});

describe('wordDiff: changed words', () => {
  const text = fc
    .array(fc.constantFrom('left', 'right', ' ', 'of', ', ', 'the', '\n', '🙂', 'e\u0301', '\u202e'))
    .map((words) => words.join(''));
  property('wordDiff preserves both texts, and marks all different words', [text, text], (a, b) => {
    const diff = wordDiff(a, b);
    const join = (pieces: { text: string }[]) => pieces.map((piece) => piece.text).join('');
    const shared = (pieces: { text: string; changed: boolean }[]) =>
      join(pieces.filter((piece) => !piece.changed));
    expect([join(diff.before), join(diff.after)]).toEqual([a, b]);
    expect(shared(diff.before)).toBe(shared(diff.after));
    if (a === b) expect(diff.before.some((piece) => piece.changed)).toBe(false);
  });

  it('wordDiff compares whole words', () => {
    expect(wordDiff('left of the cup', 'right of the cup').after).toEqual([
      { text: 'right', changed: true },
      { text: ' of the cup', changed: false },
    ]);
  });

  it('wordDiff marks the sides that the mirror swapped', () => {
    const marked = (pieces: { text: string; changed: boolean }[]) =>
      pieces.filter((piece) => piece.changed).map((piece) => piece.text);
    const diff = wordDiff('Is it left of the left-hand cup?', 'Is it right of the right-hand cup?');
    expect([marked(diff.before), marked(diff.after)]).toEqual([
      ['left', 'left'],
      ['right', 'right'],
    ]);
  });

  it('wordDiff marks long texts with little in common as entirely changed', () => {
    const [a, b] = [7, 11].map((n) => Array.from({ length: 100_000 }, (_, i) => (i * i) % n).join(' '));
    expect(wordDiff(a!, b!).after).toEqual([{ text: b, changed: false }]);
  });
});
