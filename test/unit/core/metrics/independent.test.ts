import { describe, expect, it } from 'vitest';
import { AGREE_FACTOR, changes, isSame } from '../../../../src/core/answers/given.ts';
import { answerSpread } from '../../../../src/core/metrics/answer-spread.ts';
import { PAIR_SHARES, viewConsistency } from '../../../../src/core/metrics/consistency.ts';
import { COMMON, MEASURES } from '../../../../src/core/metrics/measures.ts';
import { isLowerBetter, quantile, withWidth } from '../../../../src/core/metrics/metric.ts';
import {
  imageKey,
  isUnparsed,
  pairedRows,
  problemKey,
  type ScoredRow,
} from '../../../../src/core/evaluation/scored-row.ts';
import { chanceOf } from '../../../../src/core/metrics/chance.ts';
import { compareRuns, oodGap, shiftMetrics, shiftPairs } from '../../../../src/core/metrics/compare-rows.ts';
import { compareControls } from '../../../../src/core/metrics/control-metrics.ts';
import { compareRows, pairedTests, type JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import { viewMatrix } from '../../../../src/core/metrics/view-matrix.ts';
import { mean } from '../../../../src/base/numbers.ts';
import { Random } from '../../../../src/base/random.ts';
import { breakerOf } from '../../../../src/core/rewards/fixed-answers.ts';
import { scored } from './rows.ts';

/*
 * The metrics once more, each from its definition and not from the code: by counting over all rows, without maps, keys
 * or shared helpers.
 */

const CHOICES = ['lamp', 'sofa', 'vase'];
const ANSWERS = { yesno: ['yes', 'no', 'hm'], mcq: ['A', 'B', 'C', '?'], count: ['1', '2', '3', 'few'] };

/** Rows of two sets in two views, up to three completions each, some of which say nothing. */
function randomRows(seed: number): ScoredRow[] {
  const random = Random.from(seed);
  return ['s', 't'].flatMap((set) =>
    Array.from({ length: 8 }, (_, n) => {
      const task = random.pick(['yesno', 'mcq', 'count'] as const);
      const views = random.pick([['original', 'mirror'], ['original'], ['mirror'], [undefined, 'mirror']]);
      return views.flatMap((view) => {
        const answer = random.pick(ANSWERS[task].slice(0, -1));
        return Array.from({ length: random.pick([1, 1, 2, 3]) }, () => ({
          ...scored({
            id: `q${n}`,
            task,
            answer,
            completion: random.pick(ANSWERS[task]),
            ...(task === 'mcq' && { choices: CHOICES }),
            images: [`${n % 5}.png`],
          }),
          set,
          ...(view && { view }),
        }));
      });
    }).flat(),
  );
}

const SEEDS = Array.from({ length: 12 }, (_, i) => i);
const isRight = ({ score }: ScoredRow) => (score as { correct: boolean }).correct;
const view = (row: ScoredRow) => row.view ?? 'original';
const close = (value: number | null | undefined, wanted: number | null) =>
  wanted === null ? expect(value).toBeNull() : expect(value).toBeCloseTo(wanted, 10);

describe('metrics of random rows', () => {
  it.each(SEEDS)('metrics match an independent count for pair outcomes and their chance (%i)', (seed) => {
    const rows = randomRows(seed);
    const pairs: { one: number; other: number; p: number | null; q: number | null }[] = [];
    for (const set of ['s', 't'])
      for (let n = 0; n < 8; n++) {
        const of = (which: string) =>
          rows.filter((row) => row.set === set && row.id === `q${n}` && view(row) === which);
        const share = (them: ScoredRow[]) => them.filter(isRight).length / them.length;
        const guess = ([row]: ScoredRow[]) =>
          ({ count: null, yesno: 0.5, mcq: 1 / 3 })[row!.score.task as 'mcq'];
        const [original, mirror] = [of('original'), of('mirror')];
        if (original.length === 0 || mirror.length === 0) continue;
        pairs.push({ one: share(original), other: share(mirror), p: guess(original), q: guess(mirror) });
      }
    const found = viewConsistency(rows);
    const events: Record<string, (a: number, b: number) => number> = {
      original: (a) => a,
      mirror: (_, b) => b,
      consistent: (a, b) => a * b,
      only_original: (a, b) => a * (1 - b),
      only_mirror: (a, b) => (1 - a) * b,
      neither: (a, b) => (1 - a) * (1 - b),
    };
    expect(PAIR_SHARES).toEqual(Object.keys(events));
    for (const [name, event] of Object.entries(events)) {
      expect(found[name]).toMatchObject({ unit: 'share', n: pairs.length });
      close(
        found[name]!.value,
        pairs.reduce((sum, { one, other }) => sum + event(one, other), 0) / pairs.length,
      );
      const known = pairs.filter(({ p, q }) => p !== null && q !== null);
      if (known.length === 0) expect(found[name]).not.toHaveProperty('chance');
      else close(found[name]!.chance, known.reduce((sum, { p, q }) => sum + event(p!, q!), 0) / known.length);
      expect(found[name]!.chance_n).toBe(
        known.length === 0 || known.length === pairs.length ? undefined : known.length,
      );
    }
  });

  it.each(SEEDS)('metrics match an independent count for the distribution of answers (%i)', (seed) => {
    const rows = randomRows(seed);
    const figures = answerSpread(rows);
    for (const task of ['yesno', 'mcq', 'count'] as const) {
      const own = rows.filter(({ score }) => score.task === task);
      const of = (metric: string) =>
        figures.filter((figure) => figure.task === task && figure.metric === metric);
      if (own.length === 0) {
        expect(of('entropy')).toEqual([]);
        continue;
      }
      const scores = own.map(({ score }) => score as unknown as { parsed: unknown; gt_parsed: unknown });
      const said = scores.map(({ parsed }) => String(parsed ?? 'unparsed'));
      const right = scores.map(({ gt_parsed }) => String(gt_parsed));
      const share = (list: string[], answer: string) =>
        list.filter((one) => one === answer).length / own.length;
      const bits = (list: string[]) =>
        list.reduce((sum, one) => sum - Math.log2(share(list, one)) / own.length, 0);
      const top = (list: string[]) => Math.max(...list.map((one) => share(list, one)));
      for (const [metric, value, unit] of [
        ['entropy', bits(said), 'count'],
        ['reference_entropy', bits(right), 'count'],
        ['top_share', top(said), 'share'],
        ['reference_top_share', top(right), 'share'],
      ] as const) {
        expect(of(metric)).toMatchObject([{ unit, n: own.length }]);
        close(of(metric)[0]!.value, value);
      }
      const answers = new Set([...said, ...right]);
      for (const [metric, list] of [
        ['given', said],
        ['reference', right],
      ] as const) {
        expect(new Set(of(metric).map(({ answer }) => answer))).toEqual(answers);
        for (const { answer, value } of of(metric)) close(value, share(list, answer!));
      }
      const weights = of('given').map(({ answer }) => Math.max(share(said, answer!), share(right, answer!)));
      expect(weights).toEqual([...weights].sort((a, b) => b - a));
    }
  });

  it.each(SEEDS)('metrics match an independent count for the change between two sets (%i)', (seed) => {
    const rows = randomRows(seed);
    const [id, ood] = [rows.filter(({ set }) => set === 's'), rows.filter(({ set }) => set === 't')];
    const same = (one: ScoredRow, other: ScoredRow) => one.id === other.id && view(one) === view(other);
    const questions = id
      .filter(
        (row, i) => id.findIndex((each) => same(each, row)) === i && ood.some((each) => same(each, row)),
      )
      .map((row) => ({
        rows: id.filter((each) => same(each, row)),
        others: ood.filter((each) => same(each, row)),
      }));
    expect(shiftPairs(id, ood)).toEqual(questions);
    const { gap, both_right, inversion, ...single } = shiftMetrics(shiftPairs(id, ood));
    const share = (of: boolean[]) => mean(of.map(Number));
    /** The mean over questions of the share of all pairs of answers of which something holds. */
    const overPairs = (holds: (a: ScoredRow, b: ScoredRow) => boolean) =>
      mean(questions.map(({ rows, others }) => share(rows.flatMap((a) => others.map((b) => holds(a, b))))!));
    close(
      single.id!.value,
      overPairs((a) => isRight(a)),
    );
    close(
      single.ood!.value,
      overPairs((_, b) => isRight(b)),
    );
    close(
      both_right!.value,
      overPairs((a, b) => isRight(a) && isRight(b)),
    );
    close(gap!.value, single.ood!.value! - single.id!.value!);
    const turned = questions.filter(({ rows: [one], others: [other] }) => {
      const [a, b] = [one!.score, other!.score];
      return a.task === 'yesno' && b.task === 'yesno' && a.gt_parsed !== b.gt_parsed;
    });
    const given = ({ score }: ScoredRow) => (score as { parsed: string | null }).parsed;
    const repeated = turned.flatMap(({ rows, others }) => {
      const said = rows.flatMap((a) => others.map((b) => [given(a), given(b)] as const));
      const read = said.filter(([a, b]) => a !== null && b !== null);
      return read.length > 0 ? [share(read.map(([a, b]) => a === b))!] : [];
    });
    close(inversion!.value, mean(repeated));
    expect(inversion).toMatchObject({ n: repeated.length, unparsed: turned.length - repeated.length });
  });

  it.each(SEEDS)('metrics pair the completions of two lists in order (%i)', (seed) => {
    const [one, other] = [randomRows(seed), randomRows(seed + 100)];
    const nth = (of: readonly ScoredRow[], row: ScoredRow) =>
      of.filter((each) => problemKey(each) === problemKey(row)).indexOf(row);
    const wanted = one.flatMap((row) => {
      const same = other.filter((each) => problemKey(each) === problemKey(row))[nth(one, row)];
      return same ? [{ row, other: same }] : [];
    });
    expect(new Set(pairedRows(one, other))).toEqual(new Set(wanted));
  });
});

describe('number of answers per question', () => {
  const withRight = (rows: ScoredRow[]): JudgedRow[] => rows.map((row) => ({ ...row, right: isRight(row) }));
  /** Every answer k times, as a model that always repeats itself would give. */
  const times = (k: number, rows: JudgedRow[]) => rows.flatMap((row) => Array.from({ length: k }, () => row));
  const figuresOf = (rows: JudgedRow[], against: JudgedRow[]) =>
    [
      ...Object.values(viewConsistency(rows)),
      ...viewMatrix(rows),
      ...Object.values(shiftMetrics(shiftPairs(rows, against))),
      ...compareControls('blind', rows, against),
      ...pairedTests(compareRows(rows, against)).map(({ test }) => test),
      ...compareRuns(rows, against),
    ].map((figure) => ({ ...figure, answers: undefined }));

  it.each(SEEDS)('the number of answers does not change pair metrics or comparisons (%i)', (seed) => {
    const [one, other] = [withRight(randomRows(seed)), withRight(randomRows(seed + 100))];
    const rounded = (figures: object[]) =>
      JSON.parse(
        JSON.stringify(figures, (_, value: unknown) =>
          typeof value === 'number' ? Number(value.toFixed(9)) : value,
        ),
      ) as unknown;
    const once = rounded(figuresOf(one, other));
    expect(rounded(figuresOf(times(2, one), other))).toEqual(once);
    expect(rounded(figuresOf(one, times(3, other)))).toEqual(once);
    for (const { test } of pairedTests(compareRows(one, times(2, one))))
      expect(test).toMatchObject({ difference: 0, p: 1, only_first: 0, only_second: 0 });
  });

  it.each(SEEDS)('compares every answer of one view with every answer of the other view (%i)', (seed) => {
    const rows = randomRows(seed).filter(({ score }) => score.task !== 'count');
    const matrix = viewMatrix(rows);
    const shares = {
      agreement: [] as number[],
      consistent_wrong: [] as number[],
      inconsistent: [] as number[],
    };
    for (const set of ['s', 't'])
      for (let n = 0; n < 8; n++) {
        const of = (which: string) =>
          rows.filter((row) => row.set === set && row.id === `q${n}` && view(row) === which);
        const answer = ({ score }: ScoredRow, which: 'parsed' | 'gt_parsed') =>
          (score as unknown as Record<string, string | null>)[which]!;
        const pairs = of('original').flatMap((a) => of('mirror').map((b) => [a, b] as const));
        const told = pairs.filter(([a, b]) => answer(a, 'parsed') !== null && answer(b, 'parsed') !== null);
        const [first] = told;
        if (!first) continue;
        const isStill = answer(first[0], 'gt_parsed') === answer(first[1], 'gt_parsed');
        // Of three options, nothing shows which becomes which, unless the right one stays where it is.
        if (first[0].score.task === 'mcq' && !isStill) continue;
        const agrees = ([a, b]: (typeof told)[number]) =>
          (answer(a, 'parsed') === answer(b, 'parsed')) === isStill;
        const share = (holds: (pair: (typeof told)[number]) => boolean) =>
          told.filter(holds).length / told.length;
        shares.agreement.push(share(agrees));
        shares.inconsistent.push(share((pair) => !agrees(pair)));
        shares.consistent_wrong.push(
          share((pair) => agrees(pair) && !(isRight(pair[0]) && isRight(pair[1]))),
        );
      }
    for (const [metric, values] of Object.entries(shares)) {
      const found = matrix.find((figure) => figure.metric === metric);
      if (values.length === 0) expect(found).toBeUndefined();
      else {
        close(found!.value, mean(values));
        expect(found!.n).toBe(values.length);
      }
    }
  });
});

describe('table of metrics', () => {
  it('the table of metrics defines the unit of each metric, and the accuracies', () => {
    const told = (measures: Record<string, { unit?: string; accuracy?: true }>) =>
      Object.entries(measures)
        .map(([name, { unit = 'share', accuracy }]) => `${name} ${unit}${accuracy ? ' right' : ''}`)
        .join(', ');
    const judged = 'judge share right, judge_failed share';
    expect(Object.fromEntries(Object.entries(MEASURES).map(([task, of]) => [task, told(of)]))).toEqual({
      distance:
        'success share right, completed share, smape percent, in_range_50_100 share, in_range_100_150 share, ' +
        'in_range_150_200 share, within_50_200 share right, within_10 share right, mra share',
      area: 'success share right, within_10 share right, mra share',
      yesno: `accuracy share right, ${judged}`,
      mcq: 'accuracy share right, close_call share',
      open: judged,
      side: `accuracy share right, ${judged}`,
      choice: `accuracy share right, ${judged}`,
      name: `accuracy share right, ${judged}`,
      untyped: `accuracy share right, ${judged}`,
      count: 'accuracy share right, close_call share, mra share',
      number: 'accuracy share right, within_10 share right',
      bbox: 'miou share, acc75 share right',
      point: 'accuracy share right, inside_share share',
      judge: 'accuracy share right',
      scenegraph: 'found share, valid_json share, objects count, relations count',
      flipjson: 'ok share, verified share right',
      format: '',
    });
    expect(told(COMMON)).toBe(
      `format_ok share, extracted share, credit share, answer_words count, reference_words count, reasoning_words count, ${judged}`,
    );
  });

  it('the table of metrics defines the metrics for which lower is better', () => {
    const lower = ['smape', 'drop', 'inversion', 'neither', 'only_original', 'only_mirror', 'distance/smape'];
    expect(lower.filter((name) => !isLowerBetter(name))).toEqual([]);
    const higher = ['accuracy', 'consistent', 'original', 'mirror', 'smape/success', 'miou', ''];
    expect(higher.filter(isLowerBetter)).toEqual([]);
  });

  it('quantiles match numpy', () => {
    const sorted = [1, 2, 4, 8];
    expect([0, 0.1, 1 / 3, 0.5, 0.9, 1].map((q) => Number(quantile(sorted, q).toFixed(6)))).toEqual([
      1, 1.3, 2, 3, 6.8, 8,
    ]);
    expect([quantile([3], 0.7), mean([]), mean([1, 2])]).toEqual([3, null, 1.5]);
    expect([withWidth([1, 2]), withWidth([1, 1]), withWidth(null)]).toEqual([[1, 2], undefined, undefined]);
    expect(oodGap(0.5, 0.4)).toEqual({ points: expect.closeTo(-10, 9), relative: expect.closeTo(-20, 9) });
    expect(oodGap(0.5, 0.4, 0).relative_to_base).toBeNull();
  });

  it('derives chance, image groups and unparsed answers from a row', () => {
    const row = (task: string, choices?: string[]) => ({ score: { task }, ...(choices && { choices }) });
    expect(
      [row('yesno'), row('mcq', CHOICES), row('mcq', []), row('mcq'), row('count', CHOICES)].map(chanceOf),
    ).toEqual([1 / 2, 1 / 3, null, null, null]);
    const at = (column: string) => ({ parquet: 'p', column, row: 1, index: 0 });
    const keys = [
      { image: 'a.png' },
      { image: { path: 'a.png' } },
      { images: ['a.png', 'b.png'] },
      {},
      { images: [] },
      { images: [at('c')] },
      { images: [at('d')] },
      { image: at('c') },
    ].map((each) => imageKey({ id: '7', ...each } as never));
    expect(keys.map((key) => keys.indexOf(key))).toEqual([0, 0, 0, 3, 3, 5, 6, 5]);
    const unread = (task: string, completion: string, answer = '1') =>
      isUnparsed(scored({ task, completion, answer, ...(task === 'mcq' && { choices: CHOICES }) } as never));
    const readable = {
      distance: '2 m',
      bbox: '[1, 2, 3, 4]',
      point: '(1, 2)',
      yesno: 'no',
      mcq: 'B',
      count: '2',
      judge: '1',
    };
    for (const [task, text] of Object.entries(readable))
      expect([task, unread(task, text), unread(task, 'hm')]).toEqual([task, false, true]);
    expect([unread('open', 'hm'), unread('format', 'hm'), unread('untyped', 'hm')]).toEqual([
      null,
      null,
      null,
    ]);
    expect([unread('scenegraph', 'hm'), unread('scenegraph', '{"objects": []}')]).toEqual([true, false]);
  });
});

describe('answers to two views', () => {
  const option = (text: string) => ({ kind: 'option', text, letter: 0, place: 0, of: 2 }) as const;
  const count = (value: number) => ({ kind: 'count', value }) as const;
  const length = (value: number) => ({ kind: 'size', value }) as const;
  const box = (...said: [number, number, number, number]) =>
    ({ kind: 'box', said, inOriginal: null }) as const;

  it('answers to two views are compared by the metric of their type', () => {
    const table = [
      [option('a'), option('a'), true, false],
      [option('a'), option('b'), false, true],
      [count(1), count(1), true, false],
      [count(1), count(2), false, true],
      [length(1), length(1), true, false],
      [length(1), length(AGREE_FACTOR), true, null],
      [length(AGREE_FACTOR), length(1), true, null],
      [length(1), length(1.3), false, true],
      [length(1.3), length(1), false, true],
      [box(0, 0, 10, 10), box(0, 0, 10, 10), true, false],
      [box(0, 0, 10, 10), box(0, 0, 10, 6), true, null],
      [box(0, 0, 10, 10), box(0, 0, 10, 4), false, true],
      [count(1), length(1), false, null],
      [option('1'), count(1), false, null],
      [box(0, 0, 1, 1), count(1), false, null],
    ] as const;
    expect(table.map(([a, b]) => [a, b, isSame(a, b), changes(a, b)])).toEqual(table);
  });

  it('reports answers that never change, and the view that would vary them', () => {
    const of = (task: Parameters<typeof breakerOf>[0], answer: string) =>
      breakerOf(task, answer).split(',')[0];
    expect(of('yesno', 'yes')).toBe('add a view that changes the reference answer: mirror/keep');
    expect([of('mcq', 'A'), of('mcq', 'H')]).toEqual(
      Array(2).fill('add the view permute-options:1 to move the option with this letter'),
    );
    expect([of('mcq', 'left'), of('mcq', 'AB'), of('mcq', 'Cup')]).toEqual(
      Array(3).fill('add the view mirror (for sides) or exchange-names'),
    );
    expect(of('count', '2')).toBe('remove these rows');
  });
});
