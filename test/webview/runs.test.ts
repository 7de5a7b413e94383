import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { UNREAD } from '../../src/lab/operations/list-runs.action.ts';
import type { RunsHost, RunsPage, RunSummary } from '../../src/panels/runs/runs.contract.ts';
import { slowly } from '../support/slow.ts';
import { describePanel, shotsOf, inThemes, type Panel, type PanelOptions } from './page.ts';
import { expectSound, expectSoundWhenNarrow } from './sound.ts';
import { share } from '../support/listed-runs.ts';

function run(name: string, both: number | null, change: Partial<RunSummary> = {}): RunSummary {
  return {
    ...UNREAD,
    name,
    dir: `/lab/runs/${name}`,
    root: '/lab/runs',
    recipe: 'grpo',
    model: 'embedded',
    data: ['data/train.qa.jsonl'],
    started: '2026-03-01T10:00:00Z',
    reward: both,
    state: {
      status: 'finished',
      phase: 'finished',
      step: 70,
      steps: 70,
      message: '',
      host: 'box',
      heartbeat: '2026-03-01T10:12:00Z',
    },
    meter:
      both === null
        ? null
        : {
            original: share(both),
            view: 'mirror',
            other: share(both),
            both: { ...share(both), interval: [both - 0.05, both + 0.05] },
            diverges: false,
            step: 70,
            evaluation: 'step-000070',
          },
    ...change,
  };
}

const RUNS = [
  run('spatial', 0.83, { note: 'the paper’s\nmore' }),
  run('given', 0.43, {
    meter: {
      view: 'mirror',
      original: share(0.96),
      other: share(0.47),
      both: { ...share(0.43), interval: [0.38, 0.48] },
      diverges: true,
      step: 70,
      evaluation: 'step-000070',
    },
    reward: 0.98,
  }),
  run('sft', null, { recipe: 'sft', model: 'torch Qwen/Qwen2.5-VL-3B-Instruct', started: null }),
  run('<b>bold</b>', 0.5, { note: '\u202eevil', root: '/lab/other' }),
];

describePanel<RunsPage>('Runs panel', 'runs', (openIn) => {
  let panel: Panel<RunsPage>;
  let asked: unknown[];
  let chosenInHost: readonly string[];

  async function open(
    runs: readonly RunSummary[] = RUNS,
    options: Partial<PanelOptions> = {},
  ): Promise<Page> {
    asked = [];
    const host: RunsHost = {
      ready: () => void asked.push('ready'),
      act: (args) => void asked.push(args),
      choose: ({ dirs }) => void (chosenInHost = dirs),
      copy: ({ text, done }) => Promise.resolve(void asked.push({ text, done })),
      newRun: () => void asked.push('newRun'),
      runsDifferences: ({ dirs }) =>
        Promise.resolve([{ path: 'coupling.eta', values: dirs.map((_, i) => (i === 0 ? null : `${i}`)) }]),
    };
    panel = await openIn(host, { width: 1440, height: 700, ...options });
    await expect.poll(() => asked).toContain('ready');
    panel.channel.notify('show', { runs });
    return panel.page;
  }
  const shot = shotsOf('runs', () => panel.page);
  const names = () => panel.page.locator('.body .name').allTextContents();
  const head = (label: string) => panel.page.getByRole('columnheader', { name: label }).getByRole('button');

  inThemes('lists runs, and the settings in which selected runs differ', async (theme) => {
    const page = await open(RUNS, { theme });
    await page.locator('.row', { hasText: 'spatial' }).click();
    await page.locator('.row', { hasText: 'given' }).click({ modifiers: ['Shift'] });
    await expect
      .poll(() => page.locator('.body .differs').allTextContents())
      .toEqual(['coupling.eta not set', 'coupling.eta 1', 'not selected', 'not selected']);
    const heads = await page.getByRole('columnheader').allTextContents();
    expect(heads.slice(0, 3)).toEqual(['Run', 'Differences', 'Pair accuracy']);
    expect(await page.locator('.body .both').allTextContents()).toEqual([
      '83.0% [78.0, 88.0]',
      '43.0% [38.0, 48.0] view gap',
      '–',
      '50.0% [45.0, 55.0]',
    ]);
    expect(await page.locator('.body .duration').first().textContent()).toBe('12 min');
    await shot(theme);
    await expectSound(panel);
    await expectSoundWhenNarrow(panel, () => shot(`${theme}-narrow`));
  });

  test('sorts runs by any column with missing values last, and filters runs by words', async () => {
    const page = await open();
    await head('Pair accuracy').click();
    await expect.poll(names).toEqual(['given', '<b>bold</b>', 'spatial', 'sft']);
    await head('Pair accuracy').press('Enter');
    await expect.poll(names).toEqual(['spatial', '<b>bold</b>', 'given', 'sft']);
    await head('Pair accuracy').click();
    await expect.poll(names).toEqual(RUNS.map(({ name }) => name));
    await head('Model').click();
    await expect.poll(async () => (await names()).at(-1)).toBe('sft');
    await page.getByRole('searchbox').fill('QWEN sft');
    await expect.poll(names).toEqual(['sft']);
    expect(await page.getByRole('status').textContent()).toBe('1 of 4 runs');
    await page.getByRole('searchbox').fill('nothing like it');
    await page.getByRole('button', { name: 'Show All Runs' }).click();
    await expect.poll(() => names().then((all) => all.length)).toBe(4);
    expect(await panel.memory()).toEqual({
      filter: '',
      sort: { column: 'model', descending: false },
      columns: null,
    });
  });

  test('shows the distinguishing ends of long sweep run names', async () => {
    const cells = Array.from({ length: 3 }, (_, i) => run(`sweep-cell-eta-0.25-seed-${i}`, 0.5));
    const page = await open(cells, { width: 900 });
    const cut = await page
      .locator('.body .name')
      .evaluateAll((all) => all.filter((one) => one.scrollWidth > one.clientWidth).length);
    expect(cut).toBe(0);
    await shot('sweep');
  });

  inThemes(
    'keeps names in sight, and hides columns with a single value until the user shows them',
    async (theme) => {
      const runs = [run('a', 0.5), run('b', 0.6, { data: ['/lab/skewed/data.qa.jsonl'] }), run('c', 0.7)];
      const page = await open(runs, { theme, width: 640 });
      const heads = () => page.getByRole('columnheader').allTextContents();
      await expect.poll(heads).toEqual(['Run', 'Pair accuracy', 'Status', 'Data']);
      expect(await page.locator('.body .data').nth(1).textContent()).toBe('/lab/skewed');
      await page.locator('summary', { hasText: 'Columns' }).click();
      for (const label of ['Model', 'Started'])
        await page.getByRole('checkbox', { name: label, exact: true }).click();
      await page.keyboard.press('Escape');
      expect(await heads()).toEqual(['Run', 'Pair accuracy', 'Status', 'Model', 'Data', 'Started']);
      await page.locator('.row', { hasText: /^a/ }).click();
      await page.locator('.row', { hasText: /^c/ }).click({ modifiers: ['Control'] });
      await page.locator('.body .differs').first().waitFor();
      await page.getByRole('grid').evaluate((grid) => grid.scrollTo(400, 0));
      for (const name of await page.locator('.body .name, [role=columnheader]:first-child').all())
        expect((await name.boundingBox())!.x).toBe(0);
      await shot(`scrolled-${theme}`);
      await expectSound(panel);
    },
  );

  test('selects, opens, renames, deletes and annotates runs by keyboard', async () => {
    const page = await open();
    await page.getByRole('grid').focus();
    const chosen = () => page.locator('.row[aria-selected=true] .name').allTextContents();
    await page.keyboard.press('ArrowDown');
    await expect.poll(chosen).toEqual(['spatial']);
    await page.keyboard.press('Shift+End');
    await expect.poll(chosen).toHaveLength(4);
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+a');
    await expect.poll(chosen).toHaveLength(4);
    await page.keyboard.press(' ');
    await expect.poll(chosen).toHaveLength(3);
    expect(chosenInHost).toEqual(RUNS.slice(1).map(({ dir }) => dir));
    asked.length = 0;
    for (const key of ['Enter', 't', 'n', 'F2', 'Delete']) await page.keyboard.press(key);
    const [spatial, ...others] = RUNS.map(({ dir }) => dir);
    await expect
      .poll(() => asked)
      .toEqual([
        { action: 'open', dirs: [spatial] },
        { action: 'openTraces', dirs: [spatial] },
        { action: 'notes', dirs: [spatial] },
        { action: 'rename', dirs: [spatial] },
        { action: 'delete', dirs: others },
      ]);
  });

  test('copies selected runs with the visible columns, and stores the columns', async () => {
    const page = await open();
    const menu = (label: string) => page.locator('summary', { hasText: label });
    await menu('Columns').click();
    for (const label of ['Duration', 'Started', 'Status', 'Model'])
      await page.getByRole('checkbox', { name: label, exact: true }).click();
    await page.keyboard.press('Escape');
    await page.locator('.row', { hasText: 'given' }).click();
    await page.locator('.row', { hasText: 'bold' }).click({ modifiers: ['Control'] });
    await page.locator('.body .differs').first().waitFor();
    await menu('Copy').click();
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    await expect
      .poll(() => asked.at(-1))
      .toEqual({
        text:
          'Run,Pair accuracy,Recipe,Note,coupling.eta\r\n' +
          'given,"43.0% [38.0, 48.0]",grpo,,\r\n<b>bold</b>,"50.0% [45.0, 55.0]",grpo,⟨U+202E⟩evil,1\r\n',
        done: '2 runs copied as CSV.',
      });
    await menu('Copy').click();
    await page.getByRole('button', { name: 'Copy as Markdown' }).click();
    await expect
      .poll(() => (asked.at(-1) as { text: string }).text)
      .toContain('| \\<b\\>bold\\</b\\> | 50.0% \\[45.0, 55.0\\] | grpo |');
    expect(await panel.memory()).toMatchObject({ columns: ['name', 'differs', 'both', 'recipe', 'note'] });
  });

  slowly('draws of ten thousand runs those in view, follows the list, and has a word for none', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => run(`run-${i}`, (i % 100) / 100));
    const page = await open(many);
    await page.getByRole('grid').focus();
    await page.keyboard.press('End');
    await page.locator('.row', { hasText: 'run-9999' }).waitFor();
    expect(await page.locator('.body .row').count()).toBeLessThan(60);
    expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe('10001');
    panel.channel.notify('show', { runs: many.slice(0, 3) });
    await expect.poll(names).toEqual(['run-0', 'run-1', 'run-2']);
    expect(await page.getByRole('status').textContent()).toBe('3 runs');
    panel.channel.notify('show', { runs: [] });
    await page.getByRole('button', { name: 'Start a Run…' }).click();
    await expect.poll(() => asked.at(-1)).toBe('newRun');
    await shot('empty');
    await expectSound(panel);
  });
});
