import { describe, expect, it } from 'vitest';
import { AgreementTally } from '../../../../src/core/metrics/people-agreement.ts';
import { consensusOf, type Judgement } from '../../../../src/core/annotation/decisions.ts';
import { conflictsOf, mergeRows } from '../../../../src/core/annotation/merge-rows.ts';
import { decide, type Decision } from '../../../../src/core/annotation/review.ts';
import { checkSample } from '../../../../src/rows/sample/check-sample.ts';
import { mirrorSample } from '../../../../src/rows/views/mirror/mirror-sample.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { judgedOf } from '../../../../src/rows/sample/judged.ts';
import { isTrusted } from '../../../../src/rows/sample/variant.ts';

const plain: Sample = { id: 'a', question: 'Is it left of the cup?', answer: 'Yes', images: [] };
const row: Sample = { ...plain, variants: { mirror: mirrorSample(plain) } };
const by = (name: string, sample: Sample, ...decisions: Decision[]): Sample =>
  decisions.reduce(
    (now, one) => decide(now, 'mirror', one, { ...(name && { by: name }), at: '2026-01-01' }),
    sample,
  );
const mirrorOf = (sample: Sample) => sample.variants!.mirror!;
const said = (words: string) =>
  words
    .split('')
    .map((word, i): Judgement => ({ by: String(i), said: word as never }))
    .filter((one) => one.said !== ('.' as never));
const tallyOf = (rows: readonly Judgement[][]) => {
  const tally = new AgreementTally();
  rows.forEach((one, i) => tally.count(one, `image ${i}`, 1));
  return tally.rows();
};

describe('decisions of several reviewers', () => {
  const accept: Decision = { kind: 'accept' };
  const discard: Decision = { kind: 'discard', note: 'why not' };
  const edit = (answer: string): Decision => ({ kind: 'edit', texts: { answer } });

  it('decisions of a single reviewer: the plain fields store the latest decision', () => {
    expect(mirrorOf(by('mira', row, accept, discard)).review).toEqual({
      state: 'discarded',
      by: 'mira',
      at: '2026-01-01',
      note: 'why not',
      judged: judgedOf(row, mirrorOf(row)),
    });
  });

  it('equal decisions settle the row; different decisions leave the row pending', () => {
    const both = by('jon', by('mira', row, accept), accept);
    expect(mirrorOf(both).review).toMatchObject({
      state: 'accepted',
      by: 'jon',
      decisions: [{ by: 'mira' }, { by: 'jon' }],
    });
    const apart = by('jon', by('mira', row, accept), discard);
    expect(mirrorOf(apart).review).toMatchObject({
      state: 'pending',
      decisions: [{ state: 'accepted' }, { state: 'discarded', why: 'why not' }],
    });
    expect(isTrusted(mirrorOf(apart))).toBe(false);
    expect(mirrorOf(by('mira', apart, discard)).review!.state).toBe('discarded');
    expect(mirrorOf(by('jon', apart, { kind: 'reopen' })).review).toMatchObject({
      state: 'pending',
      decisions: [{ by: 'mira' }],
    });
  });

  it('decisions keep the texts that each reviewer saw; settling restores the chosen text', () => {
    const apart = by('jon', by('mira', row, accept), edit('Yes, it is'));
    expect(consensusOf(mirrorOf(apart))).toBe('disagree');
    expect(mirrorOf(apart)).toMatchObject({
      answer: 'Yes, it is',
      review: { decisions: [{ texts: { answer: 'Yes' } }, { state: 'edited' }] },
    });
    const settled = mirrorOf(by('ann', apart, { kind: 'settle', for: 'mira' }));
    expect(settled).toMatchObject({
      answer: 'Yes',
      review: {
        state: 'accepted',
        by: 'ann',
        decisions: [{ by: 'mira' }, { by: 'jon', texts: { answer: 'Yes, it is' } }],
      },
    });
    expect(settled.review!.decisions![0]!.texts).toBeUndefined();
    expect([consensusOf(settled), isTrusted(settled)]).toEqual(['settled', true]);
    // Who accepts what another wrote agrees with it.
    const followed = mirrorOf(by('mira', apart, accept));
    expect([consensusOf(followed), followed.review!.state]).toEqual(['agree', 'edited']);
  });
});

describe('AgreementTally', () => {
  it('computes Cohen’s κ for two reviewers: counts of 20, 5, 10 and 15 give 0.4', () => {
    const table: [string, number][] = [
      ['aa', 20],
      ['ad', 5],
      ['da', 10],
      ['dd', 15],
    ];
    const [kappa] = tallyOf(table.flatMap(([words, n]) => Array.from({ length: n }, () => said(words))));
    expect(kappa).toMatchObject({ measure: 'kappa', n: 50, same: 35 });
    expect(kappa!.value).toBeCloseTo(0.4, 10);
    expect(kappa!.interval![0]).toBeCloseTo(0.1248, 3);
    expect(kappa!.interval![1]).toBeCloseTo(0.6182, 3);
  });

  it('computes Krippendorff’s α for more reviewers: 0.743 in the published example', () => {
    // Four observers, twelve units; a dot where somebody said nothing.
    const matrix = ['123321412...', '1233224125.3', '.3332342251.', '12332441251.'];
    const units = Array.from({ length: 12 }, (_, i) => said(matrix.map((words) => words[i]).join('')));
    const [alpha, ...pairs] = tallyOf(units);
    expect(alpha).toMatchObject({ measure: 'alpha', people: ['0', '1', '2', '3'] });
    expect(alpha!.value).toBeCloseTo(0.743, 3);
    expect(alpha!.interval![0]).toBeLessThan(0.743);
    expect(pairs).toHaveLength(6);
  });

  it('returns no coefficient if all decisions are equal, and subtracts undone decisions', () => {
    const tally = new AgreementTally();
    tally.count(said('aa'), 'a.png', 1);
    tally.count(said('ad'), 'b.png', 1);
    tally.count(said('ad'), 'b.png', -1);
    expect(tally.rows()).toMatchObject([{ n: 1, same: 1, value: null, interval: null }]);
  });
});

describe('mergeRows', () => {
  const merge = (a: object, b: object, base: object | null = row) =>
    mergeRows({ from: 'a', row: { ...a } }, { from: 'b', row: { ...b } }, base && { ...base }) as Sample;

  it('combines fields changed on one side and the decisions of both reviewers', () => {
    const a = by('mira', { ...row, meta: { tags: ['hard'] } }, { kind: 'accept' });
    const b = by('jon', { ...row, meta: { notes: 'dark' }, reasoning: 'because' }, { kind: 'discard' });
    const merged = merge(a, b);
    expect(merged).toMatchObject({ meta: { tags: ['hard'], notes: 'dark' }, reasoning: 'because' });
    expect(mirrorOf(merged).review).toMatchObject({
      state: 'pending',
      decisions: [{ by: 'mira' }, { by: 'jon' }],
    });
    expect(merged.conflicts).toBeUndefined();
  });

  it('keeps open conflicts of both sides, and drops settled conflicts', () => {
    const [a, b, c] = ['No', 'Maybe', 'Never'].map((answer) => ({ ...plain, answer }));
    const open = merge(a!, b!, null);
    const valuesOf = (one: Sample) =>
      conflictsOf(one).flatMap(({ values }) => values.map(({ value }) => value));
    expect(valuesOf(merge(c!, open, null))).toEqual(['Never', 'No', 'Maybe']);
    expect(valuesOf(merge(a!, open, null))).toEqual(['No', 'Maybe']);
    expect(valuesOf(merge(open, c!, null))).toEqual(['No', 'Maybe', 'Never']);
    const settled = { ...plain, answer: 'Maybe' };
    for (const merged of [merge(settled, open, open), merge(open, settled, open)])
      expect(merged).toEqual(settled);
  });

  it('merges changes to any view, and removes variants that one side removed', () => {
    const turned = (answer: string) => ({
      ...row,
      variants: { ...row.variants, views: { 'rotate:180': { ...mirrorOf(row), answer } } },
    });
    expect(merge(turned('No'), turned('Yes'), turned('No'))).toEqual(turned('Yes'));
    expect(merge(turned('No'), turned('Yes'), null).conflicts).toMatchObject([
      { path: ['variants', 'views', 'rotate:180', 'answer'] },
    ]);
    expect(merge(plain, row, row)).toEqual(plain);
    expect(merge(row, plain, row)).toEqual(plain);
    expect(merge(plain, by('jon', row, { kind: 'accept' }), row)).toMatchObject(
      by('jon', row, { kind: 'accept' }),
    );
  });

  it('keeps both values as a conflict if both sides changed a field or no base exists', () => {
    const [a, b, c] = ['No', 'Maybe', 'Never'].map((answer) => ({ ...plain, answer }));
    const merged = merge(a!, b!, plain);
    expect(merged.answer).toBe('No');
    expect(conflictsOf(merge(merged, c!, plain))).toEqual([
      {
        path: ['answer'],
        values: [
          { from: 'a', value: 'No' },
          { from: 'b', value: 'Maybe' },
          { from: 'b', value: 'Never' },
        ],
      },
    ]);
    expect(checkSample(merged).map(({ code, severity }) => [code, severity])).toEqual([
      ['merge-conflict', 'error'],
    ]);
    expect(conflictsOf(merge(plain, a!, plain))).toEqual([]);
    expect(conflictsOf(merge(plain, a!, null))).toHaveLength(1);
  });

  it('keeps the texts of each decision, and distinguishes reviewers with the same name', () => {
    const a = by('mira', row, { kind: 'edit', texts: { answer: 'Yes, it is' } });
    const b = by('jon', row, { kind: 'accept' });
    expect(mirrorOf(merge(a, b))).toMatchObject({
      answer: 'Yes, it is',
      review: { state: 'pending', decisions: [{ by: 'mira' }, { by: 'jon', texts: { answer: 'Yes' } }] },
    });
    expect(
      mirrorOf(merge(by('', row, { kind: 'accept' }), by('', row, { kind: 'discard' }))).review,
    ).toMatchObject({ decisions: [{ by: 'a' }, { by: 'b' }] });
    expect(mirrorOf(merge(b, by('jon', row, { kind: 'discard' }))).review!.decisions).toMatchObject([
      { by: 'jon', state: 'accepted' },
      { by: 'jon (b)', state: 'discarded' },
    ]);
  });

  it('prefers a reviewer’s later decision to the earlier decision in the other file', () => {
    const before = by('mira', row, { kind: 'accept' });
    const after = by('mira', before, { kind: 'discard' });
    for (const merged of [merge(before, after, before), merge(after, before, before)])
      expect(mirrorOf(merged).review).toMatchObject({ state: 'discarded' });
  });

  it('returns a row unchanged when merged with itself', () => {
    const apart = by('jon', by('mira', row, { kind: 'accept' }), { kind: 'discard' });
    expect(merge(apart, apart, null)).toEqual(apart);
    const settled = by('ann', apart, { kind: 'settle', for: 'jon' });
    expect(merge(apart, settled, apart)).toEqual(settled);
  });
});
