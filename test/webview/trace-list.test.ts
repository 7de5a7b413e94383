import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { PairId, TraceQuery, TrainedSummary } from '../../src/core/run-data/trace-summary.ts';
import { parseFilter } from '../../src/core/query/parse.ts';
import { TRACE_FIELDS } from '../../src/core/run-data/trace-fields.ts';
import { partnersIn } from '../../src/panels/trace/wall.reads.ts';
import { selectRows } from '../../src/core/run-data/trace-query.ts';
import { newDictionaries, PairTable } from '../../src/core/run-data/trace-table.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundInContrast } from './sound.ts';
import type { ListHost, ListPage } from './trace-list-page.tsx';
import { slowly } from '../support/slow.ts';
import { folderOfTests } from '../support/folder.ts';

const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither', null] as const;
const QUESTIONS = [
  'On which side of the red cone is the green cylinder?',
  'Is the mug nearer to the viewer than the lamp?',
  'Wie weit ist der Würfel entfernt, in Metern?',
  'Which of the objects that stand to the left of the large purple sphere is closest to the camera?',
];

/** As a run of thousands of steps would have them, 16 pairs a step. */
function summary(i: number): TrainedSummary {
  const verdict = VERDICTS[(i * 7) % 5]!;
  const reward = ((i * 37) % 1000) / 1000;
  return {
    kind: 'trained',
    step: 1 + Math.floor(i / 16),
    pair: i % 16,
    sample: `worlds-7-${(i * 31) % 1600}`,
    question: QUESTIONS[i % 4]!,
    answer: i % 2 ? 'left' : 'right',
    relation: null,
    verdict,
    accuracy: ((i * 13) % 17) / 16,
    accuracy_most: ((i * 13) % 17) / 16,
    reward: i % 10 === 9 ? -0.2 : reward,
    reward_mirror: verdict === null ? null : 1 - reward,
    reward_std: 0.1,
    delta: verdict === null ? null : reward - 0.5,
    penalised: null,
    effect: null,
    logged_by: null,
    rewards: { format: 1, semantic: reward },
    graph: null,
    length: 90,
    truncated: 0,
    kept: i % 3 > 0,
    why: i % 3 > 0 ? 'varies' : 'no_spread',
    views: verdict === null ? 'original' : 'pair',
  };
}

/** The same as the list gets it. */
const row = (i: number) => PairTable.from([summary(i)], newDictionaries()).row(0);

describePanel<ListPage>('list of pairs in the Trace panel', 'list', (openIn) => {
  const folder = folderOfTests('chirality-list-');
  beforeAll(async () => {
    await build({
      entryPoints: { list: 'test/webview/trace-list-page.tsx' },
      loader: { '.ttf': 'file' },
      outdir: folder,
      bundle: true,
      minify: true,
      jsx: 'automatic',
      jsxImportSource: 'preact',
    });
  });

  let panel: Panel<ListPage>;
  /** The pairs that were opened; "entered" where the reader went on to one. */
  let acts: string[];
  let queries: TraceQuery[];

  /** A host that holds so many pairs. */
  async function open(count: number, options: Partial<PanelOptions> = {}, broken = 0): Promise<Page> {
    queries = [];
    const table = PairTable.from(
      Array.from({ length: count }, (_, i) => summary(i)),
      newDictionaries(),
    );
    const lists: Uint32Array[] = [];
    const rows: Parameters<typeof openWith>[0] = {
      find: ({ query }) => {
        queries.push(query);
        const hits = (text: string) => (row: number) =>
          table.row(row).question.toLowerCase().includes(text.toLowerCase());
        const filter = parseFilter(query.filter, TRACE_FIELDS);
        const parts = [filter, { kind: 'text' as const, text: query.text }];
        const list = lists.push(selectRows(table, { kind: 'and', parts }, hits, query.sort)) - 1;
        const problems = broken > 0 ? ['traces/step-000003.jsonl:2: This is not JSON.'] : [];
        const total = lists[list]!.length;
        const partners = partnersIn(table);
        return Promise.resolve({
          list,
          total,
          inSource: count,
          partners,
          steps: [1],
          broken,
          problems,
          compared: null,
          unknown: table.unknown(),
          occurring: table.occurring(),
        });
      },
      rows: ({ list, from, count }) => {
        const rows = lists[list]!.subarray(from, from + count);
        return Promise.resolve(Array.from(rows, (row) => table.row(row)));
      },
      place: ({ list, id }) => Promise.resolve(lists[list]!.indexOf(placeOf(id))),
    };
    return openWith(rows, options);
  }

  const placeOf = ({ step, pair }: PairId) => (step - 1) * 16 + pair;

  async function openWith(
    rows: Pick<ListHost, 'find' | 'rows' | 'place'>,
    options: Partial<PanelOptions> = {},
  ): Promise<Page> {
    acts = [];
    const host: ListHost = {
      ...rows,
      ready: () => undefined,
      opened: ({ step, pair }) => void acts.push(`${step}/${pair}`),
      entered: () => void acts.push('entered'),
    };
    panel = await openIn(host, { folder, theme: 'dark', width: 420, height: 340, ...options });
    await panel.page.locator('.trace-list').waitFor();
    return panel.page;
  }

  const shot = shotsOf('list', () => panel.page);

  const rows = () => panel.page.locator('.body [role=row]');
  const selected = () => panel.page.locator('.body [aria-selected=true]');
  const status = () => panel.page.locator('.about [role=status]');
  const said = () => panel.page.locator('p.unseen[role=status]');
  const show = (step: number, pair: number) =>
    panel.channel.notify('open', { id: { step, pair } } as { id: PairId });

  inThemes('shows the list of traced pairs', async (theme) => {
    const page = await open(1600, { theme });
    await status().getByText('1,600 pairs', { exact: true }).waitFor();
    show(1, 4);
    await selected().waitFor();
    await expect.poll(() => said().textContent()).toBe('5 of 1600, neither view correct');
    await shot(theme);
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('ArrowDown');
    await page.setViewportSize({ width: 760, height: 340 });
    await page.locator('summary', { hasText: 'Columns' }).click();
    await shot(`${theme}-wide`);
    await page.getByRole('combobox').fill('verdict = only_orignal');
    await page.getByText('Did you mean').waitFor();
    await page.setViewportSize({ width: 420, height: 340 });
    await shot(`${theme}-mistake`);
    await expectSound(panel);
    await expectSoundInContrast(panel);
  });

  const COUNTS = [100_000, 1_000_000]; // nothing that a browser draws is as high as the second
  test.for(COUNTS)('draws only visible rows of %i pairs, and reaches any row by keyboard', async (count) => {
    const read = { steps: [1], broken: 0, problems: [], compared: null, unknown: [], occurring: {} };
    const list = { list: 0, total: count, inSource: count, partners: 'mirrors' as const, ...read };
    const from = (first: number, last: number) =>
      Array.from({ length: Math.min(last, count) - first }, (_, i) => row(first + i));
    const page = await openWith({
      find: () => Promise.resolve(list),
      rows: ({ from: first, count: asked }) => Promise.resolve(from(first, first + asked)),
      place: ({ id }) => Promise.resolve(placeOf(id)),
    });
    await status()
      .getByText(`${count.toLocaleString('en')} pairs`, { exact: true })
      .waitFor();
    expect(await rows().count()).toBeLessThan(60);
    const grid = page.getByRole('grid');
    await expect.poll(() => grid.getAttribute('aria-rowcount')).toBe(String(count + 1));
    await grid.focus();
    const press = async (key: string, place: number) => {
      await page.keyboard.press(key);
      const id = `${1 + Math.floor(place / 16)}/${place % 16}`;
      await expect.poll(() => acts.at(-1)).toBe(id);
      await expect.poll(() => selected().getAttribute('aria-rowindex')).toBe(String(place + 2));
      await expect.poll(() => selected().textContent()).toContain(QUESTIONS[place % 4]);
      const isSeen = () =>
        selected().evaluate((row) => {
          const box = row.getBoundingClientRect();
          const top = document.querySelector('.head')!.getBoundingClientRect().bottom;
          return box.top >= top - 1 && box.bottom <= innerHeight + 1;
        });
      await expect.poll(isSeen).toBe(true);
    };
    await press('ArrowDown', 0);
    await press('ArrowDown', 1);
    await press('End', count - 1);
    await press('ArrowUp', count - 2);
    await press('Home', 0);
    await page.keyboard.press('Enter');
    await expect.poll(() => acts.at(-1)).toBe('entered');
    expect(await grid.getAttribute('aria-activedescendant')).toBe('row-0');
    expect(await rows().count()).toBeLessThan(60);
    await press('PageDown', 4);
    show(3000, 5); // opened elsewhere: by a command, or from the curves
    await expect.poll(() => selected().getAttribute('aria-rowindex')).toBe(String(2999 * 16 + 5 + 2));
    await shot(`far-${count}`);
    expect(panel.faults).toEqual([]);
  });

  test('moves equally far on fast and slow key presses, for any arrival of rows', async () => {
    /** Answers that are held back, by what they are to. */
    const held = new Map<string, () => void>();
    const answer = <T>(to: string, value: T, isHeld = true) =>
      isHeld ? new Promise<T>((resolve) => held.set(to, () => resolve(value))) : Promise.resolve(value);
    const release = async (to: string) => {
      await expect.poll(() => [...held.keys()]).toContain(to);
      held.get(to)!();
      held.delete(to);
    };
    const read = { steps: [1], broken: 0, problems: [], compared: null, unknown: [], occurring: {} };
    const page = await openWith({
      find: () => Promise.resolve({ list: 0, total: 1600, inSource: 1600, partners: 'mirrors', ...read }),
      rows: ({ from, count }) => {
        const some = Array.from({ length: Math.min(count, 1600 - from) }, (_, i) => row(from + i));
        return answer(count === 1 ? `row ${from}` : `page ${from}`, some, from > 0);
      },
      place: ({ id }) => answer(`place ${placeOf(id)}`, placeOf(id)),
    });
    await rows().first().waitFor();
    await page.getByRole('grid').focus();
    for (const key of ['End', 'PageUp', 'ArrowDown']) await page.keyboard.press(key);
    for (const row of [1596, 1595, 1599]) await release(`row ${row}`);
    await expect.poll(() => selected().getAttribute('aria-rowindex')).toBe('1598');
    await expect.poll(() => acts).toEqual(['100/12']);
    // The place of a pair that was opened from the list need not be asked for, which could come too late.
    await page.keyboard.press('ArrowDown');
    for (const to of [...held.keys()]) if (to.startsWith('place')) await release(to);
    await page.keyboard.press('ArrowDown');
    for (const row of [1597, 1598]) await release(`row ${row}`);
    await expect.poll(() => acts).toEqual(['100/12', '100/14']);
    await release('page 1500');
    await expect.poll(() => said().textContent()).toMatch(/^1599 of 1600/);
    expect([...held.keys()]).toEqual([]);
  });

  test('sorts pairs on a heading click: ascending, descending, unsorted', async () => {
    const page = await open(1600);
    const heading = page.getByRole('columnheader', { name: 'Orig. reward' });
    const sorts: (string | null)[] = [];
    for (let i = 0; i < 3; i++) {
      await heading.getByRole('button').click();
      await expect.poll(() => queries.length).toBe(i + 2);
      await expect.poll(() => heading.getAttribute('aria-sort')).not.toBe(sorts.at(-1));
      sorts.push(await heading.getAttribute('aria-sort'));
    }
    expect(sorts).toEqual(['ascending', 'descending', 'none']);
    expect(queries.map(({ sort }) => sort && sort.descending)).toEqual([null, false, true, null]);
  });

  test('keeps the open pair visible when the order or filter changes', async () => {
    const page = await open(1600);
    show(50, 3);
    await expect.poll(() => said().textContent()).toMatch(/^788 of 1600/);
    await page.getByRole('button', { name: 'Orig. reward' }).click();
    await expect.poll(() => said().textContent()).not.toMatch(/^788 of/);
    await selected().waitFor();
    await page.getByRole('combobox').fill('step = 50');
    await expect.poll(() => said().textContent()).toMatch(/^\d+ of 16,/);
    await page.getByRole('combobox').fill('step = 51');
    await status().getByText('16 of 1,600 pairs', { exact: true }).waitFor();
    await expect.poll(() => said().textContent()).toBe('');
    expect(await selected().count()).toBe(0);
  });

  test('completes a filter of pairs during typing', async () => {
    const page = await open(1600);
    const field = page.getByRole('combobox');
    const options = page.getByRole('option');
    await field.focus();
    await page.keyboard.type('verd');
    await expect.poll(() => options.allTextContents()).toEqual([expect.stringMatching(/^verdict /)]);
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('verdict ');
    await shot('completion');
    await expectSound(panel);
    // The cursor gets its place in the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    await page.keyboard.type('= only');
    await expect.poll(() => options.allTextContents()).toHaveLength(2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await field.inputValue()).toBe('verdict = only_mirror ');
    await status().getByText('320 of 1,600 pairs', { exact: true }).waitFor();
    expect(queries.map(({ filter }) => filter.trim())).toEqual(['', 'verdict = only_mirror']);
    await page.keyboard.press('Escape');
    expect(await options.count()).toBe(0);
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.getByRole('grid').evaluate((grid) => grid === document.activeElement))
      .toBe(true);
    expect(await field.inputValue()).toBe('verdict = only_mirror ');
  });

  test('searches for a word that is only part of a field name', async () => {
    const page = await open(1600);
    await page.getByRole('combobox').fill('mirror'); // as in reward_mirror
    await status().getByText('0 of 1,600 pairs', { exact: true }).waitFor();
    expect(queries.at(-1)!.filter).toBe('mirror');
  });

  test('marks the error in a filter, and offers a fix', async () => {
    const page = await open(1600);
    const field = page.getByRole('combobox');
    await field.fill('kept and verdict = only_orignal');
    await page.getByText('Did you mean "only_original"?').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    const under = await page.evaluate(() => {
      const input = document.querySelector('.filter input')!;
      const style = getComputedStyle(input);
      const canvas = document.createElement('canvas').getContext('2d')!;
      canvas.font = style.font;
      const start = input.getBoundingClientRect().left + 7 + canvas.measureText('kept and verdict = ').width;
      const mark = document.querySelector('.mark')!.getBoundingClientRect();
      return [mark.left - start, mark.width - canvas.measureText('only_orignal').width];
    });
    for (const distance of under) expect(Math.abs(distance)).toBeLessThan(3);
    await shot('mistake');
    await expectSound(panel);
    expect(queries).toHaveLength(1); // the list stays as it was
    await page.getByRole('button', { name: 'Use only_original' }).click();
    await status().getByText('213 of 1,600 pairs', { exact: true }).waitFor();
    expect(await field.inputValue()).toBe('kept and verdict = only_original');
  });

  test('searches texts, and offers to clear the search if no pair matches', async () => {
    const page = await open(1600);
    await page.getByRole('searchbox').fill('MUG farther');
    await status().getByText('0 of 1,600 pairs', { exact: true }).waitFor();
    await page.getByText('No pairs match the filter.').waitFor();
    await shot('empty');
    await expectSound(panel);
    await page.getByRole('searchbox').fill('mug');
    await status().getByText('400 of 1,600 pairs', { exact: true }).waitFor();
    await page.getByRole('combobox').fill('step > 5000');
    await page.getByRole('button', { name: 'Clear Search and Filter' }).click();
    await status().getByText('1,600 pairs', { exact: true }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    expect(await page.getByRole('combobox').inputValue()).toBe('');
    await page.getByRole('combobox').fill('why in (all_right) and penalised = mirror');
    await page.getByText('Values of "why" in this list: varies, no_spread.').waitFor();
    await page.getByText('"penalised" has no value in this list.').waitFor();
  });

  test.each(['by Enter', 'after a pause'])('combines search text and filter %s', async (how) => {
    const page = await open(1600);
    await page.getByRole('searchbox').fill('mug');
    await page.getByRole('combobox').fill('step > 5');
    if (how === 'by Enter') await page.getByRole('combobox').press('Enter');
    await expect.poll(() => queries.at(-1)).toMatchObject({ text: 'mug', filter: 'step > 5' });
  });

  test('shows the selected columns of pairs, and resets the columns', async () => {
    const page = await open(1600, { width: 700 });
    const headings = () => page.getByRole('columnheader').locator('.label').allTextContents();
    expect(await headings()).toEqual(['Outcome', 'Step', 'Orig. reward', 'Question', 'Reference']);
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'Δ' }).click();
    await page.getByRole('checkbox', { name: 'Question' }).click();
    await expect.poll(headings).toEqual(['Outcome', 'Step', 'Orig. reward', 'Δ', 'Reference']);
    await page.getByRole('checkbox', { name: 'Question' }).click();
    await page.getByRole('checkbox', { name: 'Kept' }).click();
    await page.getByRole('checkbox', { name: 'Row' }).click();
    await page.keyboard.press('Escape');
    await shot('many-columns');
    await expectSound(panel);
    const edges = await page.evaluate(() =>
      [...document.querySelectorAll('.grid .row')].map((row) =>
        [...row.children].map((cell) => Math.round(cell.getBoundingClientRect().left)).join(),
      ),
    );
    expect(new Set(edges).size).toBe(1);
    await page.locator('summary', { hasText: 'Columns' }).click();
    await page.getByRole('button', { name: 'Restore Default Columns' }).click();
    panel.channel.notify('evaluation', { on: true });
    await expect.poll(headings).toEqual(['Outcome', 'Correct', 'Question', 'Reference']);
  });

  slowly('shows questions on a separate line in a narrow list', async () => {
    const page = await open(1600, { width: 320 });
    const cell = (row: number, column: string) =>
      page.locator(`#row-${row} [data-column=${column}]`).boundingBox();
    const [question, step] = [(await cell(1, 'question'))!, (await cell(1, 'step'))!];
    expect(question.width).toBeGreaterThan(300);
    expect(question.y).toBeGreaterThan(step.y + 10);
    expect((await cell(2, 'step'))!.y).toBeGreaterThanOrEqual(question.y + question.height);
    await page.locator('[role=grid]').focus();
    for (const key of ['End', 'PageUp', 'ArrowDown']) await page.keyboard.press(key);
    // Whole, but for the half pixel that a list can be scrolled by.
    const isSeen = async () => {
      const { y, height } = (await selected().boundingBox())!;
      return y > 0 && Math.floor(y + height) <= 340;
    };
    await expect.poll(isSeen).toBe(true);
    await shot('narrow');
    await expectSound(panel);
    await page.setViewportSize({ width: 600, height: 340 });
    const level = async () => (await cell(1590, 'question'))!.y - (await cell(1590, 'step'))!.y;
    await expect.poll(level).toBe(0);
  });

  test('grows with a run without jumps, and reports unreadable lines', async () => {
    const page = await open(1600, { width: 300 }, 3);
    await page.getByText('3 unreadable lines').click();
    await page.getByText('traces/step-000003.jsonl:2: This is not JSON.').waitFor();
    await shot('narrow-broken');
    const isCut = ({ scrollWidth, clientWidth }: Element) => scrollWidth > clientWidth;
    for (const label of await page.locator('.head .label').all())
      expect(await label.evaluate(isCut), (await label.textContent())!).toBe(false);
    const overflow = await page.getByRole('grid').evaluate((grid) => grid.scrollWidth - grid.clientWidth);
    expect(overflow).toBe(0);
    await expectSound(panel);
    const grid = page.getByRole('grid');
    await grid.evaluate((element) => element.scrollTo(0, 9000));
    const first = () => rows().first().getAttribute('aria-rowindex');
    await expect.poll(first).not.toBe('2');
    const [before, top] = [await first(), await grid.evaluate((element) => element.scrollTop)];
    panel.channel.notify('reading', { share: 0.42 });
    await page.getByText('Reading traces: 42%').waitFor();
    await shot('reading');
    panel.channel.notify('refresh', null);
    panel.channel.notify('reading', { share: null });
    await status().getByText('1,600 pairs', { exact: true }).waitFor();
    expect([await first(), await grid.evaluate((element) => element.scrollTop)]).toEqual([before, top]);
    expect(panel.faults).toEqual([]);
  });

  test('shows a message for a run without pairs', async () => {
    const page = await open(0);
    await page.getByText('No pairs yet.').waitFor();
    await expectSound(panel);
  });
});
