import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnswerVerdict } from '../../../../src/core/answers/verdict.ts';
import { auditOf } from '../../../../src/core/metrics/audit/audit.ts';
import { drawOrder, firstAnswers, strataOf } from '../../../../src/core/metrics/audit/draw-order.ts';
import { estimate, type StratumSample } from '../../../../src/core/metrics/audit/estimate.ts';
import {
  majorityOf,
  readJudgement,
  saidOf,
  type Judgement,
} from '../../../../src/core/evaluation/judgement.ts';
import { unitsOf, type AuditAnswer, type AuditUnit } from '../../../../src/core/metrics/audit/units.ts';
import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { auditLines } from '../../../../src/core/reports/sections/audit-section.ts';
import { Random } from '../../../../src/base/random.ts';
import { auditWorld, drawWorld, FIGURE, truthIn, type AuditWorld } from '../../../support/audit-worlds.ts';
import { scored } from './rows.ts';
import type { Said } from '../../../../src/core/evaluation/said-verdict.ts';
import { property } from '../../../support/property.ts';

const WORLD: AuditWorld = {
  kind: 'pairs',
  rows: 40,
  judged: 20,
  rules: '10%, one-sided',
  notJudged: '20%',
  perPicture: 2,
};

const kinds = fc.constantFrom('answers' as const, 'pairs' as const, 'differences' as const);

describe('drawOrder', () => {
  const units = drawWorld(WORLD, Random.from(1)).units;
  const names = (of: readonly AuditUnit[]) => of.map(({ rank }) => rank);

  it('property: drawOrder: contains each unit once, independent of the order of rows', () => {
    const order = drawOrder(strataOf(units, 3), 3);
    const again = drawOrder(strataOf([...units].reverse(), 3), 3);
    for (const { units: own } of strataOf(units, 3)) {
      const same = (list: readonly AuditUnit[]) => names(list.filter((unit) => own.includes(unit)));
      expect(same(again)).toEqual(same(order));
    }
    expect(names(order).sort()).toEqual(names(units).sort());
    expect(names(drawOrder(strataOf(units, 4), 4))).not.toEqual(names(order));
  });

  it('extends a smaller sample without changes to the smaller sample', () => {
    const order = drawOrder(strataOf(units, 3), 3);
    expect(names(firstAnswers(order, 40)).slice(0, 10)).toEqual(names(firstAnswers(order, 20)));
    // A pair is not divided.
    expect(firstAnswers(order, 5)).toHaveLength(3);
  });

  it('draws one unit of each stratum first, then at least five of each', () => {
    const many = drawWorld({ ...WORLD, kind: 'answers', rows: 400, notJudged: 'none' }, Random.from(2)).units;
    const strata = strataOf(many, 0);
    const order = drawOrder(strata, 0);
    const counts = (n: number) =>
      strata.map(({ units: own }) => order.slice(0, n).filter((one) => own.includes(one)).length);
    expect(Math.min(...counts(strata.length))).toBe(1);
    expect(Math.min(...counts(40))).toBeGreaterThanOrEqual(5);
  });

  it('merges strata that are too small to sample', () => {
    const rare = units.slice(0, 1).map((unit): AuditUnit => ({
      ...unit,
      rank: 'rare',
      answers: unit.answers.map((one) => ({
        ...one,
        predicted: 'judge_right',
      })) as unknown as AuditUnit['answers'],
    }));
    const common = Array.from({ length: 200 }, (_, i) => ({ ...units[1]!, rank: `common ${i}` }));
    const other = {
      ...units[2]!,
      rank: 'other',
      answers: units[2]!.answers.map((one) => ({
        ...one,
        predicted: 'judge_wrong',
      })) as unknown as AuditUnit['answers'],
    };
    expect(strataOf([...common, ...rare, other], 0).map(({ units: own }) => own.length)).toEqual([200, 2]);
  });
});

describe('audit estimate', () => {
  property(
    'audit estimate: equals the true value with zero width if all units are rated',
    [kinds, fc.integer({ min: 1, max: 30 }), fc.nat()],
    { numRuns: 60 },
    (kind, rows, seed) => {
      const drawn = drawWorld({ ...WORLD, kind, rows }, Random.from(seed));
      const figure = auditWorld(drawn, 2 * rows, 0, 50).figures.find(
        ({ metric }) => metric === FIGURE[kind],
      )!;
      const { value, these } = figure.estimate!;
      const truth = truthIn(drawn, kind);
      for (const one of [value, ...these]) expect(one).toBeCloseTo(truth, 9);
    },
  );

  property(
    'audit estimate: is inside its interval, which is inside the bounds',
    [fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 40 }), fc.nat()],
    { numRuns: 100 },
    (rows, judged, seed) => {
      const drawn = drawWorld({ ...WORLD, kind: 'answers', rows }, Random.from(seed));
      const { figures, verdicts } = auditWorld(drawn, judged, seed, 50);
      const { estimate: found, n } = figures[0]!;
      if (!found) return;
      const right = verdicts.reduce((sum, one) => sum + one.right, 0);
      const wrong = verdicts.reduce((sum, one) => sum + one.judged - one.right, 0);
      const [low, high] = found.these;
      expect(low).toBeGreaterThanOrEqual(right / n - 1e-9);
      expect(high).toBeLessThanOrEqual(1 - wrong / n + 1e-9);
      for (const [from, to] of [found.these, found.such]) {
        expect(from).toBeLessThanOrEqual(found.value);
        expect(to).toBeGreaterThanOrEqual(found.value);
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThanOrEqual(1);
      }
    },
  );

  const stratum = (n: number, values: readonly number[], kind = 'a', perPicture = 1): StratumSample => ({
    kind,
    clusters: Array.from({ length: n }, (_, i) => `${kind} ${Math.floor(i / perPicture)}`),
    judged: values.map((value, i) => ({ cluster: `${kind} ${Math.floor(i / perPicture)}`, value })),
  });
  const estimated = (...strata: StratumSample[]) => estimate(strata, [0, 1], Random.from(1))!;

  it('the audit estimate equals the stratified mean', () => {
    expect(estimated(stratum(30, [1, 1, 1, 0]), stratum(10, [0, 0], 'b')).value).toBeCloseTo(0.75 * 0.75, 12);
  });

  it('the interval exists even for unanimous ratings, and narrows with more ratings', () => {
    const width = (judged: number) => {
      const { these } = estimated(stratum(100, Array<number>(judged).fill(1)));
      return these[1] - these[0];
    };
    expect(width(5)).toBeGreaterThan(0.2);
    expect(width(20)).toBeLessThan(width(5) / 2);
  });

  it('the interval is wider if rows share images', () => {
    const values = Array.from({ length: 40 }, (_, i) => Number(i % 8 < 4));
    const width = (perPicture: number) => {
      const { such } = estimated(stratum(200, values, 'a', perPicture));
      return such[1] - such[0];
    };
    expect(width(4)).toBeGreaterThan(1.4 * width(1));
  });

  it('requires a rated unit in every stratum above the minimum size', () => {
    const random = Random.from(1);
    expect(estimate([stratum(50, [1]), stratum(50, [], 'b')], [0, 1], random)).toBeNull();
    expect(estimate([stratum(99, [1]), stratum(1, [], 'b')], [0, 1], random)).not.toBeNull();
    expect(estimate([], [0, 1], random)).toBeNull();
  });
});

describe('human ratings', () => {
  const line = (person: string, verdict: Judgement['verdict'], id = 'a'): Judgement => ({
    id,
    set: 'val',
    view: 'original',
    person,
    verdict,
    hash: 'h',
    seed: 0,
    time: '2026-01-01T00:00:00Z',
  });
  it('keeps the last rating of each person per answer, and drops withdrawn ratings', () => {
    const said = saidOf([
      line('mira', 'right'),
      line('mira', 'wrong'),
      line('jon', 'right'),
      line('jon', null),
      line('jon', null, 'b'),
    ]);
    expect([...said.values()].map((people) => [...people])).toEqual([[['mira', 'wrong']]]);
  });

  it('combines ratings by the majority of people who could decide', () => {
    const of = (...words: Said[]) => majorityOf(new Map(words.map((word, i) => [`${i}`, word])));
    expect(of('right', 'right', 'wrong')).toBe(true);
    expect(of('cannot_tell', 'wrong')).toBe(false);
    expect(of('right', 'wrong')).toBeNull();
    expect(of('cannot_tell')).toBeNull();
  });

  it('rejects ratings with file, line and field if a field is invalid', () => {
    expect(() =>
      readJudgement({ ...line('mira', 'right'), verdict: 'yes' }, { file: 'audit.jsonl', line: 3 }),
    ).toThrow(/audit\.jsonl:3.*"verdict"/);
  });

  const unit = (i: number, rules: AnswerVerdict, judge: boolean | null = null): AuditUnit => ({
    rank: `${i}`,
    set: 'val',
    cluster: `${i}`,
    answers: [{ key: `${i}`, side: 0, view: 'original', predicted: rules, rules, judge }],
  });

  it('reports agreement, undecidable answers, and error rates of rules and judge', () => {
    const units = [
      ...Array.from({ length: 20 }, (_, i) => unit(i, 'right', true)),
      ...Array.from({ length: 20 }, (_, i) => unit(20 + i, 'wrong', i % 2 === 0)),
    ];
    // Two of the right ones are wrong; the judge calls half of the wrong ones right.
    const truth = ({ key }: AuditAnswer) => Number(key) >= 2 && Number(key) < 20;
    const audit = auditOf(
      units,
      (answer) =>
        new Map<string, Said>([
          ['mira', answer.key === '5' ? 'cannot_tell' : truth(answer) ? 'right' : 'wrong'],
          ...(Number(answer.key) < 10 && answer.key !== '5'
            ? [['jon', truth(answer) ? 'right' : 'wrong'] as const]
            : []),
        ]),
      0,
    );
    expect(audit.people).toEqual([
      { name: 'jon', judged: 9 },
      { name: 'mira', judged: 40 },
    ]);
    expect(audit.agreement).toMatchObject({ measure: 'alpha', value: 1, n: 9, same: 9 });
    expect(audit).toMatchObject({ judged: 40, cannot_tell: 1, waiting: 0 });
    expect(audit.rules!.value).toBeCloseTo(0.5 * (2 / 19), 9);
    expect(audit.judge!.value).toBeCloseTo(0.5 * (2 / 19) + 0.5 * 0.5, 9);
    expect(audit.verdicts.map(({ verdict, n, judged, right }) => [verdict, n, judged, right])).toEqual([
      ['right', 20, 19, 17],
      ['wrong', 20, 20, 0],
    ]);
  });

  it('undecidable answers widen the bounds', () => {
    const units = Array.from({ length: 200 }, (_, i) => unit(i, 'right', null));
    // Of 80 judged answers 40 are right, 30 wrong, and 10 cannot be told.
    const judged = new Map(
      drawOrder(strataOf(units, 0), 0)
        .slice(0, 80)
        .map(({ answers }, i) => [
          answers[0].key,
          (i < 40 ? 'right' : i < 70 ? 'wrong' : 'cannot_tell') as Said,
        ]),
    );
    const auditBy = (word: Said | null) =>
      auditOf(
        units,
        ({ key }) => {
          const said = judged.get(key);
          return said && new Map([['mira', word && said === 'cannot_tell' ? word : said]]);
        },
        0,
      );
    const [open, right, wrong] = [auditBy(null), auditBy('right'), auditBy('wrong')].map(
      ({ figures }) => figures[0]!.estimate!,
    );
    expect(open!.value).toBeCloseTo(40 / 70, 6);
    for (const range of ['these', 'such'] as const)
      expect(open![range]).toEqual([wrong![range][0], right![range][1]]);
    // By hand: 40 or 50 of 80, ± the normal quantile of so many, with nothing of it known.
    const half = 1.96 * Math.sqrt(0.25 / 80) * Math.sqrt(120 / 200);
    expect(open!.these[0]).toBeLessThan(0.5 - half / 2);
    expect(open!.these[1]).toBeGreaterThan(0.625 + half / 2);
    expect(auditBy(null).rules!.these[1]).toBeGreaterThan(0.5 + half / 2);
  });

  it('shows judge verdicts on answers without a score by rules, next to the rules alone', () => {
    const units = [
      ...Array.from({ length: 10 }, (_, i) => unit(i, 'right', false)),
      ...Array.from({ length: 8 }, (_, i) => unit(10 + i, 'not_judged', i < 5)),
      ...Array.from({ length: 2 }, (_, i) => unit(18 + i, 'not_judged')),
    ];
    const audit = auditOf(units, () => new Map([['mira', 'right']]), 0, 50);
    expect(audit.figures[0]).toMatchObject({
      bounds: [0.5, 1],
      not_judged: 10,
      with_judge: { bounds: [0.75, 0.85], not_judged: 2 },
    });
    expect(auditLines(audit)[0]).toContain(
      'by rules alone 50.0–100.0% (10 of 20 not scored), with the judge 75.0–85.0% (2 of 20 not scored); human ratings: 100.0%',
    );
    const alone = auditOf(units.slice(0, 10), () => new Map([['mira', 'right']]), 0, 50);
    expect(alone.figures[0]!.with_judge).toBeNull();
  });

  it('estimates are preliminary below ten units or two per stratum, unless all are rated', () => {
    const missing = (units: AuditUnit[], judged: number, word: Said = 'right') => {
      const seen = new Set(
        drawOrder(strataOf(units, 0), 0)
          .slice(0, judged)
          .map(({ rank }) => rank),
      );
      const said = ({ key }: AuditAnswer) => (seen.has(key) ? new Map([['mira', word]]) : undefined);
      return auditOf(units, said, 0, 50).figures[0]!.missing;
    };
    const of = (n: number, kinds: AnswerVerdict[]) =>
      Array.from({ length: n }, (_, i) => unit(i, kinds[i % kinds.length]!));
    const two = of(100, ['right', 'wrong']);
    expect([0, 4, 9, 10, 40].map((judged) => missing(two, judged))).toEqual([10, 6, 1, 0, 0]);
    expect([4, 6].map((judged) => missing(of(6, ['right', 'wrong']), judged))).toEqual([2, 0]);
    // What cannot be told says nothing; once it is all that is left, nothing is missing.
    expect([12, 6].map((n) => missing(of(n, ['right']), 6, 'cannot_tell'))).toEqual([6, 0]);
    const verdicts = ['right', 'wrong', 'not_judged'] as const;
    const pairs = Array.from({ length: 90 }, (_, i): AuditUnit => {
      const [first, second] = [verdicts[i % 3]!, verdicts[Math.floor(i / 3) % 3]!].map(
        (rules, v): AuditAnswer => ({
          ...unit(i, rules).answers[0],
          key: `${i}`,
          view: v === 0 ? 'original' : 'mirror',
        }),
      );
      return { ...unit(i, 'right'), answers: [first!, second!] };
    });
    expect(strataOf(pairs, 0)).toHaveLength(9);
    expect([10, 17, 18].map((judged) => missing(pairs, judged))).toEqual([8, 1, 0]);
  });

  it('ratings given out of order wait for earlier units', () => {
    const units = Array.from({ length: 10 }, (_, i) => unit(i, 'right'));
    const [{ units: order } = { units: [] }] = strataOf(units, 0);
    const judged = [order[0], order[1], order[5]].map((one) => one!.answers[0].key);
    const audit = auditOf(
      units,
      ({ key }) => (judged.includes(key) ? new Map([['mira', 'right' as const]]) : undefined),
      0,
    );
    expect(audit).toMatchObject({ judged: 3, waiting: 1 });
    expect(audit.figures[0]!.estimate!.judged).toBe(2);
  });
});

describe('unitsOf', () => {
  const row = (id: string, more: Partial<JudgedRow> = {}, completion = 'left'): JudgedRow => ({
    ...scored({
      id,
      question: 'On which side is the cup?',
      answer: 'left',
      completion,
      images: [`${id}.png`],
    }),
    set: 'val',
    right: true,
    ...more,
  });
  it('unitsOf returns pairs if both views have one answer, and otherwise single answers', () => {
    const rows = [
      row('a'),
      row('a', { view: 'mirror' }),
      row('b'),
      row('c', { completion_index: 0 }),
      row('c', { completion_index: 1 }),
      row('c', { view: 'mirror' }),
      row('d', { view: 'rotate:180' }),
    ];
    expect(unitsOf(rows).map(({ answers }) => answers.map(({ view }) => view).join(' '))).toEqual([
      'original mirror',
      'original',
      'original',
      'original',
      'mirror',
      'rotate:180',
    ]);
  });

  it('returns rows that both evaluations answered', () => {
    const units = unitsOf([row('a'), row('b')], [row('b', {}, 'right'), row('c')]);
    expect(units.map(({ answers }) => answers.map(({ side, rules }) => [side, rules]))).toEqual([
      [
        [0, 'right'],
        [1, 'wrong'],
      ],
    ]);
  });

  it('omits rows with unreadable reference answers, and uses judge verdicts without rules', () => {
    const open = row('a', {}, 'it stands where the light falls');
    const problem = row('b');
    const units = unitsOf([
      { ...open, score: { ...open.score, correct: null, judge: 1 } as never },
      { ...problem, score: { ...problem.score, problem: 'no reference' } },
    ]);
    expect(units.map(({ answers }) => answers[0].predicted)).toEqual(['judge_right']);
  });
});
