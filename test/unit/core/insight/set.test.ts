import { describe, expect, it } from 'vitest';
import { compareLooks } from '../../../../src/core/insight/compare-looks.ts';
import { countedThings, countVerdict } from '../../../../src/lab/insight/counting.ts';
import type { SetFigure } from '../../../../src/core/insight/insight-files.ts';
import { mapFiguresOf } from '../../../../src/core/insight/map-figures.ts';
import { setFigures } from '../../../../src/core/insight/set-figures.ts';
import { nameLooks } from '../../../../src/core/insight/set-names.ts';
import { setDocument } from '../../../../src/core/reports/insight/set-document.ts';
import type { Xyxy } from '../../../../src/rows/sample/boxes.ts';
import { setRowSchema, type SetRow } from '../../../../src/core/insight/set-row.ts';

describe('countVerdict', () => {
  it.each([
    ['3', '3', 'right'],
    ['There are two chairs.', '3', 'off by one'],
    ['4', 'three', 'off by one'],
    ['7', '3', 'wrong'],
    ['many', '3', 'wrong'],
    ['3', 'left', null],
  ])('countVerdict scores %j for %j as %s', (answer, reference, verdict) => {
    expect(countVerdict(answer, reference)).toBe(verdict);
  });
});

describe('countedThings', () => {
  const things = [
    { label: 'red cube' },
    { label: 'o2', attributes: { color: 'red', shape: 'ball' } },
    { label: 'blue-cube' },
    { label: 'berry' },
  ];
  it.each([
    ['How many cubes are there?', '2', [0, 2]],
    ['What is the number of red objects in the image?', '2', [0, 1]],
    ['How many things can you see?', '4', [0, 1, 2, 3]],
    ['how many berries ?', 'one', [3]],
    ['How many cubes are there?', '3', null],
    ['How many objects are to the left of the red cube?', '1', null],
    ['Where is the cube?', '2', null],
  ])('finds the counted objects of: %s %s', (question, answer, found) => {
    expect(countedThings(question, answer, things)).toEqual(found);
  });
});

/** One layer, two heads, one query, two objects of a quarter of the image each, which are two roles. */
const row = (change: Partial<SetRow>): SetRow =>
  withRoles({
    id: 'r',
    view: 'original',
    image: change.id ?? 'r',
    question: '',
    reference: 'left',
    answer: 'left',
    right: true,
    count: null,
    heads: 2,
    all_cells: 4,
    queries: ['answer'],
    column: [0.5],
    mirror_error: null,
    unfolded_error: null,
    map: null,
    objects: [
      { label: 'a', role: 'first named', box: [0, 0, 0.5, 0.5], cells: 1 },
      { label: 'b', role: 'second named', box: [0.5, 0, 1, 0.5], cells: 1 },
    ],
    share: [0.6, 0.2],
    mass: [0.5, 0, 1, 0],
    source_names: ['picture', 'question'],
    sources: [0.6, 0.4, 0.2, 0.8],
    words: ['left', 'right'],
    lens: [Math.log(0.8), Math.log(0.2)],
    blocked: [{ keys: 'picture', words: [0, 0] }],
    ...change,
  });
/** The mean head weighs each head by its attention on the image. */
const withRoles = (one: Omit<SetRow, 'roles'>): SetRow => ({
  roles: one.objects.map(({ role, cells }, o) => {
    const inside = one.share.reduce(
      (sum, share, h) => sum + share * one.mass[h * one.objects.length + o]!,
      0,
    );
    return { role, cells, mass: [inside / one.share.reduce((a, b) => a + b)], elsewhere: null };
  }),
  ...one,
});
const figures = (rows: SetRow[]) => setFigures(rows, [7]);
const compared = (...looks: [name: string, rows: SetRow[], layers?: number[]][]) =>
  compareLooks(looks.map(([name, rows, layers = [0]]) => ({ name, rows, layers })));
const valueOf = (all: SetFigure[], of: Partial<SetFigure>) =>
  all
    .filter((one) => Object.entries(of).every(([key, value]) => one[key as keyof SetFigure] === value))
    .map(({ value, n }) => [value && Number(value.toFixed(4)), n]);

describe('metrics of a set', () => {
  it('metrics weight the heads of a layer by their attention on the image', () => {
    const all = figures([row({})]);
    const mean = { head: null, layer: 7, among: 'all' as const };
    expect(valueOf(all, { ...mean, figure: 'picture' })).toEqual([[0.4, 1]]);
    // (0.6 · 0.5 + 0.2 · 1) / 0.8, and four times that over an even map
    expect(valueOf(all, { ...mean, figure: 'mass', of: 'first named' })).toEqual([[0.625, 1]]);
    expect(valueOf(all, { ...mean, figure: 'lift', of: 'first named' })).toEqual([[2.5, 1]]);
    expect(valueOf(all, { figure: 'lift', head: 1, of: 'first named' })).toEqual([[4, 1]]);
    expect(valueOf(all, { ...mean, figure: 'source', of: 'question' })).toEqual([[0.6, 1]]);
    expect(valueOf(all, { figure: 'odds', layer: 7 })).toEqual([[Number(Math.log(4).toFixed(4)), 1]]);
    expect(valueOf(all, { figure: 'odds', of: 'without picture' })).toEqual([[0, 1]]);
    expect(valueOf(all, { figure: 'likeliest', layer: 7 })).toEqual([[1, 1]]);
    // Two words that are equally likely are no answer.
    expect(valueOf(all, { figure: 'likeliest', of: 'without picture' })).toEqual([[0, 1]]);
  });

  it('intervals of shares are within 0 and 1, even if one row differs', () => {
    const rows = Array.from({ length: 12 }, (_, i) =>
      row({ id: `${i}`, image: `${i}`, ...(i === 0 && { lens: [Math.log(0.2), Math.log(0.8)] }) }),
    );
    const likeliest = figures(rows).filter(({ figure, layer }) => figure === 'likeliest' && layer === 7);
    expect(likeliest[0]).toMatchObject({ n: 12, value: 11 / 12 });
    for (const one of [likeliest[0]!, compared(['one', rows]).reliance[0]!.likeliest]) {
      expect(one.interval![0]).toBeGreaterThan(0.5);
      expect(one.interval![1]).toBeLessThan(1);
    }
  });

  it('metrics count objects at the same position once', () => {
    const counted = { label: 'a', role: 'counted' as const, box: [0, 0, 0.5, 0.5] as Xyxy, cells: 1 };
    const twice = row({ objects: [counted, counted], mass: [0.8, 0.8, 0.8, 0.8] });
    const grid = { rows: 2, cols: 2, piece: [0, 0, 1, 1] as Xyxy };
    const weights = { shape: [1, 1, 1, 4], data: Float32Array.of(0.32, 0.02, 0.03, 0.03) };
    const { roles } = mapFiguresOf([])({ ...twice, weights }, null, grid);
    const found = figures([{ ...twice, roles }]);
    const mass = { figure: 'mass' as const, among: 'all' as const };
    expect(valueOf(found, mass)).toEqual([[expect.closeTo(0.8), 1]]);
    expect(valueOf(found, { ...mass, figure: 'lift' })[0]).toEqual([expect.closeTo(3.2), 1]);
  });

  it('boxes of other rows are the chance level for maps biased to a position', () => {
    const grid = { rows: 1, cols: 4, piece: [0, 0, 1, 1] as Xyxy };
    const boxOf = (column: number): Xyxy => [column / 4, 0, (column + 1) / 4, 1];
    const placed = (columns: readonly number[], mapOf: (column: number) => number[]) => {
      const rows = columns.map((column, i) =>
        row({
          id: `${i}`,
          objects: [{ label: 'a', role: 'first named', box: boxOf(column), cells: 1 }],
          mass: [0, 0],
        }),
      );
      const figuresOfMap = mapFiguresOf(rows);
      return rows.map((one, i) => {
        const weights = { shape: [1, 1, 1, 4], data: Float32Array.from(mapOf(columns[i]!)) };
        return { ...one, ...figuresOfMap({ ...one, weights }, null, grid) };
      });
    };
    const over = (rows: SetRow[]) =>
      figures(rows).find(({ figure, among }) => figure === 'over other boxes' && among === 'all')!;
    // Things and maps lean to the left, whatever is asked: an even map would be beaten by far.
    const columns: number[] = [0, 0, 0, 1, 0, 0, 1, 0];
    const leaning = placed(columns, () => [0.7, 0.1, 0.1, 0.1]);
    expect(valueOf(figures(leaning), { figure: 'lift', among: 'all', head: null })).toEqual([
      [expect.closeTo(2.2), 8],
    ]);
    expect(over(leaning).value).toBeCloseTo(1, 6);
    expect(over(leaning).interval![0]).toBeLessThan(1);
    // By hand: own boxes get 0.7 of the map, those of the other seven rows 0.7 where they are in the same column.
    const follows = placed(columns, (column) => [0, 1, 2, 3].map((c) => (c === column ? 0.7 : 0.1)));
    const elsewhere = columns.map((column, i) => {
      const others = columns.filter((_, j) => j !== i);
      return others.reduce((sum, other) => sum + (other === column ? 0.7 : 0.1) / 7, 0);
    });
    expect(over(follows).value).toBeCloseTo(0.7 / (elsewhere.reduce((a, b) => a + b) / 8), 5);
    expect(over(follows).interval![0]).toBeGreaterThan(1);
    // An image is no other one because another question is asked about it.
    const same = leaning.map((one) => ({ ...one, image: 'one image' }));
    const weights = { shape: [1, 1, 1, 4], data: Float32Array.of(1, 0, 0, 0) };
    expect(mapFiguresOf(same)({ ...same[0]!, weights }, null, grid).roles![0]!.elsewhere).toBeNull();
  });

  it('metrics omit log-odds for choices with the same first token, and count these rows', () => {
    const words = { words: ['to the left', 'to the right'], reference: 'to the left' };
    const alike = row({ id: '1', ...words, lens: [-0.7, -0.7], blocked: [] });
    const told = row({ id: '2', lens: [-0.1, -3], blocked: [] });
    const found = figures([alike, told]);
    for (const figure of ['odds', 'likeliest'] as const)
      expect(valueOf(found, { figure, among: 'all' }).map(([, n]) => n)).toEqual([1]);
    expect(JSON.stringify(setDocument('', [alike, told], found, ['answer']))).toContain(
      '1 answer without log-odds: the choices begin with the same token.',
    );
  });

  it('metrics are grouped by verdict and by counting error', () => {
    const [one, two] = [row({ id: '1' }), row({ id: '2', right: false, mass: [0, 0, 0, 0] })];
    const mass = { figure: 'mass' as const, of: 'first named' };
    expect(valueOf(figures([one, two]), { ...mass, among: 'right' })).toEqual([[0.625, 1]]);
    expect(valueOf(figures([one, two]), { ...mass, among: 'wrong' })).toEqual([[0, 1]]);
    expect(
      valueOf(figures([one, { ...two, count: 'off by one' }]), { ...mass, among: 'off by one' }),
    ).toEqual([[0, 1]]);
  });

  it('metrics measure whether maps follow the mirrored image', () => {
    const columns = [0.1, 0.5, 0.8, 0.3];
    const pairs = (mirrored: (column: number) => number) =>
      columns.flatMap((column, i) => [
        row({ id: `${i}`, column: [column] }),
        row({ id: `${i}`, view: 'mirror', column: [mirrored(column)] }),
      ]);
    expect(valueOf(figures(pairs((c) => 1 - c)), { figure: 'follow' })).toEqual([[1, 4]]);
    expect(valueOf(figures(pairs((c) => c)), { figure: 'follow' })).toEqual([[-1, 4]]);
    expect(valueOf(figures(pairs(() => 0.5)), { figure: 'follow' })).toEqual([[null, 4]]);
  });

  it('intervals are clustered by image', () => {
    const rows = Array.from({ length: 20 }, (_, i) => row({ id: `${i}`, share: [i / 20, i / 20] }));
    const [picture] = figures(rows).filter(({ figure, among }) => figure === 'picture' && among === 'all');
    expect(picture!.interval![0]).toBeLessThan(0.475);
    expect(picture!.interval![1]).toBeGreaterThan(0.475);
    const same = figures(rows.map((one) => ({ ...one, image: 'one image' })));
    expect(same.find(({ figure }) => figure === 'picture')!.interval).toBeUndefined();
  });
});

describe('analyses of the same rows', () => {
  const [left, right] = [
    [-0.1, -3],
    [-3, -0.1],
  ];
  const graph = (id: string, words: number[], hidden: number[][]) =>
    row({
      id,
      lens: [9, -9, ...words],
      blocked: hidden.map((words, i) => ({ keys: ['picture', 'graph'][i]!, words })),
    });
  it('analyses compare common rows by the loss when tokens are hidden', () => {
    const direct = [
      row({ id: '1', lens: left, blocked: [{ keys: 'picture', words: right }] }),
      row({ id: '2', lens: right, blocked: [{ keys: 'picture', words: right }] }),
      row({ id: 'alone', lens: right }),
    ];
    const staged = [graph('1', left, [left, right]), graph('2', left, [right, right])];
    const found = compared(['direct', direct], ['staged', staged]);
    expect([found.rows, found.left]).toEqual([2, 1]);
    const said = found.reliance.map(({ look, hidden, likeliest, loss, gain }) => [
      look,
      hidden,
      likeliest.value,
      loss?.value ?? null,
      gain?.value ?? null,
      likeliest.n,
    ]);
    expect(said).toEqual([
      ['direct', null, 0.5, null, null, 2],
      ['direct', 'picture', 0, 0.5, null, 2],
      ['staged', null, 1, null, 0.5, 2],
      ['staged', 'picture', 0.5, 0.5, null, 2],
      ['staged', 'graph', 0, 1, null, 2],
    ]);
  });

  it('analyses count only rows whose right answer is one of the words', () => {
    const { reliance } = compared(['direct', [row({ id: '1' }), row({ id: '2', reference: 'behind' })]]);
    expect(reliance[0]).toMatchObject({ likeliest: { value: 1, n: 1 } });
  });

  it('analyses have values by layer, and paired changes from the first analysis', () => {
    const rows = (shift: (i: number) => number) =>
      Array.from({ length: 20 }, (_, i) => {
        const share = i / 40 + shift(i);
        return row({
          id: `${i}`,
          image: `${i}`,
          share: [share, share],
          sources: [share, 1 - share, share, 1 - share],
        });
      });
    // The shift is about the same in every row, so that its interval is far narrower than those of the means.
    const { through } = compared(['before', rows(() => 0)], ['after', rows((i) => 0.2 + (i % 2) / 50)]);
    const [before, after] = through!.filter(({ figure }) => figure === 'picture');
    expect(before).toMatchObject({ look: 'before', layer: 0, view: 'original', change: null });
    expect(after!.mean.value! - before!.mean.value!).toBeCloseTo(0.21);
    expect(after!.change!.value).toBeCloseTo(0.21);
    const width = ({ interval }: { interval?: [number, number] }) => interval![1] - interval![0];
    expect(width(after!.change!)).toBeLessThan(width(after!.mean) / 5);
    const question = through!.filter(({ figure, of }) => figure === 'source' && of === 'question');
    expect(question.map(({ change }) => change && change.value)).toEqual([null, expect.closeTo(-0.21)]);
  });

  it('analyses have no values by layer if the models differ in shape', () => {
    const other = row({ id: '1', lens: [...left, ...right] });
    expect(compared(['a', [row({ id: '1' })]], ['b', [other], [0, 1]]).through).toBeNull();
    expect(compared(['a', [row({ id: '1' })]], ['b', [row({ id: '1', heads: 1 })]]).through).toBeNull();
    expect(compared(['a', [row({ id: '1' })]], ['b', [row({ id: '2' })]])).toMatchObject({
      rows: 0,
      left: 2,
      reliance: [],
    });
  });

  it('analyses are named by their differences', () => {
    expect(
      nameLooks([
        ['sft', 'step 10', 'trained'],
        ['sft', 'step 20', 'trained'],
      ]),
    ).toEqual(['step 10', 'step 20']);
    expect(
      nameLooks([
        ['sft', '', 'trained'],
        ['grpo', '', 'direct'],
      ]),
    ).toEqual(['sft, trained', 'grpo, direct']);
  });
});

it('setRowSchema: rejects a line whose lists differ in length', () => {
  expect(setRowSchema.safeParse(row({})).success).toBe(true);
  expect(setRowSchema.safeParse(row({ mass: [1] })).success).toBe(false);
});
