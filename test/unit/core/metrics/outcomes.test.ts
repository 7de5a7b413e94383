import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SCORING_RULES } from '../../../../src/core/answers/score.ts';
import type { Audit, AuditFigure } from '../../../../src/core/metrics/audit/audit.ts';
import { OUTCOMES } from '../../../../src/core/metrics/outcome.ts';
import {
  bothViews,
  compareRows,
  correctedTests,
  placesOf,
  type JudgedRow,
} from '../../../../src/core/metrics/outcomes.ts';
import { compareSection, confidenceOf } from '../../../../src/core/reports/sections/comparison-section.ts';
import { Random } from '../../../../src/base/random.ts';
import { scored } from './rows.ts';
import { property } from '../../../support/property.ts';

interface Answer {
  id: string;
  view: 'original' | 'mirror';
  right: boolean;
}
const judged = ({ id, view, right }: Answer): JudgedRow => ({
  ...scored({ id, question: `Is ${id}?`, answer: 'yes', completion: right ? 'yes' : 'no', task: 'yesno' }),
  view,
  set: 'val',
  right,
});
const answers = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom(...'abcdefgh'),
      view: fc.constantFrom('original' as const, 'mirror' as const),
      right: fc.boolean(),
    }),
    { selector: ({ id, view }) => id + view },
  )
  .map((list) => list.map(judged));

describe('comparison of two evaluations', () => {
  property(
    'assigns each common question one outcome, which swapped inputs swap',
    [answers, answers],
    (first, second) => {
      const there = compareRows(first, second);
      const back = compareRows(second, first);
      const keys = (rows: readonly JudgedRow[]) => rows.map(({ id, view }) => `${id} ${view}`);
      const common = keys(first).filter((key) => keys(second).includes(key));
      expect(there.map(({ id, view }) => `${id} ${view}`)).toEqual(common);
      const swapped = {
        both: 'both',
        neither: 'neither',
        only_first: 'only_second',
        only_second: 'only_first',
        not_judged: 'not_judged',
      };
      for (const { id, view, outcome } of there)
        expect(back.find((row) => row.id === id && row.view === view)!.outcome).toBe(swapped[outcome]);
      for (const { id, view, outcome } of there) {
        const right = (rows: readonly JudgedRow[]) =>
          rows.find((row) => row.id === id && row.view === view)!.right;
        expect(outcome === 'both' || outcome === 'only_first').toBe(right(first));
        expect(outcome === 'both' || outcome === 'only_second').toBe(right(second));
      }
    },
  );

  it('lists the main comparison first without correction, and corrects the other p values', () => {
    const rows = (wrongOriginals: number, wrongMirrors: number) =>
      Array.from({ length: 24 }, (_, i) => [
        judged({ id: `r${i}`, view: 'original', right: i >= wrongOriginals }),
        judged({ id: `r${i}`, view: 'mirror', right: i >= wrongMirrors }),
      ]).flat();
    const compared = compareRows(rows(12, 0), rows(0, 4));
    expect(placesOf(compared)).toEqual([
      'both',
      'val/both',
      'original',
      'val/original',
      'mirror',
      'val/mirror',
    ]);
    const tests = (named?: string) =>
      correctedTests(compared, named).map(({ rows: [row], test }) => [row!.view, test.p] as const);
    const [both, original, mirror] = tests();
    expect([both![0], original![0], mirror![0]]).toEqual(['both', 'original', 'mirror']);
    const [first, ...others] = tests('val/mirror');
    expect(first![0]).toBe('mirror');
    expect(others.map(([view]) => view).sort()).toEqual(['both', 'original']);
    // Holm: the smallest of two p is doubled, the other stays; alone, none changes.
    const alone = (view: string) => tests(view)[0]![1]!;
    expect(first![1]).toBeCloseTo(alone('mirror'), 12);
    const smallest = Math.min(alone('original'), alone('mirror'));
    expect(Math.min(original![1]!, mirror![1]!)).toBeCloseTo(2 * smallest, 12);
  });

  it('scores a pair as right if both views are right', () => {
    const rows = (right: string) =>
      ['a', 'b'].flatMap((id, i) =>
        (['original', 'mirror'] as const).map((view, v) =>
          judged({ id, view, right: right[2 * i + v] === '1' }),
        ),
      );
    const pairs = (first: string, second: string) =>
      bothViews(compareRows(rows(first), rows(second))).map(({ outcome }) => outcome);
    expect(pairs('1110', '1111')).toEqual(['both', 'only_second']);
    expect(pairs('1110', '0101')).toEqual(['only_first', 'neither']);
    expect(OUTCOMES).toHaveLength(5);
  });

  const of = (name: string, rows: readonly JudgedRow[], rules = SCORING_RULES) => ({
    name,
    key: `evals/${name}`,
    rules,
    rows,
  });

  it('rejects evaluations with different scoring rules, and suggests a rescore', () => {
    const rows = [judged({ id: 'r', view: 'original', right: true })];
    const section = compareSection(of('a', rows, 1), of('b', rows));
    expect(section.tables).toEqual([]);
    expect(section.text).toEqual([
      `The evaluations use different scoring rules (versions 1 and ${SCORING_RULES}). The rules alone can cause a difference. Rescore the older evaluations: \`chirality eval rescore evals/a\`.`,
    ]);
  });

  it('reports the evaluation with human ratings, and uses estimates if both have ratings', () => {
    const rows = ['a', 'b', 'c'].map((id) => judged({ id, view: 'original', right: true }));
    const audit = { seed: 0, figures: [], people: [] } as unknown as Audit;
    const [first, second] = [{ ...of('a', rows), audit }, of('b', rows)];
    expect(compareSection(first, second).text.at(-1)).toBe(
      'Only A has human ratings, so this comparison uses the scores of rules and LLM judge. To rate answers of both, run `chirality eval audit evals/a evals/b`.',
    );
    const difference: AuditFigure = {
      set: 'val',
      view: 'original',
      metric: 'difference',
      bounds: [0, 0],
      not_judged: 0,
      with_judge: null,
      n: 3,
      estimate: { value: 0.12, these: [0.1, 0.2], such: [0.02, 0.25], judged: 20, n: 3 },
      missing: 0,
    };
    const both = (figure: AuditFigure) =>
      compareSection(first, { ...second, audit }, { ...audit, figures: [figure] }).text;
    expect(both(difference)).toEqual([
      'val, originals: B is better. B minus A is +12.0 points (95% +2.0 to +25.0), estimated from 20 rows with human ratings; by rules alone it is 0.0 points.',
      'All other results, including p and the tables, use the scores of rules and LLM judge.',
    ]);
    const preliminary = both({ ...difference, missing: 3 });
    expect(preliminary[0]).toContain('no difference');
    expect(preliminary.at(-1)).toContain('Too few answers to the same questions have human ratings');
  });

  it('reports bounds of the difference, and no test, if some answers are not scored', () => {
    const rows = (right: (n: number) => boolean | null) =>
      Array.from({ length: 10 }, (_, n) => ({
        ...judged({ id: `r${n}`, view: 'original', right: right(n) === true }),
        right: right(n),
      }));
    const section = compareSection(
      of(
        'a',
        rows((n) => n < 4),
      ),
      of(
        'b',
        rows((n) => (n < 2 ? null : n < 6)),
      ),
    );
    expect(section.text[0]).toMatch(
      /^val, originals: no clear difference\. B minus A is 0\.0 to \+20\.0 points, because 2 of 10 rows are not scored in A or B\. Of the scored rows, only A is correct in 0 rows, only B in 2\. A p value/,
    );
    const [outcomes] = section.tables;
    expect(outcomes!.rows[0]!.cells.map(({ text }) => text)).toEqual([
      'val, originals',
      '2',
      '0',
      '2',
      '4',
      '2',
      '0.0 to +20.0',
      '–',
      'low',
    ]);
  });

  it('reports the better model with the evidence [A-64]', () => {
    const rows = (right: (n: number) => boolean) =>
      Array.from({ length: 60 }, (_, n) => judged({ id: `r${n}`, view: 'original', right: right(n) }));
    const section = (a: (n: number) => boolean, b: (n: number) => boolean) =>
      compareSection(of('a', rows(a)), of('b', rows(b)));
    expect(
      section(
        (n) => n < 20,
        (n) => n < 40,
      ).text[0],
    ).toMatch(
      /^val, originals: B is better\. B minus A is \+33\.3 points \(95% .*\); only A is correct in 0 rows, only B in 20, p < 0\.0001\. Confidence: high\.$/,
    );
    expect(
      section(
        (n) => n < 24,
        (n) => n < 30 && n > 4,
      ).text[0],
    ).toMatch(/no clear difference.*p = 0\.\d{4}\. The difference might be due to chance\.$/);
    expect(
      section(
        () => true,
        () => false,
      ).tables.at(-1),
    ).toMatchObject({ caption: 'A correct, B wrong: 60 rows', notes: ['The list shows the first 50 rows.'] });
    const none = compareSection(
      of(
        'a',
        rows(() => true),
      ),
      of('b', []),
    );
    expect(none.text[0]).toMatch(
      /^The evaluations share no rows, because A is an evaluation of \w+, and B of no set\. /,
    );
    expect(none.tables).toEqual([]);
    // Two views of one question are a pair.
    const pairs = (right: (n: number) => boolean) =>
      (['original', 'mirror'] as const).flatMap((view) => rows(right).map((row) => ({ ...row, view })));
    const ofPairs = compareSection(
      of(
        'a',
        pairs((n) => n < 20),
      ),
      of(
        'b',
        pairs((n) => n < 40),
      ),
    );
    expect(ofPairs.text[0]).toContain('only A is correct in 0 pairs, only B in 20');
    expect(confidenceOf({ difference: 0.1, n: 9, p: 0.03, interval: [0.01, 0.2] })).toBe('medium');
    expect(confidenceOf({ difference: 0.1, n: 9, p: 0.001, interval: [-0.01, 0.2] })).toBe('low');
  });
});

/** Two-sided p of Student's t, by the area under its density between −t and t (Simpson's rule). */
function tailsOf(t: number, df: number): number {
  const density = (x: number) => (1 + x ** 2 / df) ** (-(df + 1) / 2);
  const area = (to: number, steps = 4000) => {
    const h = to / steps;
    const inner = Array.from({ length: steps - 1 }, (_, i) => (i % 2 === 0 ? 4 : 2) * density((i + 1) * h));
    return (h / 3) * (density(0) + density(to) + inner.reduce((a, b) => a + b, 0));
  };
  return 1 - area(Math.abs(t)) / area(60);
}

describe('comparison over twelve sets', () => {
  const SETS = Array.from({ length: 12 }, (_, s) => `set-${s}`);
  /** Thirty rows a set in both views, each right with probability 0.7, whoever answers. */
  const modelOf = (random: Random, name: string) => ({
    name,
    key: `evals/${name}`,
    rules: SCORING_RULES,
    rows: SETS.flatMap((set) =>
      Array.from({ length: 30 }, (_, i) => `${set}-${i}`).flatMap((id) =>
        (['original', 'mirror'] as const).map((view) => ({
          ...judged({ id, view, right: random.chance(0.7) }),
          set,
        })),
      ),
    ),
  });
  const reportOf = (seed: number) => {
    const random = Random.from(`twelve ${seed}`);
    return compareSection(modelOf(random, 'a'), modelOf(random, 'b'));
  };

  it('applies Holm’s correction to the 36 other tests, but not to pair accuracy over all sets', () => {
    const { text, tables } = reportOf(0);
    const [outcomes] = tables;
    expect(text).toContain(
      'The first comparison is the main result. The 36 other p values are Holm-corrected.',
    );
    expect(outcomes!.rows.map(({ cells }) => cells[0]!.text)).toEqual([
      'all sets, both views correct',
      ...SETS.flatMap((set) => [`${set}, originals`, `${set}, mirrors`]),
      ...SETS.map((set) => `${set}, both views correct`),
    ]);
    const shown = outcomes!.rows.map(({ cells }) => cells.at(-2)!.value!);
    // Each by itself, from the counts of rows that one alone has right: Student's t over images, or the sign test's.
    const raw = outcomes!.rows.slice(1).map(({ cells }) => {
      const [, , first, second] = cells.map(({ value }) => value!);
      const [n, apart, gap] = [30, first! + second!, second! - first!];
      const spread = (apart - gap ** 2 / n) / (n - 1);
      return apart === 0 ? 1 : Math.max(tailsOf(gap / n / Math.sqrt(spread / n), n - 1), 2 ** -apart);
    });
    const order = raw.map((_, i) => i).sort((a, b) => raw[a]! - raw[b]!);
    let least = 0;
    for (const [rank, i] of order.entries()) {
      least = Math.max(least, Math.min(1, (raw.length - rank) * raw[i]!));
      expect(shown[i + 1]).toBeCloseTo(least, 6);
    }
  });

  it('rarely prefers one of two equal models over twelve sets', () => {
    const reports = Array.from({ length: 60 }, (_, seed) => reportOf(seed + 1));
    const wrong = reports.filter(({ text }) => text.some((line) => line.includes('is better')));
    // The main comparison and all others together have 5% each.
    expect(wrong.length).toBeLessThanOrEqual(6);
  });
});
